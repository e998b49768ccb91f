using System.Text;
using System.Text.RegularExpressions;

namespace Mdfld.Data;

/// <summary>
/// A table with a header, a face a line, parted by commas, semicolons or tabs; fields may be quoted as RFC 4180 says.
/// The header tells where x and y of each point are, as <c>x0</c>, <c>x_0</c> (OpenFace), <c>original_0_x</c> (HRNet) or
/// by numbers alone (<c>training_frames_keypoints.csv</c>), where the picture's name, and where there is one,
/// <c>style</c>, in any order among other columns, which are left. An empty field is a missing point.
/// </summary>
internal class TableFormat : AnnotationFormat
{
    public TableFormat()
        : this(
            "csv",
            "table: image, x0, y0, x1, ..., style, as detect --format csv writes it; OpenFace, x_0, and columns 0 to 135")
    {
    }

    protected TableFormat(string name, string summary)
        : base(name, summary) => KeepsStyles = KeepsMissing = true;

    public override bool Recognises(string file) =>
        IsTable(file) && !HrnetFormat.IsOne(Header(file)) && TableColumns.IsHeader(Header(file));

    internal override IEnumerable<ReadFace> Read(string file, Reading reading)
    {
        using var reader = new StreamReader(file);
        TableColumns? columns = null;
        string? frame = null;
        foreach (var (line, fields) in TableRows.Read(reader, file))
        {
            var where = $"{file}, line {line}";
            if (columns is null)
            {
                columns = AnnotationText.At(where, () => TableColumns.Of(fields));
                if (columns.HasHeader)
                    continue;
            }
            if (fields.Count == 1 && fields[0].Length == 0)
                continue;
            foreach (var face in reading.One(where, () => Face(where, fields)))
                yield return face;
        }

        ReadFace? Face(string where, IReadOnlyList<string> fields)
        {
            if (columns.Face(where, fields) is not { } face)
                return null;
            if (columns.Frame(fields) is { } number && (frame ??= number) != number)
                throw new FormatException($"frame {number} of a video: no column names its picture");
            return face with
            {
                Picture = face.Picture.Length > 0
                    ? reading.Picture(face.Picture) : reading.PictureOf(file, Path.GetExtension(file)),
            };
        }
    }

    internal override void Write(string folder, FaceSet set) =>
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
                    text.Write($"{TableRows.Quoted(face.ImagePath)},{number++}");
                    WritePoints(text, face);
                    text.WriteLine(hasStyle ? $",{TableRows.Quoted(face.Style ?? "")}" : "");
                }
            }
        });

    protected static bool IsTable(string file) => file.EndsWith(".csv", StringComparison.OrdinalIgnoreCase);

    /// <summary>The fields of the first line.</summary>
    protected static IReadOnlyList<string> Header(string file)
    {
        using var reader = new StreamReader(file);
        try
        {
            return TableRows.Read(reader, file).Select(r => r.Fields).FirstOrDefault([]);
        }
        catch (InvalidDataException)
        {
            return [];
        }
    }

    protected static void WritePoints(TextWriter text, LabelledFace face)
    {
        foreach (var p in face.Landmarks)
        {
            text.Write(LabelledFace.IsMissing(p)
                ? ",," : string.Create(CultureInfo.InvariantCulture, $",{p.X},{p.Y}"));
        }
    }
}

/// <summary>
/// The tables that HRNet's facial landmark code trains on: image_name, scale, center_w, center_h, original_0_x,
/// original_0_y, ... Scale and centre are those of the tight landmark box.
/// </summary>
internal sealed class HrnetFormat : TableFormat
{
    public HrnetFormat()
        : base("hrnet", "HRNet: table of image_name, scale, center_w, center_h, original_0_x, ...") =>
        KeepsStyles = KeepsMissing = false;

    public static bool IsOne(IReadOnlyList<string> header) => header.Contains("original_0_x");

    public override bool Recognises(string file) => IsTable(file) && IsOne(Header(file));

    internal override void Write(string folder, FaceSet set) =>
        AnnotationText.Write(Path.Combine(folder, "face_landmarks.csv"), text =>
        {
            text.Write("image_name,scale,center_w,center_h");
            for (var i = 0; i < set.Faces[0].Landmarks.Count; i++)
                text.Write(string.Create(CultureInfo.InvariantCulture, $",original_{i}_x,original_{i}_y"));
            text.WriteLine();
            foreach (var face in set.Faces)
            {
                text.Write(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{TableRows.Quoted(PicturePath.Check(face.ImagePath))},{face.Scale},{face.Centre.X},{face.Centre.Y}"));
                WritePoints(text, face);
                text.WriteLine();
            }
        });
}

/// <summary>The lines of a table.</summary>
internal static class TableRows
{
    private const int LongestField = 1 << 16;

