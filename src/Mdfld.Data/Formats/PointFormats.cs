namespace Mdfld.Data;

/// <summary>
/// The .pts text of 300-W: "version: 1", "n_points: 68", "{", a line "x y" a point, "}". Several faces of a picture are
/// several such blocks, as <c>mdfld detect --format pts</c> writes them. Files of nothing but the points are read, too.
/// </summary>
internal sealed class PtsFormat() : PerPictureFormat("pts", "300-W: x.pts beside x.jpg", ".pts")
{
    protected override IEnumerable<ReadFace> ReadFaces(string file, string picture, Reading reading)
    {
        if (!FileNames.Lines(file).Any(line => line.Contains('{')))
        {
            return [new ReadFace(file, picture, AnnotationText.ReadPoints(
                AnnotationText.Lines(file).SkipWhile(l => l.Text.Contains(':'))))];
        }
        var faces = new List<ReadFace>();
        List<(string Where, string Text)>? block = null;
        foreach (var (where, line) in AnnotationText.Lines(file))
            block = AnnotationText.At(where, () => Take(where, line.Trim(), block, faces, picture));
        return block is null ? faces : throw new FormatException("the points end without a }");
    }

    /// <summary>Takes a line; returns the lines of the block that is open, null between blocks.</summary>
    private static List<(string Where, string Text)>? Take(
        string where, string line, List<(string Where, string Text)>? block, List<ReadFace> faces, string picture)
    {
        if (line.StartsWith('{'))
        {
            block = block is null ? [] : throw new FormatException("a { among points");
            line = line[1..];
        }
        if (block is null)
            return null;
        var end = line.IndexOf('}');
        block.Add((where, end < 0 ? line : line[..end]));
        if (block.Count > 2 * LandmarkScheme.Wflw98.Count)
            throw new FormatException("more than 98 points");
        if (end < 0)
            return block;
        faces.Add(new ReadFace(where, picture, AnnotationText.ReadPoints(block)));
        return null;
    }

