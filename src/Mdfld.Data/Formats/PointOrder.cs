namespace Mdfld.Data;

/// <summary>
/// Puts the points of faces into the order of a scheme: by their names where the file has names, else by their number.
/// Decided once for a set, from all names in it.
/// </summary>
internal sealed class PointOrder
{
    // Fewer than this share of a scheme's points are another scheme's.
    private const double LeastShare = 0.5;

    private const int MostNames = 12;

    private readonly PointMap? _map;
    private readonly IReadOnlyDictionary<string, int>? _places;
    private readonly int _count;

    private PointOrder(PointMap? map, IReadOnlyDictionary<string, int>? places, int count) =>
        (_map, _places, _count) = (map, places, count);

    /// <param name="faces">All faces of the set.</param>
    /// <param name="map">Says where points belong; null where names and numbers tell.</param>
    /// <param name="first">The number of the first point where a format settles it and the set does not tell.</param>
    /// <exception cref="InvalidDataException">The names belong to no scheme; the message lists them.</exception>
    public static PointOrder Of(IEnumerable<ReadFace> faces, PointMap? map, int? first = null)
    {
        if (map is not null)
            return new PointOrder(map, null, LandmarkScheme.Ibug68.Count);
        var names = new HashSet<string>();
        IReadOnlyList<string>? last = null;
        foreach (var face in faces)
        {
            if (face.Names is not null && !ReferenceEquals(face.Names, last))
                names.UnionWith(face.Names);
            last = face.Names;
        }
        // One name for all tells nothing: they are counted.
        return names.Count < 2 ? new PointOrder(null, null, 0) : ByName(names, first);
    }

    /// <summary>The points in the order of the scheme; null where none is there.</summary>
    /// <exception cref="FormatException">There are too many, or a point is there twice.</exception>
    public Vector2[]? Apply(ReadFace face)
    {
        var points = face switch
        {
            { Names: { } names } when _places is not null => Placed(face.Points, i => _places.TryGetValue(
                names[i], out var at) ? at : null, i => names[i]),
            _ when _map is not null => Placed(
                face.Points, i => _map.Place(face.Names?[i] ?? i.ToString(CultureInfo.InvariantCulture)),
                i => face.Names?[i] ?? $"{i}"),
            _ => PointLayout.Of(face.Points),
        };
        return points.All(LabelledFace.IsMissing) ? null : points;
    }

    /// <summary>Numbers, in the scheme's order, of a face's points that are not seen.</summary>
    public IReadOnlyList<int> Hidden(ReadFace face) => face.Hidden.Count == 0 ? [] :
    [
        // Each point's number goes where the point goes.
        .. Apply(face with { Points = [.. face.Points.Select((_, i) => new Vector2(i))] })!
            .Index().Where(p => face.Hidden.Contains((int)p.Item.X)).Select(p => p.Index),
    ];

    private Vector2[] Placed(IReadOnlyList<Vector2> points, Func<int, int?> place, Func<int, string> name)
    {
        var placed = new Vector2[_count];
        Array.Fill(placed, LabelledFace.Missing);
        var seen = new bool[_count];
        for (var i = 0; i < points.Count; i++)
        {
            if (place(i) is not { } at)
                continue;
            if (seen[at])
                throw new FormatException($"the point '{AnnotationText.Short(name(i))}' is there twice");
            (placed[at], seen[at]) = (points[i], true);
        }
        return placed;
    }

    /// <summary>Names that are one word with a number: 7, p07, face-7.</summary>
    private static PointOrder ByName(HashSet<string> names, int? first)
    {
        var numbered = names.Select(name => (Name: name, Parts: Numbered(name))).Where(n => n.Parts is not null)
            .GroupBy(n => (n.Parts!.Value.Before, n.Parts.Value.After), n => (n.Name, n.Parts!.Value.Number));
        var fitting = new List<PointOrder>();
        string? why = null;
        foreach (var group in numbered)
        {
            var (low, high, count) = (group.Min(n => n.Number), group.Max(n => n.Number), group.Count());
            var start = low == 0 ? 0 : LandmarkScheme.TryForCount(high) is not null ? 1 : first;
            var size = start is null ? null : PointLayout.SchemeOf(high - start.Value + 1);
            if (size is null || count < LeastShare * size || group.DistinctBy(n => n.Number).Count() < count)
            {
                if (start is null && count > LeastShare * LandmarkScheme.Cofw29.Count)
                    why = $"the points are numbered {low} to {high}: that does not say whether the first is 0 or 1";
                continue;
            }
            var places = group.ToDictionary(n => n.Name, n => n.Number - start!.Value);
            fitting.Add(new PointOrder(null, places, size.Value));
        }
        if (fitting.Count == 1)
            return fitting[0];
        var list = string.Join(
            ", ", names.Order(StringComparer.Ordinal).Take(MostNames).Select(n => AnnotationText.Short(n)));
        throw new InvalidDataException(
            (why ?? $"{names.Count} names of points that are those of no scheme")
            + $": {list}{(names.Count > MostNames ? ", ..." : "")}; name the 68 points' numbers with --map FILE");
    }

