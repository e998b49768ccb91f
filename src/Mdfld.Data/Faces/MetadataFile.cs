using System.Text;

namespace Mdfld.Data;

/// <summary>
/// The metadata files of STAR (and ADNet): one face a line, fields parted by tabs and taken by position: picture, five
/// points, landmarks, scale, centre x, centre y and, where there is one, a style or tags.
/// </summary>
public static class MetadataFile
{
    private const string RawImages = "rawImages/";

    /// <summary>Reads a file, with or without a header line.</summary>
    /// <remarks>
    /// The first line is a header where neither its landmarks nor its scale are numbers. STAR's own training always
    /// drops the first line, its evaluate.py never does. In paths '\' becomes '/', and all up to the last
    /// <c>rawImages/</c> goes. An empty five-points field is filled from the landmarks. A missing point is NaN,NaN.
    /// </remarks>
    /// <param name="path">The file.</param>
    /// <returns>Faces in the order of the file, all with the same number of landmarks: 68, 98 or 29.</returns>
    /// <exception cref="InvalidDataException">
    /// A line is malformed, or its picture lies outside the picture folder; the message names the line.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IReadOnlyList<LabelledFace> Read(string path) => Read(path, onBad: null);

    /// <summary>Reads what can be read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="onBad">Told of each line that is malformed; null throws at the first.</param>
    internal static IReadOnlyList<LabelledFace> Read(string path, Action<string>? onBad)
    {
        using var reader = new StreamReader(FileNames.Open(path));
        return ReadFaces(reader, path, onBad);
    }

    private static List<LabelledFace> ReadFaces(StreamReader reader, string path, Action<string>? onBad = null)
    {
        var faces = new List<LabelledFace>();
        var number = 0;
        while (reader.ReadLine() is { } line)
        {
            number++;
            if (string.IsNullOrWhiteSpace(line) || (number == 1 && IsHeader(line)))
                continue;
            try
            {
                var face = Parse(line);
                if (faces.Count > 0 && faces[0].Landmarks.Count != face.Landmarks.Count)
                    throw new FormatException(
                        $"{face.Landmarks.Count} landmarks, but the faces before have {faces[0].Landmarks.Count}");
                faces.Add(face);
            }
            catch (FormatException e)
            {
                var problem = $"{path}, line {number}: {e.Message}";
                if (onBad is null)
                    throw new InvalidDataException(problem, e);
                onBad(problem);
            }
        }
        return faces;
    }

    /// <summary>Writes a file that <see cref="Read(string)"/> reads back to the same faces, atomically.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="faces">Faces with 68, 98 or 29 landmarks each.</param>
    /// <param name="header">Whether the first line names the columns. STAR's evaluate.py wants none.</param>
    /// <exception cref="ArgumentException">
    /// A face would not be read back the same: a tab in its path or a way out of the picture folder, an empty style, a
    /// number that is not finite, another number of landmarks than the face before. Nothing is written.
    /// </exception>
    public static void Write(string path, IEnumerable<LabelledFace> faces, bool header = true)
    {
        var all = faces.ToArray();
        var text = new StringBuilder();
        foreach (var face in all)
            Append(text, face);
        if (header)
        {
            var styles = all.Any(f => f.Style is not null);
            var landmarks = $"landmarks_{(all.Length == 0 ? 68 : all[0].Landmarks.Count)}pts";
            string[] names = ["image", "landmarks_5pts", landmarks, "scale", "center_w", "center_h"];
            text.Insert(0, string.Join('\t', styles ? [.. names, "style"] : names) + "\n");
        }
        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        CheckReadsBack(bytes, all, path);
        AtomicFile.Write(path, bytes);
    }

    private static void CheckReadsBack(byte[] bytes, LabelledFace[] faces, string path)
    {
        using var reader = new StreamReader(new MemoryStream(bytes));
        List<LabelledFace> read;
        try
        {
            read = ReadFaces(reader, path);
        }
        catch (InvalidDataException e)
        {
            throw new ArgumentException($"cannot be written: {e.Message}", nameof(faces), e);
        }
        for (var i = 0; i < Math.Max(faces.Length, read.Count); i++)
        {
            if (i >= read.Count || i >= faces.Length || !IsSame(faces[i], read[i]))
            {
                var face = faces[Math.Min(i, faces.Length - 1)];
                throw new ArgumentException(
                    $"{path}: face {i} ('{face.ImagePath}', style '{face.Style}', {face.FivePoints.Count} of the five "
                    + "points) would be read back as another", nameof(faces));
            }
        }
    }