    protected override void WriteFaces(Stream stream, FaceSet set, IReadOnlyList<LabelledFace> faces) =>
        AnnotationText.Write(stream, text =>
        {
            foreach (var face in faces)
            {
                text.WriteLine($"version: 1\nn_points: {face.Landmarks.Count}\n{{");
                PointText.Write(text, face.Landmarks);
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

    protected override IEnumerable<ReadFace> ReadFaces(string file, string picture, Reading reading)
    {
        var points = AnnotationText.ReadPoints(file);
        return points.Length == PointsInFile
            ? [new ReadFace(file, picture, points)]
            : throw new FormatException($"{points.Length} points, expected {PointsInFile}");
    }

    protected override void CheckFaces(string picture, IReadOnlyList<IReadOnlyList<Vector2>> faces) =>
        CheckOneIbugFace(picture, faces);

    protected override void WriteFaces(Stream stream, FaceSet set, IReadOnlyList<LabelledFace> faces) =>
        AnnotationText.Write(stream, text =>
        {
            Vector2[] points = [.. faces[0].Landmarks];
            PointText.Write(text, [.. points, .. LandmarkScheme.Ibug68.Pupils.Select(pupil => pupil.Middle(points))]);
        });
}

/// <summary>
/// The landmarks of CariFace (Cai et al., "Landmark Detection and 3D Face Reconstruction for Caricature using a
/// Nonlinear Parametric Model", 2021) and of the caricatures of Wu et al., 2018: a NumPy array of the shape (68, 2),
/// (2, 68) or (136), or text with x and y of a point a line. A third number of a point is left. Arrays are written.
/// </summary>
internal sealed class CariFaceFormat : PerPictureFormat
{
    private const int MostNumbers = 3 * 478;

    public CariFaceFormat()
        : base("cariface", "CariFace: x.npy (68, 2) or x.txt with 68 lines beside x.jpg", ".npy") =>
        KeepsMissing = true;

    public override bool Recognises(string file) =>
        HasSuffix(file) || PointText.IsFaceIn(file, LandmarkScheme.TryForCount);

    protected override IEnumerable<ReadFace> ReadFaces(string file, string picture, Reading reading)
    {
        if (!HasSuffix(file))
            return [new ReadFace(file, picture, AnnotationText.ReadPoints(file))];
        var array = NpyFile.Read(file, MostNumbers);
        // A point is a row; a table that is wider than high has them as columns, and a flat list is pairs.
        var (rows, columns) = array.Shape switch
        {
            [var count, 2 or 3] => (count, array.Shape[1]),
            [2 or 3, var count] => (count, -array.Shape[0]),
            [1, var count, 2 or 3] => (count, array.Shape[2]),
            [var count] => (count / 2, 2),
            _ => throw new FormatException(
                $"an array of the shape ({string.Join(", ", array.Shape)}), expected (68, 2)"),
        };
        return [new ReadFace(file, picture, [.. Enumerable.Range(0, rows).Select(i => columns > 0
            ? AnnotationText.Point(array.Values[i * columns], array.Values[(i * columns) + 1])
            : AnnotationText.Point(array.Values[i], array.Values[rows + i]))])];
    }

    protected override void CheckFaces(string picture, IReadOnlyList<IReadOnlyList<Vector2>> faces) =>
        CheckOneIbugFace(picture, faces);

    protected override void WriteFaces(Stream stream, FaceSet set, IReadOnlyList<LabelledFace> faces) => NpyFile.Write(
        stream, [faces[0].Landmarks.Count, 2], [.. faces[0].Landmarks.SelectMany(p => (float[])[p.X, p.Y])]);
}

/// <summary>
/// LaPa (Liu et al., "A New Dataset and Boundary-Attention Semantic Segmentation for Face Parsing", AAAI 2020) and
/// JD-landmark: text with 106 in the first line and x and y of a point in each other; the 68 among them are read.
/// </summary>
internal sealed class LapaFormat : PerPictureFormat
{
    private const int PointsInFile = 106;

    public LapaFormat()
        : base("lapa", "LaPa: x.txt with 106 points, of which 68 are read", ".txt") => IsWritten = false;

    public override bool Recognises(string file) => PointText.IsFaceIn(file, n => n == PointsInFile ? this : null);

    protected override IEnumerable<ReadFace> ReadFaces(string file, string picture, Reading reading)
    {
        var points = AnnotationText.ReadPoints(file);
        return points.Length == PointsInFile
            ? [new ReadFace(file, picture, [.. PointLayout.Of106.Select(i => points[i])])]
            : throw new FormatException($"{points.Length} points, expected {PointsInFile}");
    }
}

/// <summary>Text of nothing but points.</summary>
internal static class PointText
{
    private const int LongestText = 1 << 16;

    /// <summary>A line "x y" a point.</summary>
    public static void Write(TextWriter text, IEnumerable<Vector2> points)
    {
        foreach (var p in points)
            text.WriteLine($"{AnnotationText.Text(p.X)} {AnnotationText.Text(p.Y)}");
    }

    /// <summary>Whether a .txt file is a list of as many points as are wanted.</summary>
    public static bool IsFaceIn(string file, Func<int, object?> wanted)
    {
        if (!file.EndsWith(".txt", StringComparison.OrdinalIgnoreCase)
            || file.EndsWith(FaceSyntheticsFormat.FileSuffix, StringComparison.OrdinalIgnoreCase)
            || FileNames.LengthOf(file) > LongestText)
            return false;
        try
        {
            return wanted(AnnotationText.ReadPoints(file).Length) is not null;
        }
        catch (Exception e) when (e is FormatException or InvalidDataException)
        {
            return false;
        }
    }
}

/// <summary>
/// The annotation text of Helen (Le et al., ECCV 2012): the picture's name in the first line, then "x , y" a point. Its
/// 194 points are contours, see <see cref="HelenContours"/>.
/// </summary>
internal sealed class HelenFormat : PerPictureFormat
{
    public HelenFormat()
        : base("helen", "Helen: x.txt, the picture's name and then \"x , y\" a line", ".txt") =>
        IsWritten = false;

    public override bool Recognises(string file)
    {
        if (!HasSuffix(file))
            return false;
        var head = FileNames.Lines(file).Take(3).ToArray();
        return head.Length == 3 && head[0].Trim() is { Length: > 0 and < 200 } name
            && name.AsSpan().IndexOfAny(',', ' ') < 0 && head[1..].All(IsPoint);

        static bool IsPoint(string line) =>
            line.Split(',') is [var x, var y] && AnnotationText.IsNumber(x) && AnnotationText.IsNumber(y);
    }

    protected override IEnumerable<ReadFace> ReadFaces(string file, string picture, Reading reading)
    {
        var name = FileNames.Lines(file).First().Trim();
        var points = AnnotationText.ReadPoints(AnnotationText.Lines(file).Skip(1));
        return [new ReadFace(file, reading.Picture(name), points)];
    }
}