    /// <summary>A field in quotes where it needs them.</summary>
    public static string Quoted(string text) =>
        text.AsSpan().ContainsAny(",\"\r\n") || text is [' ', ..] or [.., ' ']
            ? $"\"{text.Replace("\"", "\"\"")}\"" : text;

    /// <summary>
    /// Rows with the line each begins in. What parts fields is what parts most of them in the first line: a semicolon,
    /// tab or comma.
    /// </summary>
    /// <exception cref="InvalidDataException">A quote or a field does not end.</exception>
    public static IEnumerable<(int Line, IReadOnlyList<string> Fields)> Read(TextReader reader, string file)
    {
        var first = reader.ReadLine();
        if (first is null)
            yield break;
        var gap = new[] { ',', ';', '\t' }.MaxBy(c => first.Count(f => f == c));
        var (fields, field, wasQuoted) = (new List<string>(), new StringBuilder(), false);
        var (line, begin, isQuoted) = (1, 1, false);
        foreach (var c in (IEnumerable<char>)[.. first, '\n'])
        {
            if (Take(c))
                yield return Row();
        }
        for (int c; (c = reader.Read()) >= 0;)
        {
            if (Take((char)c))
                yield return Row();
        }
        if (isQuoted)
            throw new InvalidDataException($"{file}, line {begin}: a quote that does not end");
        if (field.Length == 0 && fields.Count == 0)
            yield break;
        Next();
        yield return Row();

        // A quote in quotes is two; the second of them is taken as the begin of a further part of the field.
        bool Take(char c)
        {
            if (c == '\n')
                line++;
            if (c == '"' && (isQuoted || field.Length == 0 || wasQuoted))
            {
                if (!isQuoted && wasQuoted)
                    field.Append('"');
                (isQuoted, wasQuoted) = (!isQuoted, true);
            }
            else if (isQuoted || (c != gap && c is not ('\r' or '\n')))
            {
                field.Append(c);
            }
            else if (c == gap)
            {
                Next();
            }
            else if (c == '\n')
            {
                Next();
                return true;
            }
            if (field.Length > LongestField || fields.Count > LongestField)
                throw new InvalidDataException($"{file}, line {begin}: a field or row that does not end");
            return false;
        }

        void Next()
        {
            fields.Add(wasQuoted ? field.ToString() : field.ToString().Trim(' ', '\uFEFF'));
            field.Clear();
            wasQuoted = false;
        }

        (int, IReadOnlyList<string>) Row()
        {
            var row = (begin, (IReadOnlyList<string>)fields);
            (fields, begin) = ([], line);
            return row;
        }
    }
}

/// <summary>Where in the rows of a table the points are.</summary>
internal sealed partial class TableColumns
{
    private static readonly string[] PictureNames =
    [
        "image", "image_name", "image_path", "imagename", "img", "img_name", "filename", "file_name", "file", "picture",
        "path", "name", "",
    ];

    private readonly int _picture;
    private readonly int _style;
    private readonly int _frame;
    private readonly int _success;
    private readonly (int X, int Y, int? Visible)[] _points;
    private readonly int _count;

