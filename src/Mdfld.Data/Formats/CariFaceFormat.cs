using System.Numerics;

namespace Mdfld.Data;

/// <summary>
/// The landmarks of CariFace (Cai et al., "Landmark Detection and 3D Face Reconstruction for Caricature using a
/// Nonlinear Parametric Model", 2021) and of the caricatures of Wu et al., 2018: a NumPy array of the shape (68, 2),
/// (2, 68) or (136), or text with x and y of a point a line. Arrays are written.
/// </summary>
internal sealed class CariFaceFormat : FileAPicture
{
    private const int MostNumbers = 2 * 98;
    private const int LongestText = 1 << 16;

    public override string Name => "cariface";

    public override string Summary => "CariFace: x.npy (68, 2) or x.txt with 68 lines beside x.jpg";

    protected override string Suffix => ".npy";

    public override bool Recognises(string file) =>
        file.EndsWith(".npy", StringComparison.OrdinalIgnoreCase)
        || (file.EndsWith(".txt", StringComparison.OrdinalIgnoreCase)
            && !file.EndsWith(FaceSyntheticsFormat.FileSuffix, StringComparison.OrdinalIgnoreCase)
            && IsListOfPoints(file));

    protected override IReadOnlyList<Vector2[]> ReadFaces(string file)
    {
        if (!file.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase))
            return [AnnotationText.Points(PointLines.Read(file))];
        var array = NpyFile.Read(file, MostNumbers);
        var numbers = array.Values.Select(AnnotationText.Coordinate).ToArray();
        if (array.Shape is [2, var count])
            numbers = [.. Enumerable.Range(0, count).SelectMany(i => (double[])[numbers[i], numbers[count + i]])];
        return [AnnotationText.Points(numbers)];
    }

    protected override void CheckFaces(string picture, IReadOnlyList<IReadOnlyList<Vector2>> faces) =>
        CheckOneIbugFace(picture, faces);

    protected override void WriteFaces(Stream stream, IReadOnlyList<IReadOnlyList<Vector2>> faces) =>
        NpyFile.Write(stream, [faces[0].Count, 2], [.. faces[0].SelectMany(p => (float[])[p.X, p.Y])]);

    private static bool IsListOfPoints(string file)
    {
        if (new FileInfo(file).Length > LongestText)
            return false;
        try
        {
            return LandmarkScheme.TryForCount(PointLines.Read(file).Count / 2) is not null;
        }
        catch (Exception e) when (e is FormatException or InvalidDataException)
        {
            return false;
        }
    }
}
