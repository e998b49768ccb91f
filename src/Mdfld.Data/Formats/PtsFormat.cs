using System.Globalization;
using System.Numerics;
using System.Text;

namespace Mdfld.Data;

/// <summary>
/// The .pts text of 300-W: "version: 1", "n_points: 68", "{", a line "x y" a point, "}". Several faces of a picture are
/// several such blocks, as <c>mdfld detect --format pts</c> writes them.
/// </summary>
internal sealed class PtsFormat : FileAPicture
{
    public override string Name => "pts";

    public override string Summary => "300-W: x.pts beside x.jpg";

    protected override string Suffix => ".pts";

    public override bool Recognises(string file) => file.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase);

    protected override IReadOnlyList<Vector2[]> ReadFaces(string file)
    {
        var faces = new List<Vector2[]>();
        List<double>? numbers = null;
        var number = 0;
        foreach (var line in File.ReadLines(file))
        {
            number++;
            numbers = AnnotationText.At($"{file}, line {number}", () => Take(line.Trim(), numbers, faces));
        }
        if (numbers is not null)
            throw new FormatException("the points end without a }");
        return faces.Count > 0 ? faces : throw new FormatException("no { with points after it");
    }

    /// <summary>Takes a line; returns the numbers of the block that is open, null between blocks.</summary>
    private static List<double>? Take(string line, List<double>? numbers, List<Vector2[]> faces)
    {
        if (line.StartsWith('{'))
        {
            numbers = numbers is null ? [] : throw new FormatException("a { among points");
            line = line[1..];
        }
        if (numbers is null)
            return null;
        var end = line.IndexOf('}');
        var points = end < 0 ? line : line[..end];
        foreach (var part in points.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            numbers.Add(AnnotationText.Coordinate(part));
            if (numbers.Count > 2 * LandmarkScheme.Wflw98.Count)
                throw new FormatException("more than 98 points");
        }
        if (end < 0)
            return numbers;
        faces.Add(AnnotationText.Points(numbers));
        return null;
    }

    protected override void WriteFaces(Stream stream, IReadOnlyList<IReadOnlyList<Vector2>> faces)
    {
        using var text = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        foreach (var points in faces)
        {
            text.WriteLine($"version: 1\nn_points: {points.Count}\n{{");
            foreach (var p in points)
                text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{p.X} {p.Y}"));
            text.WriteLine("}");
        }
    }
}
