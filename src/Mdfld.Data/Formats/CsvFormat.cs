using System.Text;

namespace Mdfld.Data;

/// <summary>
/// A table with a header: <c>image</c>, x0, y0, x1, y1, ... and, where there is one, <c>style</c>, in any order among
/// other columns, which are left. Fields may be quoted as RFC 4180 says.
/// </summary>
internal sealed class CsvFormat : AnnotationFormat
{
    private const int LongestField = 1 << 16;

    public CsvFormat()
        : base("csv", "table: image, x0, y0, x1, ..., style; as detect --format csv writes it") => KeepsStyles = true;

    public override bool Recognises(string file)
    {
        if (!file.EndsWith(".csv", StringComparison.OrdinalIgnoreCase))
            return false;
        var header = File.ReadLines(file).FirstOrDefault("").Split(',');
        return header.Contains("image") && header.Contains("x0") && header.Contains("y0");
    }

    public override IEnumerable<LabelledFace> Read(string file, string pictures)
    {
        using var reader = new StreamReader(file);
        Columns? columns = null;
        foreach (var (line, fields) in Rows(reader, file))
        {
            if (columns is null)
                columns = AnnotationText.At($"{file}, line {line}", () => Columns.Of(fields));
            else if (fields.Count > 1 || fields[0].Length > 0)
                yield return AnnotationText.At($"{file}, line {line}", () => columns.Face(fields, pictures));
        }
    }

    public override void Write(string folder, FaceSet set) =>
        AnnotationText.Write(Path.Combine(folder, "annotations.csv"), text =>
        {
            var points = set.Faces.Count > 0 ? set.Faces[0].Landmarks.Count : 0;
            var hasStyle = set.Faces.Any(f => f.Style is not null);
            text.Write("image,face");
            for (var i = 0; i < points; i++)
                text.Write(string.Create(CultureInfo.InvariantCulture, $",x{i},y{i}"));
            text.WriteLine(hasStyle ? ",style" : "");
            foreach (var picture in set.ByPicture())
            {
                var number = 0;
                foreach (var face in picture)
                {
                    text.Write($"{Quoted(face.ImagePath)},{number++}");
                    foreach (var p in face.Landmarks)
                        text.Write(string.Create(CultureInfo.InvariantCulture, $",{p.X},{p.Y}"));
                    text.WriteLine(hasStyle ? $",{Quoted(face.Style ?? "")}" : "");
                }
            }
        });

    private static string Quoted(string text) =>
        text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"")}\"" : text;

    /// <summary>Rows with the line each begins in.</summary>
    private static IEnumerable<(int Line, IReadOnlyList<string> Fields)> Rows(TextReader reader, string file)
    {
        var (fields, field) = (new List<string>(), new StringBuilder());
        var (line, begin, isQuoted) = (1, 1, false);
        for (int c; (c = reader.Read()) >= 0;)
        {
            if (c == '\n')
                line++;
            if (c == '"' && isQuoted && reader.Peek() == '"')
                field.Append((char)reader.Read());
            else if (c == '"' && (isQuoted || field.Length == 0))
                isQuoted = !isQuoted;
            else if (isQuoted || c is not (',' or '\r' or '\n'))
                field.Append((char)c);
            else if (c == ',')
                Next();
            else if (c == '\n')
            {
                Next();
                yield return (begin, fields);
                (fields, begin) = ([], line);
            }
            if (field.Length > LongestField || fields.Count > LongestField)
                throw new InvalidDataException($"{file}, line {begin}: a field or row that does not end");
        }
        if (isQuoted)
            throw new InvalidDataException($"{file}, line {begin}: a quote that does not end");
        if (field.Length == 0 && fields.Count == 0)
            yield break;
        Next();
        yield return (begin, fields);

        void Next()
        {
            fields.Add(field.ToString());
            field.Clear();
        }
    }

    /// <summary>The columns that are read, by their number.</summary>
    private sealed record Columns(int Picture, int Style, int[] Numbers, int Count)
    {
        public static Columns Of(IReadOnlyList<string> header)
        {
            var byName = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
            for (var i = 0; i < header.Count; i++)
                byName.TryAdd(header[i].Trim('\uFEFF', ' '), i);
            if (!byName.TryGetValue("image", out var image))
                throw new FormatException("no column 'image' in the header");
            var numbers = new List<int>();
            for (var i = 0; byName.TryGetValue($"x{i}", out var x) && byName.TryGetValue($"y{i}", out var y); i++)
                numbers.AddRange([x, y]);
            if (LandmarkScheme.TryForCount(numbers.Count / 2) is null)
                throw new FormatException($"{numbers.Count / 2} columns x0, y0, ..., expected 68, 98 or 29");
            return new Columns(image, byName.GetValueOrDefault("style", -1), [.. numbers], header.Count);
        }

        public LabelledFace Face(IReadOnlyList<string> row, string pictures)
        {
            if (row.Count != Count)
                throw new FormatException($"{row.Count} fields, the header has {Count}");
            var points = AnnotationText.Points([.. Numbers.Select(n => AnnotationText.Coordinate(row[n]))]);
            var style = Style >= 0 && row[Style].Length > 0 ? row[Style] : null;
            return LabelledFace.FromLandmarks(PicturePath.Parse(row[Picture], pictures), points, style);
        }
    }
}