    private static bool IsSame(LabelledFace a, LabelledFace b) =>
        a.ImagePath == b.ImagePath && a.Style == b.Style && a.Scale == b.Scale && a.Centre == b.Centre
        && a.Landmarks.Zip(b.Landmarks).All(IsSame) && a.FivePoints.Zip(b.FivePoints).All(IsSame)
        && a.Landmarks.Count == b.Landmarks.Count && a.FivePoints.Count == b.FivePoints.Count;

    private static bool IsSame((Vector2 A, Vector2 B) p) =>
        p.A == p.B || (LabelledFace.IsMissing(p.A) && LabelledFace.IsMissing(p.B));

    private static bool IsHeader(string line)
    {
        var fields = line.Split('\t');
        return fields.Length > 3 && !IsNumber(fields[3]) && !IsNumber(fields[2].Split(',')[0]);

        static bool IsNumber(string s) => float.TryParse(s, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
    }

    private static LabelledFace Parse(string line)
    {
        var fields = line.Split('\t');
        if (fields.Length < 6)
        {
            throw new FormatException(
                $"{fields.Length} fields, expected 6 or 7 parted by tabs "
                + "(image, 5 points, landmarks, scale, centre x, centre y, style)");
        }
        var landmarks = Points(fields[2], "landmarks");
        var scheme = LandmarkScheme.TryForCount(landmarks.Length)
            ?? throw new FormatException($"{landmarks.Length} landmarks, expected 68, 98 or 29");
        var five = string.IsNullOrWhiteSpace(fields[1])
            ? scheme.FivePoints(landmarks) : Points(fields[1], "five points");
        if (five.Length != 5)
            throw new FormatException($"{five.Length} points in the second field, expected 5");
        var scale = Number(fields[3], "scale");
        if (!(scale > 0))
            throw new FormatException($"a scale of {fields[3]}, expected more than 0");
        if (landmarks.All(LabelledFace.IsMissing))
            throw new FormatException("all landmarks are missing");
        var centre = new Vector2(Number(fields[4], "centre x"), Number(fields[5], "centre y"));
        var style = fields.Length > 6 && fields[6].Length > 0 ? fields[6] : null;
        return new LabelledFace(PathOf(fields[0]), landmarks, five, scale, centre, style)
        {
            AnnotatedBox = FaceBox.AtCentre(centre, 200 * scale, 200 * scale),
        };
    }

    private static Vector2[] Points(ReadOnlySpan<char> field, string what)
    {
        var count = field.Count(',') + 1;
        if (count % 2 != 0)
            throw new FormatException($"{count} numbers as {what}, expected pairs x,y");
        var points = new Vector2[count / 2];
        var i = 0;
        foreach (var part in field.Split(','))
        {
            var value = field[part] is "NaN" or "nan" ? float.NaN : Number(field[part], what);
            points[i / 2] = i % 2 == 0 ? new Vector2(value, 0) : points[i / 2] with { Y = value };
            if (i % 2 == 1 && float.IsNaN(points[i / 2].X) != float.IsNaN(points[i / 2].Y))
                throw new FormatException($"half a point as {what}, expected two numbers or NaN,NaN");
            i++;
        }
        return points;
    }

    private static float Number(ReadOnlySpan<char> text, string what) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && float.IsFinite(value)
            ? value
            : throw new FormatException($"'{(text.Length > 40 ? text[..40] : text)}' as {what}, expected a number");

    private static string PathOf(string field)
    {
        var raw = field.Replace('\\', '/').LastIndexOf(RawImages, StringComparison.Ordinal);
        return PicturePath.Tail(field, raw < 0 ? 0 : raw + RawImages.Length);
    }

    private static void Append(StringBuilder text, LabelledFace face)
    {
        text.Append(face.ImagePath).Append('\t');
        AppendPoints(text, face.FivePoints);
        text.Append('\t');
        AppendPoints(text, face.Landmarks);
        text.Append(CultureInfo.InvariantCulture, $"\t{face.Scale}\t{face.Centre.X}\t{face.Centre.Y}");
        if (face.Style is not null)
            text.Append('\t').Append(face.Style);
        text.Append('\n');
    }

    private static void AppendPoints(StringBuilder text, IReadOnlyList<Vector2> points)
    {
        for (var i = 0; i < points.Count; i++)
            text.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? "" : ",")}{points[i].X},{points[i].Y}");
    }
}
