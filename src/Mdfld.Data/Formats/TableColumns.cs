using System.Text.RegularExpressions;

namespace Mdfld.Data;

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
                $"points in the columns {string.Join(" and in ", sets.Select(s => header[s[0].X]))}: which are meant?");
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
        var points = _points.Select(p => p.Visible is { } v && Number(v) is 0
            ? LabelledFace.Missing : AnnotationText.Point(Number(p.X), Number(p.Y)));
        return new ReadFace(where, _picture < 0 ? "" : Name(row[_picture]), [.. points])
        {
            Style = _style >= 0 && row[_style].Length > 0 ? row[_style] : null,
        };

        double Number(int column) => AnnotationText.Optional(row[column]);

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
        var columns = header.Select((name, i) => (Column: i, Coordinate().Match(name).Groups))
            .Where(c => c.Groups["axis"].Success).Select(c => (
                Key: (string.Concat(((string[])["a", "b", "c", "d"]).Select(g => c.Groups[g].Value)),
                    char.IsUpper(c.Groups["axis"].Value[0])),
                Axis: char.ToLowerInvariant(c.Groups["axis"].Value[0]),
                Number: int.Parse(c.Groups["number"].Value, CultureInfo.InvariantCulture), c.Column));
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
        var columns = header.Index().Where(h => h.Item.Length is > 0 and < 5 && h.Item.All(char.IsAsciiDigit))
            .ToArray();
        return columns.Length % 2 == 0 && PointLayout.Knows(columns.Length / 2) && header.Count - columns.Length <= 2
            && columns.Select(c => int.Parse(c.Item, CultureInfo.InvariantCulture))
                .SequenceEqual(Enumerable.Range(columns[0].Item == "1" ? 1 : 0, columns.Length))
            ? [.. columns.Select(c => c.Index).Chunk(2).Select(p => (p[0], p[1], (int?)null))] : null;
    }

    /// <summary>A first row that is a face already: a picture, and x and y in turn.</summary>
    private static TableColumns? Bare(IReadOnlyList<string> row)
    {
        var names = row.Index().Where(f => !AnnotationText.IsNumber(f.Item) && f.Item.Length > 0)
            .Select(f => f.Index).ToArray();
        if (names is not [var picture] || !PictureFinder.IsPicture(row[picture]) || row.Count % 2 == 0
            || !PointLayout.Knows((row.Count - 1) / 2))
            return null;
        var points = Enumerable.Range(0, row.Count).Where(i => i != picture).Chunk(2)
            .Select(p => (p[0], p[1], (int?)null));
        return new TableColumns(row, [.. points], picture);
    }

    // x0, x_0, 0_x, original_0_x, lm.x.0: one number, and an axis that is a word of its own.
    [GeneratedRegex(
        @"\A(?:(?<a>(?:.*[^A-Za-z0-9])?)(?<axis>[xyvXYV])(?<b>[^A-Za-z0-9]*)(?<number>\d{1,3})"
        + @"|(?<c>\D*)(?<number>\d{1,3})(?<d>[^A-Za-z0-9]*)(?<axis>[xyvXYV]))\z",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Coordinate();
}
