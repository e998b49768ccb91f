using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Mdfld.Cli;

/// <summary>What was found in one picture, and the formats it is told in.</summary>
internal sealed record Detection(string Path, int Width, int Height, string Model, IReadOnlyList<Landmarks> Faces)
{
    /// <summary>One JSON object: the picture, its size, each face's box and points [x, y] in pixels.</summary>
    public string ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
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
    public static string CsvHeader(int points) =>
        "image,face," + string.Join(',', Enumerable.Range(0, points).Select(i => $"x{i},y{i}")) + "\n";

    /// <summary>One line a face: picture, number of the face, x0, y0, x1, ...</summary>
    public string ToCsv()
    {
        var text = new StringBuilder();
        for (var i = 0; i < Faces.Count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Quoted(Path)},{i}");
            foreach (var p in Faces[i].Points)
                text.Append(CultureInfo.InvariantCulture, $",{p.X:0.###},{p.Y:0.###}");
            text.Append('\n');
        }
        return text.ToString();
    }

    private static void WriteFace(Utf8JsonWriter json, Landmarks face)
    {
        json.WriteStartObject();
        json.WriteString("scheme", face.Scheme.Name);
        json.WriteStartObject("box");
        json.WriteNumber("x", Rounded(face.Box.Left));
        json.WriteNumber("y", Rounded(face.Box.Top));
        json.WriteNumber("width", Rounded(face.Box.Width));
        json.WriteNumber("height", Rounded(face.Box.Height));
        json.WriteEndObject();
        json.WriteStartArray("landmarks");
        foreach (var p in face.Points)
        {
            json.WriteStartArray();
            json.WriteNumberValue(Rounded(p.X));
            json.WriteNumberValue(Rounded(p.Y));
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    // A thousandth of a pixel is far below any detector's error.
    private static double Rounded(float value) => Math.Round(value, 3);

    private static string Quoted(string text) =>
        text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"")}\"" : text;
}
