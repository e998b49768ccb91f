using System.Text;
using System.Text.Json;

namespace Mdfld;

/// <summary>
/// Writes tracked faces frame by frame, as tables or as what animation programs read: docs/video.md describes them.
/// </summary>
/// <remarks>Disposing it writes what the format has to end with; the text writer stays open.</remarks>
/// <param name="output">Where to.</param>
/// <param name="format">
/// <c>jsonl</c> (an object a frame), <c>csv</c> (a line a face of a frame), or, of one face, <c>livelink</c> (CSV of Live
/// Link Face with ARKit's names), <c>motion3</c> (Live2D), <c>aftereffects</c> (keyframe text) or <c>blender</c> (a script).
/// </param>
/// <param name="width">Columns of the frames.</param>
/// <param name="height">Rows of the frames.</param>
/// <param name="rate">Frames a second.</param>
/// <exception cref="ArgumentException">There is no such format.</exception>
public sealed class TrackWriter(TextWriter output, string format, int width, int height, double rate) : IDisposable
{
    private readonly TextWriter _output = output ?? throw new ArgumentNullException(nameof(output));
    private readonly string _format = Formats.Contains(format)
        ? format : throw new ArgumentException($"'{format}' is no format; known are {string.Join(", ", Formats)}");

    private readonly List<MotionFrame> _frames = [];
    private bool _hasBegun;
    private bool _isDisposed;

    /// <summary>All formats.</summary>
    public static IReadOnlyList<string> Formats { get; } = ["jsonl", "csv", .. MotionFormats];

    /// <summary>Those that hold one face: they want a writer for each.</summary>
    public static IReadOnlyList<string> MotionFormats => ["livelink", "motion3", "aftereffects", "blender"];

    /// <summary>The number of the only face that is written; null writes all, which motion formats cannot.</summary>
    public int? Face { get; init; }

    /// <summary>Writes the faces of the next frame, and flushes.</summary>
    /// <param name="frame">Its number, from 0.</param>
    /// <param name="time">When it is shown, seconds.</param>
    /// <param name="faces">Its faces; they may be none.</param>
    /// <exception cref="InvalidOperationException">The format holds one face, and <see cref="Face"/> is not set.</exception>
    public void Write(int frame, double time, IReadOnlyList<TrackedFace> faces)
    {
        ArgumentNullException.ThrowIfNull(faces);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var chosen = faces.Where(f => Face is null || f.Id == Face);
        switch (_format)
        {
            case "jsonl":
                _output.Write(Json(frame, time, chosen) + "\n");
                break;
            case "csv":
                WriteCsv(frame, time, chosen);
                break;
            default:
                if (Face is null)
                    throw new InvalidOperationException($"{_format} holds one face: say which");
                _frames.AddRange(chosen.Select(f => new MotionFrame(frame, time, f)));
                return;
        }
        _output.Flush();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        var clip = new MotionClip(_frames, width, height, rate);
        switch (_format)
        {
            case "livelink":
                LiveLinkTable.Write(_output, clip);
                break;
            case "motion3":
                Live2DMotion.Write(_output, clip);
                break;
            case "aftereffects":
                AfterEffectsKeys.Write(_output, clip);
                break;
            case "blender":
                BlenderScript.Write(_output, clip);
                break;
        }
        _output.Flush();
    }

    private static string Json(int frame, double time, IEnumerable<TrackedFace> faces)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("version", 1);
            json.WriteNumber("frame", frame);
            json.WriteNumber("time", Math.Round(time, 4));
            json.WriteStartArray("faces");
            foreach (var face in faces)
            {
                json.WriteStartObject();
                json.WriteNumber("id", face.Id);
                json.WriteNumber("confidence", Math.Round(face.Raw.Confidence, 4));
                WritePoints(json, "raw", face.Raw);
                WritePoints(json, "landmarks", face.Smooth);
                LandmarksJsonConverter.Write(json, face.Pose, face.Expression);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void WritePoints(Utf8JsonWriter json, string name, Landmarks face)
    {
        json.WriteStartArray(name);
        foreach (var p in face.Points)
        {
            json.WriteStartArray();
            json.WriteNumberValue(Math.Round(p.X, 3));
            json.WriteNumberValue(Math.Round(p.Y, 3));
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    private void WriteCsv(int frame, double time, IEnumerable<TrackedFace> faces)
    {
        foreach (var face in faces)
        {
            if (!_hasBegun)
            {
                var columns = Enumerable.Range(0, face.Smooth.Points.Length).Select(i => $"x{i},y{i}");
                _output.Write($"frame,time,id,confidence,yaw,pitch,roll,{string.Join(',', columns)}\n");
                _hasBegun = true;
            }
            var text = new StringBuilder();
            text.Append(CultureInfo.InvariantCulture, $"{frame},{time:0.####},{face.Id},{face.Raw.Confidence:0.####},");
            if (face.Pose is { } pose)
                text.Append(CultureInfo.InvariantCulture, $"{pose.Yaw:0.##},{pose.Pitch:0.##},{pose.Roll:0.##}");
            else
                text.Append(",,");
            foreach (var p in face.Smooth.Points)
                text.Append(CultureInfo.InvariantCulture, $",{p.X:0.###},{p.Y:0.###}");
            _output.Write(text.Append('\n'));
        }
    }
}

/// <summary>A face in one frame.</summary>
internal readonly record struct MotionFrame(int Number, double Time, TrackedFace Face)
{
    /// <summary>A blend shape; 0 where it is not known: animation programs want a number.</summary>
    public float Shape(string name) => Face.Expression?.BlendShapes.GetValueOrDefault(name) ?? 0;

    public bool Has(string name) => Face.Expression?.BlendShapes.ContainsKey(name) == true;
}

/// <summary>The frames of one face, and what they are frames of.</summary>
internal sealed record MotionClip(IReadOnlyList<MotionFrame> Frames, int Width, int Height, double Rate);
