using System.Text;
using System.Text.Json;

namespace Mdfld;

/// <summary>Writes what was detected in pictures, in one of five formats: docs/output.md describes them.</summary>
/// <remarks>Disposing it ends what the format has to end; the text writer stays open.</remarks>
/// <param name="output">Where to.</param>
/// <param name="format">
/// <c>json</c> (an array of objects as docs/detection.schema.json says), <c>jsonl</c> (an object a line), <c>pts</c>
/// (iBUG's text, a block a face, pixels counted from 0), <c>csv</c> (a line a face) or <c>svg</c> (a drawing a picture).
/// </param>
/// <param name="model">What is named as the model.</param>
/// <param name="scheme">What the points mean.</param>
/// <exception cref="ArgumentException">There is no such format.</exception>
public sealed class ResultWriter(TextWriter output, string format, string model, LandmarkScheme scheme) : IDisposable
{
    // Of the JSON objects; grows when a reader of the old ones would go wrong.
    private const int SchemaVersion = 1;

    private readonly TextWriter _output = output ?? throw new ArgumentNullException(nameof(output));
    private readonly string _format = Formats.Contains(format)
        ? format : throw new ArgumentException($"'{format}' is no format; known are {string.Join(", ", Formats)}");

    private bool _hasBegun;
    private bool _isDisposed;

    /// <summary>The formats: json, jsonl, pts, csv, svg.</summary>
    public static IReadOnlyList<string> Formats { get; } = ["json", "jsonl", "pts", "csv", "svg"];

    /// <summary>Writes the faces of the next picture, and flushes.</summary>
    /// <param name="image">The picture's path, or what else it is called.</param>
    /// <param name="width">Its columns.</param>
    /// <param name="height">Its rows.</param>
    /// <param name="faces">Its faces; they may be none.</param>
    public void Write(string image, int width, int height, IReadOnlyList<Landmarks> faces)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _output.Write(_format switch
        {
            "json" => _hasBegun ? ",\n" : "[\n",
            "csv" => _hasBegun ? "" : CsvHeader(scheme.Count),
            _ => "",
        });
        _output.Write(_format switch
        {
            "json" => Json(image, width, height, model, faces),
            "jsonl" => Json(image, width, height, model, faces) + "\n",
            "pts" => Pts(faces),
            "svg" => Svg(image, width, height, faces),
            _ => Csv(image, faces, scheme.Count),
        });
        _output.Flush();
        _hasBegun = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isDisposed && _format == "json")
            _output.Write(_hasBegun ? "\n]\n" : "[]\n");
        _isDisposed = true;
    }

    /// <summary>One JSON object, as docs/detection.schema.json says.</summary>
    public static string Json(string image, int width, int height, string model, IReadOnlyList<Landmarks> faces)
    {
        ArgumentNullException.ThrowIfNull(faces);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("version", SchemaVersion);
            json.WriteString("image", image);
            json.WriteNumber("width", width);
            json.WriteNumber("height", height);
            json.WriteString("model", model);
            json.WriteStartArray("faces");
            foreach (var face in faces)
                LandmarksJsonConverter.Write(json, face);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <summary>iBUG's .pts text, a block a face. Pixels count from 0, as everywhere in Mdfld.</summary>
    public static string Pts(IReadOnlyList<Landmarks> faces)
    {
        ArgumentNullException.ThrowIfNull(faces);
        var text = new StringBuilder();
        foreach (var face in faces)
        {
            text.Append(CultureInfo.InvariantCulture, $"version: 1\nn_points: {face.Points.Length}\n{{\n");
            foreach (var p in face.Points)
                text.Append(CultureInfo.InvariantCulture, $"{p.X:0.###} {p.Y:0.###}\n");
            text.Append("}\n");
        }
        return text.ToString();
    }

    /// <summary>
    /// A drawing of the size of the picture: smooth curves of lids, lips, brows, nose and jaw, a group a face.
    /// </summary>
    /// <param name="title">What it is called.</param>
    /// <param name="width">Columns of the picture.</param>
    /// <param name="height">Its rows.</param>
    /// <param name="faces">Its faces; they may be none.</param>
    public static string Svg(string title, int width, int height, IReadOnlyList<Landmarks> faces)
    {
        ArgumentNullException.ThrowIfNull(title);
        ArgumentNullException.ThrowIfNull(faces);
        return SvgContours.Write(title, width, height, faces);
    }

    /// <summary>The first line of a table.</summary>
    /// <param name="points">Points of a face.</param>
    public static string CsvHeader(int points)
    {
        var columns = Enumerable.Range(0, points).Select(i => $"x{i},y{i}");
        return $"image,faces,face,score,confidence,{string.Join(',', columns)}\n";
    }

    /// <summary>
    /// One line a face: picture, how many faces it has, number of the face, score, confidence, x0, y0, x1, ...
    /// A picture without faces has one line too, with nothing after the 0.
    /// </summary>
    /// <param name="image">The picture's path, or what else it is called.</param>
    /// <param name="faces">Its faces.</param>
    /// <param name="points">Points of a face.</param>
    public static string Csv(string image, IReadOnlyList<Landmarks> faces, int points)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(faces);
        var text = new StringBuilder();
        if (faces.Count == 0)
            text.Append(Quoted(image)).Append(",0,,,").Append(',', 2 * points).Append('\n');
        for (var i = 0; i < faces.Count; i++)
        {
            var (score, confidence) = (faces[i].Score, faces[i].Confidence);
            text.Append(
                CultureInfo.InvariantCulture,
                $"{Quoted(image)},{faces.Count},{i},{score:0.####},{confidence:0.####}");
            foreach (var p in faces[i].Points)
                text.Append(CultureInfo.InvariantCulture, $",{p.X:0.###},{p.Y:0.###}");
            text.Append('\n');
        }
        return text.ToString();
    }

    private static string Quoted(string text) =>
        text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"")}\"" : text;
}
