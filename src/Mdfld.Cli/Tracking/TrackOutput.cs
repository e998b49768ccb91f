using System.Text;
using System.Text.RegularExpressions;

namespace Mdfld.Cli.Tracking;

/// <summary>The files of a run of <c>mdfld track</c>; they have their names when the last frame is done.</summary>
internal sealed partial class TrackOutput : IDisposable
{
    private readonly List<(string Path, StreamWriter File)> _files = [];
    private readonly Dictionary<(string, int), TrackWriter> _motions = [];
    private readonly HashSet<int> _ids = [];
    private readonly string? _folder;
    private readonly string[] _exports;
    private readonly TextWriter _printed;
    private readonly string _format;
    private readonly double _rate;
    private TrackWriter? _table;
    private VideoWriter? _video;

    /// <param name="folder">Null to print the table.</param>
    /// <param name="format">Of the table: jsonl or csv.</param>
    /// <param name="exports">Of <see cref="TrackWriter.MotionFormats"/>, and svg.</param>
    /// <param name="printed">Where a table without a folder goes.</param>
    /// <param name="rate">Frames a second.</param>
    /// <exception cref="UsageException">The folder holds an earlier run's results.</exception>
    public TrackOutput(
        string? folder, string format, string[] exports, bool overlay, bool force, TextWriter printed, double rate)
    {
        (_folder, _exports, _printed, _format, _rate) = (folder, exports, printed, format, rate);
        if (folder is null)
            return;
        if (File.Exists(folder))
            throw new UsageException($"--out {folder}: this is a file, expected a folder");
        Directory.CreateDirectory(folder);
        string[] earlier = [.. Earlier(folder)];
        if (earlier.Length > 0 && !force)
            throw new UsageException($"--out {folder}: holds the results of an earlier run; choose another, or --force");
        // Other faces, exports and frames than this run's would lie among its own.
        foreach (var file in earlier)
            File.Delete(file);
        if (overlay)
            _video = new VideoWriter(Overlay, rate);
    }

    /// <summary>Different faces so far.</summary>
    public int Faces => _ids.Count;

    private string Table => Path.Combine(_folder!, "track." + _format);

    private string Overlay => OverlayOf(_folder!);

    /// <summary>The video that is drawn upon.</summary>
    public static string OverlayOf(string folder) => Path.Combine(folder, "overlay.mp4");

    /// <summary>Takes the faces of a frame, which is drawn upon.</summary>
    public void Write(Picture picture, int number, double time, TrackedFace[] faces)
    {
        _table ??= new TrackWriter(
            _folder is null ? _printed : Begin(Table), _format, picture.Width, picture.Height, _rate);
        _table.Write(number, time, faces);
        foreach (var face in faces)
        {
            _ids.Add(face.Id);
            foreach (var format in _exports.Where(f => f != "svg"))
            {
                if (!_motions.TryGetValue((format, face.Id), out var writer))
                {
                    writer = new TrackWriter(
                        Begin(Path.Combine(_folder!, $"face{face.Id}{Ending(format)}")), format, picture.Width,
                        picture.Height, _rate)
                    { Face = face.Id };
                    _motions[(format, face.Id)] = writer;
                }
                writer.Write(number, time, [face]);
            }
        }
        if (_exports.Contains("svg"))
            WriteSvg(picture, number, faces);
        if (_video is null)
            return;
        new Overlay { Confidence = false }.Draw(picture, faces.Select(f => f.Smooth));
        DrawNumbers(picture, faces);
        _video.Write(picture);
    }

    /// <summary>There are no more frames.</summary>
    public void Complete()
    {
        foreach (var writer in _motions.Values)
            writer.Dispose();
        foreach (var (path, file) in _files)
        {
            file.Dispose();
            File.Move(path + ".partial", path, overwrite: true);
        }
        _files.Clear();
        _video?.Complete();
    }

    public void Dispose()
    {
        _video?.Dispose();
        // What a run that was stopped has written of the table stays, as what it is: a part.
        foreach (var (_, file) in _files)
            file.Dispose();
    }

    private StreamWriter Begin(string path)
    {
        var file = new StreamWriter(path + ".partial", append: false, new UTF8Encoding(false));
        _files.Add((path, file));
        return file;
    }

    private void WriteSvg(Picture picture, int number, TrackedFace[] faces)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder!, "svg")).FullName;
        var svg = ResultWriter.Svg($"frame {number}", picture.Width, picture.Height, [.. faces.Select(f => f.Smooth)]);
        AtomicFile.Write(Path.Combine(folder, $"{number:000000}.svg"), Encoding.UTF8.GetBytes(svg));
    }

    /// <summary>Files of an earlier run in the folder, finished or stopped.</summary>
    private static IEnumerable<string> Earlier(string folder)
    {
        var frames = Path.Combine(folder, "svg");
        return Directory.EnumerateFiles(folder).Where(f => Result().IsMatch(Path.GetFileName(f)))
            .Concat(!Directory.Exists(frames) ? []
                : Directory.EnumerateFiles(frames).Where(f => Frame().IsMatch(Path.GetFileName(f))));
    }

    [GeneratedRegex(@"^(track\.(jsonl|csv)|overlay\.mp4|face\d+\.(livelink\.csv|motion3\.json|aftereffects\.txt|blender\.py))(\.partial(\.mp4)?)?$")]
    private static partial Regex Result();

    [GeneratedRegex(@"^\d{6,}\.svg$")]
    private static partial Regex Frame();

    private static string Ending(string format) => format switch
    {
        "livelink" => ".livelink.csv",
        "motion3" => ".motion3.json",
        "aftereffects" => ".aftereffects.txt",
        _ => ".blender.py",
    };

    private static void DrawNumbers(Picture picture, TrackedFace[] faces) => picture.Draw(canvas =>
    {
        using var paint = new SkiaSharp.SKPaint { IsAntialias = true, Style = SkiaSharp.SKPaintStyle.Stroke };
        foreach (var face in faces)
        {
            var box = face.Smooth.Box;
            var height = Math.Clamp(0.12f * MathF.Max(box.Width, box.Height), 8, 60);
            using var text = Mdfld.Overlay.Text(
                $"{face.Id}", new Vector2(box.Left, MathF.Max(2, box.Top - (1.6f * height))), height);
            (paint.Color, paint.StrokeWidth) = (SkiaSharp.SKColors.Black, 0.34f * height);
            canvas.DrawPath(text, paint);
            (paint.Color, paint.StrokeWidth) = (SkiaSharp.SKColors.White, 0.14f * height);
            canvas.DrawPath(text, paint);
        }
    });
}