    private TableColumns(IReadOnlyList<string> header, (int X, int Y, int? Visible)[] points, int? picture = null)
    {
        var byName = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < header.Count && picture is null; i++)
            byName.TryAdd(header[i], i);
        _picture = picture ?? PictureNames.Select(n => byName.GetValueOrDefault(n, -1)).FirstOrDefault(i => i >= 0, -1);
        _style = byName.GetValueOrDefault("style", -1);
        _frame = _picture < 0 ? byName.GetValueOrDefault("frame", -1) : -1;
        _success = byName.GetValueOrDefault("success", -1);
        (_points, _count, HasHeader) = (points, header.Count, picture is null);
    }

    /// <summary>Whether the first row names columns, and is no face.</summary>
    public bool HasHeader { get; }

    /// <summary>Whether a first row names the coordinates of a face, or is one.</summary>
    public static bool IsHeader(IReadOnlyList<string> header) => Sets(header) is [_, ..] || Bare(header) is not null;

    /// <exception cref="FormatException">The first row does not tell where the points are.</exception>
    public static TableColumns Of(IReadOnlyList<string> header)
    {
        var sets = Sets(header);
        if (sets.Count > 1)
        {
            throw new FormatException(
                $"points in the columns {string.Join(" and in ", sets.Select(s => header[s[0].X]))}, expected them once");
        }
        if (sets.Count == 0)
        {
            return Bare(header) ?? throw new FormatException(
                "no header with columns x0, y0, x1, ... (or x_0, original_0_x, 0, 1, 2, ...) of 68, 98 or 29 points");
        }
        return new TableColumns(header, sets[0]);
    }

    /// <summary>A row's face, its picture as the row has it; null where a face was not found.</summary>
    /// <exception cref="FormatException">It does not fit the header.</exception>
    public ReadFace? Face(string where, IReadOnlyList<string> row)
    {
        if (row.Count != _count)
            throw new FormatException($"{row.Count} fields, the header has {_count}");
        if (_success >= 0 && row[_success] == "0")
            return null;
        var points = _points.Select(p => p.Visible is { } v && AnnotationText.Optional(row[v]) is 0
            ? LabelledFace.Missing : AnnotationText.Point(AnnotationText.Optional(row[p.X]), AnnotationText.Optional(row[p.Y])));
        return new ReadFace(where, _picture < 0 ? "" : Name(row[_picture]), [.. points])
        {
            Style = _style >= 0 && row[_style].Length > 0 ? row[_style] : null,
        };

        static string Name(string name) => name.Length > 0 ? name : throw new FormatException("'' names no picture");
    }

    /// <summary>The number of a video's frame, where the table is of one and names no pictures.</summary>
    public string? Frame(IReadOnlyList<string> row) => _frame < 0 ? null : row[_frame];

    /// <summary>
    /// The sets of columns that can be the points of a face. Of a set in capitals and one that is not, as OpenFace has
    /// for points in space and in the picture, the other.
    /// </summary>
    private static List<(int X, int Y, int? Visible)[]> Sets(IReadOnlyList<string> header)
    {
        var found = new List<(bool IsCapital, (int, int, int?)[] Points)>();
        var columns = header.Select((name, i) => (Match: Coordinate().Match(name), Column: i)).Where(c => c.Match.Success)
            .Select(c => (
                Key: (c.Match.Groups["a"].Value + c.Match.Groups["b"].Value + c.Match.Groups["c"].Value + c.Match.Groups["d"].Value,
                    char.IsUpper(c.Match.Groups["axis"].Value[0])),
                Axis: char.ToLowerInvariant(c.Match.Groups["axis"].Value[0]),
                Number: int.Parse(c.Match.Groups["number"].Value, CultureInfo.InvariantCulture), c.Column));
        foreach (var set in columns.GroupBy(c => c.Key))
        {
            var (x, y, v) = (Axis('x'), Axis('y'), Axis('v'));
            var first = x.Count > 0 ? x.Keys.Min() : 0;
            if (first is 0 or 1 && PointLayout.Knows(x.Count) && y.Count == x.Count
                && Enumerable.Range(first, x.Count).All(n => x.ContainsKey(n) && y.ContainsKey(n)))
            {
                found.Add((set.Key.Item2, [.. Enumerable.Range(first, x.Count).Select(
                    n => (x[n], y[n], v.TryGetValue(n, out var visible) ? visible : (int?)null))]));
            }

            Dictionary<int, int> Axis(char axis) => set.Where(c => c.Axis == axis)
                .DistinctBy(c => c.Number).ToDictionary(c => c.Number, c => c.Column);
        }
        if (found.Any(f => !f.IsCapital))
            found.RemoveAll(f => f.IsCapital);
        if (found.Count == 0 && Numbers(header) is { } pairs)
            return [pairs];
        return [.. found.Select(f => f.Points)];
    }

    /// <summary>Columns called 0, 1, 2, ...: x and y in turn.</summary>
    private static (int X, int Y, int? Visible)[]? Numbers(IReadOnlyList<string> header)
    {
        var columns = header.Index().Where(h => h.Item.Length is > 0 and < 5 && h.Item.All(char.IsAsciiDigit)).ToArray();
        return columns.Length % 2 == 0 && PointLayout.Knows(columns.Length / 2) && header.Count - columns.Length <= 2
            && columns.Select(c => int.Parse(c.Item, CultureInfo.InvariantCulture))
                .SequenceEqual(Enumerable.Range(columns[0].Item == "1" ? 1 : 0, columns.Length))
            ? [.. columns.Select(c => c.Index).Chunk(2).Select(p => (p[0], p[1], (int?)null))] : null;
    }

    /// <summary>A first row that is a face already: a picture, and x and y in turn.</summary>
    private static TableColumns? Bare(IReadOnlyList<string> row)
    {
        var names = row.Index().Where(f => !AnnotationText.IsNumber(f.Item) && f.Item.Length > 0).Select(f => f.Index).ToArray();
        if (names is not [var picture] || !PictureFinder.IsPicture(row[picture]) || row.Count % 2 == 0
            || !PointLayout.Knows((row.Count - 1) / 2))
            return null;
        var points = Enumerable.Range(0, row.Count).Where(i => i != picture).Chunk(2).Select(p => (p[0], p[1], (int?)null));
        return new TableColumns(row, [.. points], picture);
    }

    // x0, x_0, 0_x, original_0_x, lm.x.0: one number, and an axis that is a word of its own.
    [GeneratedRegex(
        @"\A(?:(?<a>(?:.*[^A-Za-z0-9])?)(?<axis>[xyvXYV])(?<b>[^A-Za-z0-9]*)(?<number>\d{1,3})"
        + @"|(?<c>\D*)(?<number>\d{1,3})(?<d>[^A-Za-z0-9]*)(?<axis>[xyvXYV]))\z",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Coordinate();
}
