namespace Mdfld.Data;

/// <summary>
/// The lists of WFLW: a face a line, parted by spaces: x and y of 98 points, then (not in the lists of its subsets) the
/// box xmin ymin xmax ymax and six flags, then the picture. The flags that are 1 become the style, "pose,blur".
/// </summary>
internal sealed class WflwFormat() : AnnotationFormat(
    "wflw", "WFLW: list_98pt_rect_attr_*.txt; six flags as style")
{
    private const int Coordinates = 196;
    private const int Extras = 10;

    private static readonly string[] Flags = ["pose", "expression", "illumination", "make-up", "occlusion", "blur"];

    public override bool Recognises(string file) =>
        file.EndsWith(".txt", StringComparison.OrdinalIgnoreCase)
        && FileNames.Lines(file).Take(1).Any(line => Parts(line) is { Length: > Coordinates } parts
            && parts[..Coordinates].All(p => AnnotationText.IsNumber(line.AsSpan()[p]))
            && !AnnotationText.IsNumber(line.TrimEnd().Split(' ')[^1]));

    internal override IEnumerable<ReadFace> Read(string file, Reading reading)
    {
        foreach (var (where, line) in AnnotationText.Lines(file))
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            foreach (var face in reading.One(where, () => Parse(where, line, reading)))
                yield return face;
        }
    }

    internal override void Write(string folder, FaceSet set) =>
        AnnotationText.Write(Path.Combine(folder, "list_98pt_rect_attr.txt"), text =>
        {
            foreach (var face in set.Faces)
            {
                var path = PicturePath.Check(face.ImagePath);
                if (face.Landmarks.Count != LandmarkScheme.Wflw98.Count)
                    throw new ArgumentException($"{path}: a face of {face.Landmarks.Count} points; wflw holds 98");
                if (path != path.Trim(' '))
                    throw new ArgumentException($"'{path}' begins or ends with a space; wflw parts fields by spaces");
                foreach (var p in face.Landmarks)
                    text.Write(string.Create(CultureInfo.InvariantCulture, $"{p.X} {p.Y} "));
                var box = face.Box;
                var (right, bottom) = (box.Left + box.Width, box.Top + box.Height);
                text.Write(string.Create(
                    CultureInfo.InvariantCulture, $"{box.Left:0} {box.Top:0} {right:0} {bottom:0} "));
                var ones = face.Style?.Split(',') ?? [];
                foreach (var flag in Flags)
                    text.Write(ones.Contains(flag) ? "1 " : "0 ");
                text.WriteLine(path);
            }
        });

    private static ReadFace Parse(string where, string line, Reading reading)
    {
        var parts = Parts(line);
        if (parts.Length <= Coordinates)
            throw new FormatException($"{parts.Length} fields, expected 197 or 207 parted by spaces");
        var points = AnnotationText.Points(
            [.. parts[..Coordinates].Select(p => AnnotationText.Coordinate(line.AsSpan()[p]))]);
        var hasExtras = parts.Length > Coordinates + Extras
            && parts[Coordinates..(Coordinates + Extras)].All(p => int.TryParse(line.AsSpan()[p], out _));
        var name = parts[Coordinates + (hasExtras ? Extras : 0)].Start;
        var flags = hasExtras
            ? Flags.Where((_, i) => line.AsSpan()[parts[Coordinates + 4 + i]] is "1").ToArray() : [];
        return new ReadFace(where, reading.Picture(line[name..].TrimEnd(' ')), points)
        {
            Style = flags.Length > 0 ? string.Join(',', flags) : null,
        };
    }

    /// <summary>The fields; a picture's name may hold spaces, and is then several.</summary>
    private static Range[] Parts(string line)
    {
        var parts = new Range[Coordinates + Extras + 1];
        var count = line.AsSpan().Split(parts, ' ', StringSplitOptions.RemoveEmptyEntries);
        return parts[..count];
    }
}

/// <summary>
/// The metadata of STAR; see <see cref="MetadataFile"/>. The only format that keeps squares and five points.
/// </summary>
internal sealed class StarFormat : AnnotationFormat
{
    private const int Columns = 6;

    // A table of points has more.
    private const int MostColumns = 20;

    public StarFormat()
        : base("star", "STAR: annotations.tsv and images/, as train and evaluate read it") =>
        KeepsStyles = KeepsMissing = true;

    public override bool Recognises(string file) =>
        file.EndsWith(".tsv", StringComparison.OrdinalIgnoreCase)
        && FileNames.Lines(file).Take(1).Any(line => line.Count(c => c == '\t') is >= Columns - 1 and < MostColumns);

    internal override IEnumerable<ReadFace> Read(string file, Reading reading) =>
        MetadataFile.Read(file, reading.Note).Select(face => new ReadFace(file, face.ImagePath, face.Landmarks)
        {
            Style = face.Style,
            Whole = face,
        });

    internal override void Write(string folder, FaceSet set) =>
        MetadataFile.Write(Path.Combine(folder, "annotations.tsv"), set.Faces);
}
