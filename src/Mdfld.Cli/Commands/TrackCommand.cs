using System.Diagnostics;
using Mdfld.Cli.Tracking;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld track</c>: faces through the frames of a video.</summary>
internal sealed class TrackCommand : Command
{
    private static readonly string[] Exports = [.. TrackWriter.MotionFormats, "svg"];

    private readonly Argument<string> _video = new("VIDEO")
    {
        Description = "A video, a folder of its frames, or - for standard input",
    };

    private readonly Option<string?> _folder = SharedOptions.OutOrNone(
        "DIR", "Folder for the results; without it the table is printed");

    private readonly Option<string> _format = SharedOptions.Choice(
        "--format", "jsonl: an object a frame; csv: a line a face of a frame", "jsonl", "csv");

    private readonly Option<string?> _export = SharedOptions.Text(
        "--export", "LIST", $"Also writes, a file a face, of {string.Join(", ", Exports)}; needs --out");

    private readonly Option<bool> _overlay = SharedOptions.Flag(
        "--overlay", "Also draws the points: overlay.mp4; needs --out");

    private readonly Option<string?> _live = SharedOptions.Text(
        "--live", "WxH", "With -: raw frames of this size, rgb24, as they come; those that come too fast are passed over");

    private readonly Option<double> _rate = SharedOptions.Number(
        "--rate", "FPS", "Frames a second of a folder or of standard input", 30.0, 0.01, 1000.0);

    private readonly Option<int?> _vmc = SharedOptions.NumberOrNone(
        "--vmc", "PORT", "Sends the largest face to this machine by the VMC protocol [usual port: 39539]", 1, 65535);

    private readonly Option<double> _neutral = SharedOptions.Number(
        "--neutral", "SECONDS", "So long each face is at rest when it appears; expressions count from there", 0.0, 0.0, 3600.0);

    private readonly Option<double?> _focal = SharedOptions.NumberOrNone(
        "--focal", "PIXELS", "Focal length of the camera: poses in perspective, with the distance", 1.0, 1e6);

    private readonly Option<int> _every = SharedOptions.Number(
        "--find-every", "N", "Frames between two searches for faces, while none is missing", 20, 1, 100_000);

    private readonly Option<bool> _force = SharedOptions.Force();
    private readonly Option<bool> _quiet = SharedOptions.Quiet();
    private readonly DetectionOptions _detection = new();

    public TrackCommand()
        : base("track", "Follows faces and their landmarks through a video.")
    {
        Add(_video);
        Option[] options =
        [
            _folder, _format, _export, _overlay, _live, _rate, _vmc, _neutral, _focal, _every, _force, _quiet,
        ];
        foreach (var option in options)
            Add(option);
        this.Add(_detection);
        this.Does(Run);
    }

    private int Run(ParseResult parsed, CancellationToken stop)
    {
        var (folder, quiet, console) = (parsed.GetValue(_folder), parsed.GetValue(_quiet), parsed.InvocationConfiguration);
        var exports = ExportsOf(parsed);
        if (folder is not null)
            InputFiles.Keep(TrackOutput.OverlayOf(folder), parsed.GetRequiredValue(_video));
        using var frames = Open(parsed);
        using var detector = _detection.Load(parsed, new DetectorOptions { Threads = _detection.Threads(parsed) });
        using var vmc = parsed.GetValue(_vmc) is { } port ? new VmcSender(port) : null;
        using var output = new TrackOutput(
            folder, parsed.GetRequiredValue(_format), exports, parsed.GetValue(_overlay), parsed.GetValue(_force),
            Terminal.Is(console.Output) ? new CleanWriter(console.Output) : console.Output, frames.Rate);
        var tracker = new LandmarkTracker(detector)
        {
            FindEvery = parsed.GetValue(_every),
            NeutralSeconds = parsed.GetValue(_neutral),
            FocalLength = (float?)parsed.GetValue(_focal),
        };
        var progress = new TrackProgress(console.Error, frames);
        return progress.RunAsync(quiet, bar: folder is not null, () => Task.FromResult(Follow())).GetAwaiter().GetResult();

        int Follow()
        {
            try
            {
                while (frames.Next(stop) is var (picture, number, time))
                {
                    stop.ThrowIfCancellationRequested();
                    var faces = tracker.Track(picture, time, stop);
                    if (vmc is not null && faces.MaxBy(f => f.Smooth.Box.Width) is { } largest)
                        vmc.Send(largest, time);
                    output.Write(picture, number, time, faces);
                    progress.Add(faces.Length);
                }
            }
            // A decoder that is ended in the middle of a frame says so in its own way.
            catch (Exception) when (stop.IsCancellationRequested)
            {
                progress.Note($"stopped after {progress.Completed} frames");
                return ExitCode.Interrupted;
            }
            output.Complete();
            progress.Note(progress.Summary(output.Faces, tracker.FinderRuns) + (folder is null ? "" : $"; results in {folder}"));
            return 0;
        }
    }

