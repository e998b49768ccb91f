namespace Mdfld.Data;

/// <summary>
/// The .pts text of 300-W: "version: 1", "n_points: 68", "{", a line "x y" a point, "}". Several faces of a picture are
/// several such blocks, as <c>mdfld detect --format pts</c> writes them.
/// </summary>
internal sealed class PtsFormat() : PerPictureFormat("pts", "300-W: x.pts beside x.jpg", ".pts")
{
    protected override IReadOnlyList<Vector2[]> ReadFaces(string file)
    {
        var faces = new List<Vector2[]>();
        List<double>? numbers = null;
        foreach (var (where, line) in AnnotationText.Lines(file))
            numbers = AnnotationText.At(where, () => Take(line.Trim(), numbers, faces));
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

    protected override void WriteFaces(Stream stream, IReadOnlyList<IReadOnlyList<Vector2>> faces) =>
        AnnotationText.Write(stream, text =>
        {
            foreach (var points in faces)
            {
                text.WriteLine($"version: 1\nn_points: {points.Count}\n{{");
                foreach (var p in points)
                    text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{p.X} {p.Y}"));
                text.WriteLine("}");
            }
        });
}

/// <summary>
/// Microsoft's Face Synthetics (Wood et al., "Fake it till you make it", 2021): 000000_ldmks.txt beside 000000.png, 70
/// lines "x y". The first 68 points are iBUG's, the last two the pupils; those are left when reading, and written as
/// the middles of the eyes' contours, as the pupils of 68 points are defined.
/// </summary>
internal sealed class FaceSyntheticsFormat() : PerPictureFormat(
    "facesynthetics", "Face Synthetics: x_ldmks.txt beside x.png; 70 points, of which 68 are read", FileSuffix)
{
    internal const string FileSuffix = "_ldmks.txt";

    private const int PointsInFile = 70;

    protected override IReadOnlyList<Vector2[]> ReadFaces(string file)
    {
        var numbers = AnnotationText.ReadNumbers(file);
        return numbers.Count == 2 * PointsInFile
            ? [AnnotationText.Points([.. numbers.Take(2 * LandmarkScheme.Ibug68.Count)])]
            : throw new FormatException($"{numbers.Count} numbers, expected x and y of {PointsInFile} points");
    }

    protected override void CheckFaces(string picture, IReadOnlyList<IReadOnlyList<Vector2>> faces) =>
        CheckOneIbugFace(picture, faces);

    protected override void WriteFaces(Stream stream, IReadOnlyList<IReadOnlyList<Vector2>> faces) =>
        AnnotationText.Write(stream, text =>
        {
            Vector2[] points = [.. faces[0]];
            foreach (var p in points.Concat(LandmarkScheme.Ibug68.Pupils.Select(pupil => pupil.Middle(points))))
                text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{p.X} {p.Y}"));
        });
}

/// <summary>
/// The landmarks of CariFace (Cai et al., "Landmark Detection and 3D Face Reconstruction for Caricature using a
/// Nonlinear Parametric Model", 2021) and of the caricatures of Wu et al., 2018: a NumPy array of the shape (68, 2),
/// (2, 68) or (136), or text with x and y of a point a line. Arrays are written.
/// </summary>
internal sealed class CariFaceFormat() : PerPictureFormat(
    "cariface", "CariFace: x.npy (68, 2) or x.txt with 68 lines beside x.jpg", ".npy")
{
    private const int MostNumbers = 2 * 98;
    private const int LongestText = 1 << 16;

    public override bool Recognises(string file) =>
        base.Recognises(file)
        || (file.EndsWith(".txt", StringComparison.OrdinalIgnoreCase)
            && !file.EndsWith(FaceSyntheticsFormat.FileSuffix, StringComparison.OrdinalIgnoreCase)
            && IsListOfPoints(file));

    protected override IReadOnlyList<Vector2[]> ReadFaces(string file)
    {
        if (!base.Recognises(file))
            return [AnnotationText.Points(AnnotationText.ReadNumbers(file))];
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
        try
        {
            return new FileInfo(file).Length <= LongestText
                && LandmarkScheme.TryForCount(AnnotationText.ReadNumbers(file).Count / 2) is not null;
        }
        catch (Exception e) when (e is FormatException or InvalidDataException)
        {
            return false;
        }
    }
}
