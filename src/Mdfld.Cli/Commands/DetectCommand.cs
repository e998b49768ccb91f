using System.CommandLine;
using Mdfld.Cli.Detecting;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld detect</c>: landmarks of the faces in each picture.</summary>
internal sealed class DetectCommand : Command
{
    private readonly Argument<string[]> _paths = new("PATH")
    {
        Description = "Pictures, folders of pictures, patterns such as 'art/*.jpg', or - for one on standard input",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> _list = SharedOptions.Text(
        "--files-from", "FILE", "A file of picture paths, one a line; - reads them from standard input as they come");

    private readonly Option<bool> _nul = new("--null", "-0")
    {
        Description = "With --files-from: paths end with NUL, as find -print0 writes them",
    };

    private readonly Option<string?> _folder = SharedOptions.Text(
        "--out", "DIR", "Writes a file a picture into this folder (csv, jsonl: one file) instead of printing");

    private readonly Option<string> _format = SharedOptions.Choice(
        "--format", "json, jsonl (an object a line), pts (as iBUG's, pixels counted from 0) or csv",
        [.. ResultWriter.Formats]);

    private readonly Option<bool> _overlay = SharedOptions.Flag(
        "--overlay", "With --out: also the pictures with the landmarks drawn");

    private readonly Option<string?> _draw = SharedOptions.Text(
        "--draw", "LIST", "With --overlay: what else is drawn, of box,score,uncertainty");

    private readonly Option<string?> _crops = SharedOptions.Text(
        "--crops", "DIR", "Also writes each face, upright and 256 x 256 pixels, as a PNG into this folder");

    private readonly Option<bool> _resume = SharedOptions.Flag(
        "--resume", "With --out: goes on where the same command was stopped; tries failed pictures again");

    private readonly Option<string> _boxes = SharedOptions.Choice(
        "--boxes", "found searches for every face; whole takes each picture for one face", "found", "whole");

    private readonly Option<float?> _threshold = new("--threshold")
    {
        Description = "Leaves out faces of less confidence, 0 to 1 [default: the model's]",
        HelpName = "P",
    };

    private readonly Option<int?> _most = new("--max-faces")
    {
        Description = "Keeps the so many most trustworthy faces of a picture",
        HelpName = "N",
    };

    private readonly Option<bool> _quiet = SharedOptions.Quiet();
    private readonly Option<string> _model = SharedOptions.Model();
    private readonly FinderOptions _finder = new();
    private readonly Option<bool> _trustCode = SharedOptions.TrustCode();
    private readonly Option<string> _device = SharedOptions.Device();
    private readonly Option<int> _threads = SharedOptions.Threads();
    private readonly Option<long> _maxPixels = SharedOptions.MaxPixels();

    public DetectCommand()
        : base("detect", "Finds the landmarks of the faces in each picture and prints them.")
    {
        Add(_paths);
        Option[] options =
        [
            _list, _nul, _folder, _format, _overlay, _draw, _crops, _resume, _quiet,
            _boxes, _threshold, _most, _model, _trustCode, _device, _threads, _maxPixels,
        ];
        foreach (var option in options)
            Add(option);
        this.Add(_finder);
        SetAction((parsed, stop) => Task.Run(() => RunAsync(parsed, stop), CancellationToken.None));
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var (folder, format) = (parsed.GetValue(_folder), parsed.GetRequiredValue(_format));
        Check(parsed, folder);
        var overlay = OverlayOf(parsed);
        var pictures = await FindAsync(parsed, stop);
        if (format == "pts" && folder is null && pictures.Count != 1)
        {
            var many = pictures.Count is { } count ? $"{count} pictures" : "a list of pictures";
            throw new UsageException($"--format pts of {many} needs --out DIR: a file each");
        }

        // Many pictures run side by side, a thread each; a single one may have them all.
        var threads = parsed.ThreadsOf(_threads);
        using var detector = Load(parsed, pictures.Count == 1 ? threads : 1);
        var console = parsed.InvocationConfiguration;
        using var sink = folder is null
            ? DetectionSink.To(console.Output, format, detector.Model)
            : DetectionSink.In(folder, format, detector.Model, parsed.GetValue(_resume));
        var run = new DetectionRun(detector, sink)
        {
            Overlays = overlay is null ? null : folder,
            Overlay = overlay,
            Crops = CropsOf(parsed),
            MaxPixels = parsed.GetValue(_maxPixels),
            Workers = pictures.Count == 1 ? 1 : threads,
        };
        var bar = folder is not null || Console.IsOutputRedirected;
        var progress = new DetectionProgress(console.Error, pictures.Count);
        return await progress.RunAsync(parsed.GetValue(_quiet), bar, async () =>
        {
            var code = await run.RunAsync(pictures, progress, stop);
            if (code == ExitCode.Interrupted && folder is not null)
                progress.Say($"stopped; {progress.Completed} pictures are done, --resume goes on");
            return code;
        });
    }

    private void Check(ParseResult parsed, string? folder)
    {
        if (folder is null && parsed.GetValue(_overlay))
            throw new UsageException("--overlay needs --out DIR: nothing is written unasked");
        if (folder is null && parsed.GetValue(_resume))
            throw new UsageException("--resume needs --out DIR: there it finds what is done");
        if (File.Exists(folder))
            throw new UsageException($"--out {folder}: this is a file, expected a folder");
        if (parsed.GetValue(_threshold) is not (null or (>= 0 and <= 1)))
            throw new UsageException("--threshold must lie between 0 and 1");
        if (parsed.GetValue(_most) < 1)
            throw new UsageException("--max-faces must be at least 1");
    }

    private Overlay? OverlayOf(ParseResult parsed)
    {
        var isAsked = parsed.GetValue(_overlay);
        var parts = parsed.GetValue(_draw)?.Split(',') ?? [];
        if (parts.Length > 0 && !isAsked)
            throw new UsageException("--draw needs --overlay");
        if (parts.FirstOrDefault(part => part is not ("box" or "score" or "uncertainty")) is { } other)
            throw new UsageException($"--draw cannot draw '{other}'; it knows box, score and uncertainty");
        return !isAsked ? null : new Overlay
        {
            Box = parts.Contains("box"),
            Confidence = parts.Contains("score"),
            Uncertainty = parts.Contains("uncertainty"),
        };
    }

    private string? CropsOf(ParseResult parsed)
    {
        if (parsed.GetValue(_crops) is not { } folder)
            return null;
        if (File.Exists(folder))
            throw new UsageException($"--crops {folder}: this is a file, expected a folder");
        return Directory.CreateDirectory(folder).FullName;
    }

    private LandmarkDetector Load(ParseResult parsed, int threads)
    {
        var isSingle = parsed.GetRequiredValue(_boxes) == "whole";
        var options = _finder.Apply(parsed, new DetectorOptions
        {
            Threads = threads,
            Device = parsed.GetRequiredValue(_device),
            Threshold = parsed.GetValue(_threshold) ?? (isSingle ? 0 : null),
            SingleFace = isSingle,
            MaximumFaces = parsed.GetValue(_most),
        });
        var trust = new CodeTrust(parsed.GetValue(_trustCode), parsed.InvocationConfiguration.Error);
        return ModelFolder.Load(parsed.GetRequiredValue(_model), options, trust);
    }

    private async Task<PictureList> FindAsync(ParseResult parsed, CancellationToken stop)
    {
        var (paths, list) = (parsed.GetValue(_paths) ?? [], parsed.GetValue(_list));
        if (list is null && parsed.GetValue(_nul))
            throw new UsageException("--null needs --files-from FILE");
        if (list is null)
        {
            return paths.Length > 0
                ? PictureList.Of(PictureFiles.Find(paths))
                : throw new UsageException("name a picture, a folder, or --files-from FILE. See: mdfld detect --help");
        }
        if (paths.Length > 0)
            throw new UsageException($"{paths[0]}: pictures come from PATH or from --files-from, not both");
        if (list != PictureInput.StandardInput && !File.Exists(list))
            throw new UsageException($"--files-from {list}: no such file");
        return await PictureList.ReadAsync(list, parsed.GetValue(_nul) ? '\0' : '\n', stop);
    }
}