    private string[] ExportsOf(ParseResult parsed)
    {
        var exports = (parsed.GetValue(_export) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);
        if (exports.FirstOrDefault(e => !Exports.Contains(e)) is { } other)
            throw new UsageException($"--export '{other}': expected of {string.Join(", ", Exports)}, parted by commas");
        if (parsed.GetValue(_folder) is null && (exports.Length > 0 || parsed.GetValue(_overlay)))
            throw new UsageException($"{(exports.Length > 0 ? "--export" : "--overlay")} needs --out DIR");
        return exports;
    }

    private FrameSource Open(ParseResult parsed)
    {
        var (video, live, rate, most) = (
            parsed.GetRequiredValue(_video), parsed.GetValue(_live), parsed.GetValue(_rate), _detection.MaxPixels(parsed));
        var isPiped = video == VideoReader.StandardInput;
        if (live is null)
        {
            return FileNames.IsFolder(video) ? new FolderFrames(video, rate, most)
                : File.Exists(video) || isPiped
                    ? new VideoFrames(VideoReader.Open(video, isPiped ? Console.OpenStandardInput() : null, rate, most))
                    : throw new UsageException($"{video}: no such file or folder");
        }
        if (!isPiped)
            throw new UsageException("--live reads frames from standard input: name - as the video");
        var sides = live.Split('x');
        return sides.Length == 2 && Side(sides[0]) is { } width && Side(sides[1]) is { } height
            && (long)width * height <= Math.Min(most, Array.MaxLength / Picture.Channels)
            ? new LiveFrames(Console.OpenStandardInput(), width, height, rate)
            : throw new UsageException($"--live '{live}': expected columns x rows, such as 640x480, at most --max-pixels {most}");

        static int? Side(string text) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var side) && side > 0 ? side : null;
    }

    /// <summary>Counts frames.</summary>
    private sealed class TrackProgress(TextWriter error, FrameSource frames) : RunProgress(error, "frames", frames.Count)
    {
        private int _inThis;

        protected override string Counts => string.Create(
            CultureInfo.InvariantCulture,
            $"{Seen}{OfTotal} frames, {Seen / Elapsed.TotalSeconds:0.0} frames/s, faces now: {_inThis}");

        public void Add(int faces)
        {
            _inThis = faces;
            Add();
        }

        public string Summary(int faces, int searches)
        {
            var text = string.Create(
                CultureInfo.InvariantCulture,
                $"{Completed} frames, {Completed / Math.Max(Elapsed.TotalSeconds, 1e-3):0.0} frames/s: {faces} different "
                + $"face{(faces == 1 ? "" : "s")}, searched in {searches} of the frames");
            return frames.Dropped > 0 ? $"{text}; {frames.Dropped} frames passed over to keep up" : text;
        }
    }
}
