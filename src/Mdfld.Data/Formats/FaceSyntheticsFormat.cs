using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;

namespace Mdfld.Data;

/// <summary>
/// Microsoft's Face Synthetics (Wood et al., "Fake it till you make it", 2021): 000000_ldmks.txt beside 000000.png, 70
/// lines "x y". The first 68 points are iBUG's, the last two the pupils; those are left when reading, and written as
/// the middles of the eyes' contours, as the pupils of 68 points are defined.
/// </summary>
internal sealed class FaceSyntheticsFormat : FileAPicture
{
    internal const string FileSuffix = "_ldmks.txt";

    private const int PointsInFile = 70;

    public override string Name => "facesynthetics";

    public override string Summary => "Face Synthetics: x_ldmks.txt beside x.png; 70 points, of which 68 are read";

    protected override string Suffix => FileSuffix;

    public override bool Recognises(string file) => file.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase);

    protected override IReadOnlyList<Vector2[]> ReadFaces(string file)
    {
        var numbers = PointLines.Read(file);
        return numbers.Count == 2 * PointsInFile
            ? [AnnotationText.Points([.. numbers.Take(2 * LandmarkScheme.Ibug68.Count)])]
            : throw new FormatException($"{numbers.Count} numbers, expected x and y of {PointsInFile} points");
    }

    protected override void CheckFaces(string picture, IReadOnlyList<IReadOnlyList<Vector2>> faces) =>
        CheckOneIbugFace(picture, faces);

    protected override void WriteFaces(Stream stream, IReadOnlyList<IReadOnlyList<Vector2>> faces)
    {
        using var text = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
        Vector2[] points = [.. faces[0]];
        Vector2[] all = [.. points, .. LandmarkScheme.Ibug68.Pupils.Select(p => p.Middle(points))];
        foreach (var p in all)
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{p.X} {p.Y}"));
    }
}
