using System.CommandLine;
using Mdfld.Cli.Detecting;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld detect</c>: landmarks of the faces in each picture.</summary>
internal sealed class DetectCommand : Command
{
    private readonly Argument<string[]> _paths = new("PATH")
    {
        Description = "Pictures, folders, patterns such as 'art/*.jpg'; - for a picture on standard input",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> _list = SharedOptions.Text(
        "--files-from", "FILE", "A file of picture paths, one a line; - for standard input");

    private readonly Option<bool> _nul = new("--null", "-0")
    {
        Description = "With --files-from: paths end with NUL (find -print0)",
    };

    private readonly Option<string?> _folder = SharedOptions.OutOrNone(
        "DIR", "Folder for the results, a file a picture (csv, jsonl: one file); without it they are printed");

    private readonly Option<string?> _format = SharedOptions.ChoiceOrNone(
        "--format",
        "Format of the results; pts as iBUG's, but pixels count from 0 [default: json; on a terminal a line a picture]",
        [.. ResultWriter.Formats]);

    private readonly Option<bool> _json = SharedOptions.Flag("--json", "As --format json");

    private readonly Option<bool> _overlay = new("--overlay", "--save")
    {
        Description = "Also draws the landmarks on each picture, into --out or a new folder 'detected'",
    };

    private readonly Option<string> _draw = SharedOptions.Value(
        "--draw", "LIST", "What else --overlay draws, of confidence,box,uncertainty; or none", "confidence");

    private readonly Option<string?> _crops = SharedOptions.Text(
        "--crops", "DIR", "Also writes each face upright, 256 x 256 pixels, into this folder");

    private readonly Option<bool> _resume = SharedOptions.Flag(
        "--resume", "Goes on where a run was stopped; does again what failed or differs");

    private readonly Option<bool> _force = SharedOptions.Force();

    private readonly Option<string> _boxes = SharedOptions.Choice(
        "--boxes", "found: where the finder finds faces; whole: each picture is one face", "found", "whole");

    private readonly Option<float?> _threshold = SharedOptions.NumberOrNone<float>(
        "--threshold", "P", "Hides faces of less confidence, 0 to 1 [default: the model's]", 0, 1);

    private readonly Option<int?> _most = SharedOptions.NumberOrNone(
        "--max-faces", "N", "Most faces of a picture, those of the highest confidence", 1, int.MaxValue);

    private readonly Option<bool> _mirror = SharedOptions.Mirror();
    private readonly Option<bool> _quiet = SharedOptions.Quiet();
    private readonly DetectionOptions _detection = new();

    public DetectCommand()
        : base("detect", "Finds faces and their landmarks in pictures.")
    {
        Add(_paths);
        Option[] options =
        [
            _list, _nul, _folder, _format, _json, _overlay, _draw, _crops, _resume, _force, _quiet,
            _boxes, _threshold, _most, _mirror,
        ];
        foreach (var option in options)
            Add(option);
        this.Add(_detection);
        SetAction((parsed, stop) => Task.Run(() => RunAsync(parsed, stop), CancellationToken.None));
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var (folder, quiet, console) =
            (parsed.GetValue(_folder), parsed.GetValue(_quiet), parsed.InvocationConfiguration);
        if (folder is null && parsed.GetValue(_resume))
            throw new UsageException("--resume needs --out DIR: there it finds what is done");
        var isTerminal = Terminal.Is(console.Output);
        // Numbers of 68 points are for programs; a person gets a line a picture.
        var asked = parsed.GetValue(_format) ?? (parsed.GetValue(_json) ? "json" : null);
        if (parsed.GetValue(_json) && asked != "json")
            throw new UsageException($"--json and --format {asked}: give one of them");
        var format = asked ?? (folder is null && isTerminal ? null : "json");
        var overlay = OverlayOf(parsed);
        var pictures = await FindAsync(parsed, stop);
        if (format is "pts" or "svg" && folder is null && pictures.Count != 1)
        {
            var many = pictures.Count is { } count ? $"{count} pictures" : "a list of pictures";
            throw new UsageException($"--format {format} of {many} needs --out DIR: a file each");
        }

        // Many pictures run side by side, a thread each; a single one may have them all.
        var threads = _detection.Threads(parsed);
        using var detector = Load(parsed, pictures.Count == 1 ? threads : 1);
        var choice = new FaceChoice(
            parsed.GetValue(_threshold) ?? (IsSingle(parsed) ? 0 : detector.Model.Threshold ?? 0),
            parsed.GetValue(_most));
        using var record = folder is null ? null : RunRecord.Open(
            folder, "detect", Settings(parsed, format, choice), parsed.GetValue(_resume), parsed.GetValue(_force));
        // What an earlier run drew is no input.
        if (record is not null)
            pictures = pictures.Without(DetectionSink.OverlaysOf(record));
        var resume = record is { Difference: null } && parsed.GetValue(_resume);
        using var sink = record is not null ? DetectionSink.In(record, format!, detector.Model, resume)
            : format is null ? DetectionSink.None
            : DetectionSink.To(
                isTerminal ? new CleanWriter(console.Output) : console.Output, format, detector.Model);
        var overlays = overlay is null ? null : folder ?? NewFolder();
        var run = new DetectionRun(detector, sink)
        {
            Overlays = overlays,
            Overlay = overlay,
            Crops = CropsOf(parsed),
            Replaced = record?.Replaced ?? [],
            Choice = choice,
            Replaces = parsed.GetValue(_force) || parsed.GetValue(_resume),
            MaxPixels = _detection.MaxPixels(parsed),
            Workers = pictures.Count == 1 ? 1 : threads,
        };
        var isPrinted = folder is null && format is not null;
        var lines = isTerminal && !isPrinted && !quiet ? console.Output : null;
        var progress = new DetectionProgress(console.Error, lines, pictures, choice);
        if (record?.Difference is { } difference)
            progress.Say($"{folder}: the earlier run had another {difference}: all pictures are done again");
        return await progress.RunAsync(quiet, bar: lines is null && !(isPrinted && isTerminal), async () =>
        {
            var code = await run.RunAsync(pictures, progress, stop);
            if (code == ExitCode.Interrupted && folder is not null)
                progress.Say($"stopped; {progress.Completed} pictures are done, --resume goes on");
            // Of a single picture that fails all is said.
            else if (code != ExitCode.Interrupted && (code == 0 ? !quiet : pictures.Count != 1))
                progress.Say(progress.Summary(Hint(parsed)) + Written(folder, overlays, run.Crops));
            return code;
        });
    }

    private static string Written(string? folder, string? overlays, string? crops)
    {
        var text = folder is not null ? $"; results in {folder}" : overlays is not null ? $"; drawn in {overlays}" : "";
        return crops is null ? text : $"{text}; faces in {crops}";
    }

    private string Hint(ParseResult parsed) => IsSingle(parsed) || _detection.IsThorough(parsed)
        ? "" : "--search thorough finds smaller and turned ones";

    private bool IsSingle(ParseResult parsed) => parsed.GetRequiredValue(_boxes) == "whole";

    /// <summary>All on which results depend.</summary>
    private Dictionary<string, string?> Settings(ParseResult parsed, string? format, FaceChoice choice) =>
        new(_detection.Settings(parsed))
        {
            // The default finder is inside the program.
            ["program"] = ProgramVersion.Build,
            ["--format"] = format,
            ["--overlay"] = parsed.GetValue(_overlay) ? parsed.GetRequiredValue(_draw) : null,
            ["--crops"] = parsed.GetValue(_crops) is { } crops ? Path.GetFullPath(crops) : null,
            ["--boxes"] = parsed.GetRequiredValue(_boxes),
            ["--threshold"] = choice.Threshold.ToString("R", CultureInfo.InvariantCulture),
            ["--max-faces"] = choice.Most?.ToString(CultureInfo.InvariantCulture),
            ["--mirror"] = parsed.GetValue(_mirror) ? "yes" : null,
        };

    /// <summary>A folder in the current one that holds nothing.</summary>
    private static string NewFolder()
    {
        for (var i = 1; ; i++)
        {
            var name = i == 1 ? "detected" : $"detected-{i}";
            if (Path.Exists(name) && (File.Exists(name) || Directory.EnumerateFileSystemEntries(name).Any()))
                continue;
            Directory.CreateDirectory(name);
            return name;
        }
    }

    private Overlay? OverlayOf(ParseResult parsed)
    {
        var isAsked = parsed.GetValue(_overlay);
        if (!isAsked && parsed.GetResult(_draw) is { Implicit: false })
            throw new UsageException("--draw needs --overlay");
        string[] parts = parsed.GetRequiredValue(_draw) is "none" ? [] : parsed.GetRequiredValue(_draw).Split(',');
        if (parts.FirstOrDefault(part => part is not ("confidence" or "box" or "uncertainty")) is { } other)
        {
            throw new UsageException(
                $"--draw cannot draw '{other}'; it knows confidence, box and uncertainty, parted by commas, or none");
        }
        return !isAsked ? null : new Overlay
        {
            Box = parts.Contains("box"),
            Confidence = parts.Contains("confidence"),
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

    private LandmarkDetector Load(ParseResult parsed, int threads) => _detection.Load(parsed, new DetectorOptions
    {
        Threads = threads,
        // All are counted; which are kept is decided here.
        Threshold = 0,
        SingleFace = IsSingle(parsed),
        Mirror = parsed.GetValue(_mirror),
    });

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