    private static (string Before, int Number, string After)? Numbered(string name)
    {
        var start = name.AsSpan().IndexOfAnyInRange('0', '9');
        if (start < 0)
            return null;
        var end = name.AsSpan().LastIndexOfAnyInRange('0', '9') + 1;
        return int.TryParse(name.AsSpan(start..end), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (name[..start].Trim().ToLowerInvariant(), number, name[end..].Trim().ToLowerInvariant()) : null;
    }
}

/// <summary>Which points of larger sets are the 68 of iBUG.</summary>
internal static class PointLayout
{
    /// <summary>LaPa's and JD-landmark's 106 points: every second of the outline, the brows' upper edges, ...</summary>
    public static readonly int[] Of106 =
    [
        .. Enumerable.Range(0, 17).Select(i => 2 * i), .. Run(33, 5), .. Run(42, 5), .. Run(51, 4), .. Run(58, 5),
        66, 67, 69, 70, 71, 73, 75, 76, 78, 79, 80, 82, .. Run(84, 20),
    ];

    /// <summary>MediaPipe's mesh of 468 points (478 with irises), as the correspondence is usually published.</summary>
    private static readonly int[] OfMesh =
    [
        162, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 389,
        71, 63, 105, 66, 107, 336, 296, 334, 293, 301, 168, 197, 5, 4, 75, 97, 2, 326, 305,
        33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380,
        61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181, 78, 82, 13, 312, 308, 317, 14, 87,
    ];

    /// <summary>OpenPose's and Face Synthetics' 70, and the bodies of COCO-WholeBody (133) and Halpe (136).</summary>
    private static readonly Dictionary<int, int[]> ByCount = new()
    {
        [70] = Run(0, 68),
        [133] = Run(23, 68),
        [136] = Run(26, 68),
        [468] = OfMesh,
        [478] = OfMesh,
    };

    /// <summary>Whether faces of so many points are understood by their order alone.</summary>
    public static bool Knows(int count) => LandmarkScheme.TryForCount(count) is not null || ByCount.ContainsKey(count);

    /// <summary>
    /// The scheme whose points are numbered so far; the last of 68 may be missing. Sets of 66, 51 or 21 points number
    /// theirs otherwise.
    /// </summary>
    public static int? SchemeOf(int count) => count == 67 ? 68 : LandmarkScheme.TryForCount(count)?.Count;

    /// <summary>Points in a known order as those of a scheme.</summary>
    /// <exception cref="FormatException">So many points are of no known order.</exception>
    public static Vector2[] Of(IReadOnlyList<Vector2> points) => LandmarkScheme.TryForCount(points.Count) is not null
        ? [.. points]
        : points.Count == HelenContours.Count ? HelenContours.To68(points)
        : ByCount.TryGetValue(points.Count, out var chosen) ? [.. chosen.Select(i => points[i])]
        : throw new FormatException($"{points.Count} points, expected 68, 98 or 29");

    private static int[] Run(int first, int count) => [.. Enumerable.Range(first, count)];
}

/// <summary>Where points belong that a file names in its own way: the number among the 68 by name or number.</summary>
public sealed class PointMap
{
    private const int MostLines = 10_000;

    private static readonly char[] Separators = [' ', '\t', ',', ';', ':', '='];

    private readonly Dictionary<string, int> _places;

    private PointMap(Dictionary<string, int> places) => _places = places;

    /// <summary>
    /// Reads a text file, a point a line: its name, or where points have none its number counted from 0, then its
    /// number from 0 to 67 among iBUG's, parted by a space, comma, colon or equals sign. '#' begins a remark. Points
    /// that no line names are left out; those of the 68 that nothing leads to are missing.
    /// </summary>
    /// <exception cref="InvalidDataException">A line is none of that; the message names it.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static PointMap Read(string path)
    {
        var places = new Dictionary<string, int>();
        var taken = new HashSet<int>();
        foreach (var (where, line) in AnnotationText.Lines(path).Take(MostLines))
        {
            var text = line.Split('#')[0].Trim().TrimEnd(',');
            if (text.Length == 0)
                continue;
            var at = text.LastIndexOfAny(Separators);
            var name = at < 0 ? "" : text[..at].TrimEnd(Separators).Trim('"');
            if (name.Length == 0
                || !int.TryParse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var place)
                || place >= LandmarkScheme.Ibug68.Count)
            {
                throw new InvalidDataException(
                    $"{where}: '{AnnotationText.Short(text)}', expected a point's name and its number from 0 to 67");
            }
            if (!places.TryAdd(name, place) || !taken.Add(place))
                throw new InvalidDataException($"{where}: '{AnnotationText.Short(text)}' is there twice");
        }
        return places.Count > 0 ? new PointMap(places)
            : throw new InvalidDataException($"{path}: no point in it; expected lines of a name and a number");
    }

    internal int? Place(string name) => _places.TryGetValue(name, out var place) ? place : null;
}
