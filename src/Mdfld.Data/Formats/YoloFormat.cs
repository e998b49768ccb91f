namespace Mdfld.Data;

/// <summary>
/// YOLO-pose (Ultralytics): labels/x.txt for images/x.jpg, a face a line: class, centre and size of the box, then x, y
/// and v of each point; all are shares of the picture's width and height, so the pictures are needed. v 0 is a missing
/// point, v 1 one that is not seen. With it comes data.yaml.
/// </summary>
internal sealed class YoloFormat : PerPictureFormat
{
    private const int BoxFields = 5;
    private const int MostFields = 2000;

    public YoloFormat()
        : base("yolo", "YOLO-pose: labels/x.txt for images/x.jpg; needs the pictures' sizes", ".txt") =>
        KeepsMissing = true;

    protected override string Folder => "labels";

    public override bool Recognises(string file)
    {
        if (!HasSuffix(file))
            return false;
        var line = FileNames.Lines(file).Take(2).FirstOrDefault(l => !string.IsNullOrWhiteSpace(l)) ?? "";
        var fields = line.Length > 20 * MostFields ? [] : Fields(line);
        // So many numbers after a class and a box are a face; of any other number they are where they are shares.
        return fields.Length > BoxFields + 1 && fields.All(f => AnnotationText.IsNumber(f))
            && int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out _)
            && (IsFace(fields.Length - BoxFields)
                || fields[1..BoxFields].All(f => AnnotationText.Optional(f) is >= 0 and <= 1.5));
    }

    internal override void Write(string folder, FaceSet set)
    {
        base.Write(folder, set);
        var scheme = LandmarkScheme.ForCount(set.Faces[0].Landmarks.Count);
        AnnotationText.Write(Path.Combine(folder, "data.yaml"), text =>
        {
            text.WriteLine("path: .\ntrain: images\nval: images");
            text.WriteLine($"kpt_shape: [{scheme.Count}, 3]");
            text.WriteLine($"flip_idx: [{string.Join(", ", scheme.MirrorPermutation)}]");
            text.WriteLine("names:\n  0: face");
        });
    }

    protected override IEnumerable<ReadFace> ReadFaces(string file, string picture, Reading reading)
    {
        foreach (var (where, line) in AnnotationText.Lines(file))
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            foreach (var face in reading.One(where, () => Face(where, Fields(line), picture, reading)))
                yield return face;
        }
    }

    protected override void WriteFaces(Stream stream, FaceSet set, IReadOnlyList<LabelledFace> faces)
    {
        var (width, height) = NeededSize(set, faces[0]);
        AnnotationText.Write(stream, text =>
        {
            foreach (var face in faces)
            {
                var box = face.Box;
                text.Write($"0 {Share(box.Centre.X, width)} {Share(box.Centre.Y, height)} "
                    + $"{Share(box.Width, width)} {Share(box.Height, height)}");
                foreach (var (i, p) in face.Landmarks.Index())
                {
                    text.Write(LabelledFace.IsMissing(p) ? " 0 0 0"
                        : $" {Share(p.X, width)} {Share(p.Y, height)} {(face.Hidden.Contains(i) ? 1 : 2)}");
                }
                text.WriteLine();
            }
        });

        static string Share(float pixels, int side) => AnnotationText.Text((double)pixels / side);
    }

    /// <summary>The face of a line; null where it is a box alone.</summary>
    private static ReadFace? Face(string where, string[] fields, string picture, Reading reading)
    {
        if (fields.Length is <= BoxFields + 1 or > MostFields)
            return fields.Length is BoxFields or BoxFields + 1 ? null
                : throw new FormatException($"{fields.Length} fields, expected a class, a box and x, y, v of points");
        var numbers = fields[BoxFields..].Select(f => AnnotationText.Coordinate(f)).ToArray();
        var isTriple = IsFace(numbers.Length) ? IsTriple(numbers.Length) : numbers.Length % 3 == 0;
        var (width, height) = reading.SizeOf(picture);
        return new ReadFace(where, picture, [.. numbers.Chunk(isTriple ? 3 : 2).Where(n => n.Length > 1).Select(
            n => (n.Length == 3 ? n[2] == 0 : n[0] == 0 && n[1] == 0)
                ? LabelledFace.Missing : AnnotationText.Point(n[0] * width, n[1] * height))])
        {
            Box = FaceBox.AtCentre(new Vector2(Side(1) * width, Side(2) * height), Side(3) * width, Side(4) * height),
            // A prediction's third number is how sure it is.
            Hidden = !isTriple || numbers.Chunk(3).Any(n => n[^1] is not (0 or 1 or 2)) ? []
                : [.. numbers.Chunk(3).Index().Where(n => n.Item[^1] == 1).Select(n => n.Index)],
        };

        float Side(int field) => (float)AnnotationText.Coordinate(fields[field]);
    }

    private static bool IsFace(int numbers) =>
        IsTriple(numbers) || (numbers % 2 == 0 && PointLayout.Knows(numbers / 2));

    /// <summary>Whether so many numbers are x, y and v of points; predictions end with how sure they are.</summary>
    private static bool IsTriple(int numbers) => numbers % 3 is 0 or 1 && PointLayout.Knows(numbers / 3);

    private static string[] Fields(string line) =>
        line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
