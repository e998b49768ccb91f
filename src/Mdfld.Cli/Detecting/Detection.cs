using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Mdfld.Cli.Detecting;

/// <summary>What was found in one picture, and the formats it is told in. docs/output.md describes them.</summary>
internal sealed record Detection(string Path, int Width, int Height, string Model, IReadOnlyList<Landmarks> Faces)
{
    /// <summary>Of the JSON objects; grows when a reader of the old ones would go wrong.</summary>
    public const int Version = 1;

    /// <summary>One JSON object, as docs/detection.schema.json says.</summary>
    public string ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteString("image", Path);
            json.WriteNumber("width", Width);
            json.WriteNumber("height", Height);
            json.WriteString("model", Model);
            json.WriteStartArray("faces");
            foreach (var face in Faces)
                WriteFace(json, face);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <summary>Picture and model of an object that <see cref="ToJson"/> wrote; null where it is none.</summary>
    public static (string Path, string Model)? Head(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        string? path = null, model = null;
        try
        {
            while (reader.Read() && (path is null || model is null))
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
                    continue;
                if (reader.ValueTextEquals("image") && reader.Read())
                    path = reader.GetString();
                else if (reader.ValueTextEquals("model") && reader.Read())
                    model = reader.GetString();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
        return path is null || model is null ? null : (path, model);
    }

    /// <summary>iBUG's .pts text, one block a face. Pixels count from 0, as everywhere in Mdfld.</summary>
    public string ToPts()
    {
        var text = new StringBuilder();
        foreach (var face in Faces)
        {
            text.Append(CultureInfo.InvariantCulture, $"version: 1\nn_points: {face.Points.Length}\n{{\n");
            foreach (var p in face.Points)
                text.Append(CultureInfo.InvariantCulture, $"{p.X:0.###} {p.Y:0.###}\n");
            text.Append("}\n");
        }
        return text.ToString();
    }

    /// <summary>The first line of a table.</summary>
    public static string CsvHeader(int points)
    {
        var columns = Enumerable.Range(0, points).Select(i => $"x{i},y{i}");
        return $"image,faces,face,score,confidence,{string.Join(',', columns)}\n";
    }

    /// <summary>
    /// One line a face: picture, how many faces it has, number of the face, score, confidence, x0, y0, x1, ...
    /// A picture without faces has one line too, with nothing after the 0.
    /// </summary>
    /// <param name="points">Points of a face.</param>
    public string ToCsv(int points)
    {
        var text = new StringBuilder();
        if (Faces.Count == 0)
            text.Append(Quoted(Path)).Append(",0,,,").Append(',', 2 * points).Append('\n');
        for (var i = 0; i < Faces.Count; i++)
        {
            var (score, confidence) = (Faces[i].Score, Faces[i].Confidence);
            text.Append(
                CultureInfo.InvariantCulture,
                $"{Quoted(Path)},{Faces.Count},{i},{score:0.####},{confidence:0.####}");
            foreach (var p in Faces[i].Points)
                text.Append(CultureInfo.InvariantCulture, $",{p.X:0.###},{p.Y:0.###}");
            text.Append('\n');
        }
        return text.ToString();
    }

    /// <summary>Picture and number of lines of what <see cref="ToCsv"/> wrote; null where a line is none.</summary>
    public static (string Path, int Lines)? CsvHead(ReadOnlySpan<byte> line)
    {
        var text = Encoding.UTF8.GetString(line);
        var end = 0;
        for (var inside = false; end < text.Length && (inside || text[end] != ','); end++)
            inside ^= text[end] == '"';
        var path = text[..end];
        if (path.StartsWith('"') && path.Length >= 2)
            path = path[1..^1].Replace("\"\"", "\"");
        var rest = text.AsSpan(Math.Min(end + 1, text.Length));
        return rest.IndexOf(',') is > 0 and var digits
            && int.TryParse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var faces)
            ? (path, Math.Max(faces, 1)) : null;
    }

    private static void WriteFace(Utf8JsonWriter json, Landmarks face)
    {
        json.WriteStartObject();
        json.WriteString("scheme", face.Scheme.Name);
        json.WriteNumber("score", Rounded(face.Score, 4));
        json.WriteNumber("confidence", Rounded(face.Confidence, 4));
        json.WriteStartObject("box");
        json.WriteNumber("x", Rounded(face.Box.Left));
        json.WriteNumber("y", Rounded(face.Box.Top));
        json.WriteNumber("width", Rounded(face.Box.Width));
        json.WriteNumber("height", Rounded(face.Box.Height));
        json.WriteEndObject();
        WriteRows(json, "landmarks", face.Points.Select(p => (float[])[p.X, p.Y]));
        if (!face.Uncertainty.IsEmpty)
            WriteRows(json, "uncertainty", face.Uncertainty.Select(u => (float[])[u.XX, u.XY, u.YY]));
        json.WriteEndObject();
    }

    private static void WriteRows(Utf8JsonWriter json, string name, IEnumerable<float[]> rows)
    {
        json.WriteStartArray(name);
        foreach (var row in rows)
        {
            json.WriteStartArray();
            foreach (var value in row)
                json.WriteNumberValue(Rounded(value));
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    // A thousandth of a pixel is far below any detector's error.
    private static double Rounded(float value, int digits = 3) => Math.Round(value, digits);

    private static string Quoted(string text) =>
        text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"")}\"" : text;
}
