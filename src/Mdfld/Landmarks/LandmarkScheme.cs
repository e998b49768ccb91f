using System.Collections.Immutable;

namespace Mdfld;

/// <summary>
/// What the points of a face mean: how many, which contours they form, which are exchanged in a mirror. The known ones
/// (<see cref="Ibug68"/>, <see cref="Wflw98"/>, <see cref="Cofw29"/>) and their numbering are those of 300-W, WFLW and
/// COFW as STAR uses them; the constructor makes others.
/// </summary>
public sealed partial class LandmarkScheme
{
    private readonly ImmutableArray<LandmarkPart> _fivePoints;

    /// <summary>A scheme of one's own.</summary>
    /// <param name="name">What it is called, in files too.</param>
    /// <param name="count">Points of a face.</param>
    /// <param name="contours">See <see cref="Contours"/>; their names are unique.</param>
    /// <param name="groups">See <see cref="Groups"/>.</param>
    /// <param name="mirrorPairs">Points that are exchanged in a mirror; the others stay themselves.</param>
    /// <param name="outerEyeCorners">
    /// Two parts, see <see cref="OuterEyeCorners"/>; without them errors cannot be normalised.
    /// </param>
    /// <param name="fivePoints">
    /// Five parts, see <see cref="FivePoints"/>; without them crops are not turned upright.
    /// </param>
    /// <exception cref="ArgumentException">
    /// A point is not below <paramref name="count"/>, or is paired twice.
    /// </exception>
    public LandmarkScheme(
        string name,
        int count,
        ImmutableArray<LandmarkPart> contours = default,
        ImmutableArray<LandmarkPart> groups = default,
        IReadOnlyList<(int, int)>? mirrorPairs = null,
        ImmutableArray<LandmarkPart> outerEyeCorners = default,
        ImmutableArray<LandmarkPart> fivePoints = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        (Name, Count) = (name, count);
        Contours = Checked(contours, nameof(contours));
        Groups = Checked(groups, nameof(groups));
        OuterEyeCorners = Pupils = ReferencePair = Checked(outerEyeCorners, nameof(outerEyeCorners), 2);
        _fivePoints = Checked(fivePoints, nameof(fivePoints), 5);
        MirrorPermutation = Permutation(mirrorPairs ?? []);
    }

    /// <summary>What the scheme is called; of the known ones the data set: 300W, 300VW, WFLW or COFW.</summary>
    public string Name { get; }

    /// <summary>Points of a face.</summary>
    public int Count { get; }

    /// <summary>
    /// The contours by name; a point may be in none, or in two. Of the 68 points: jaw, right brow, left brow, nose
    /// bridge, nose tip, right eye, left eye, outer lips, inner lips. Right and left are the subject's, as in ARKit and
    /// MediaPipe.
    /// </summary>
    public ImmutableArray<LandmarkPart> Contours { get; }

    /// <summary>Parts that errors are reported for: jaw, brows, nose, eyes, mouth; together every point once.</summary>
    public ImmutableArray<LandmarkPart> Groups { get; }

    /// <summary>Point i of the mirrored face is point <c>MirrorPermutation[i]</c> of the original one.</summary>
    public ImmutableArray<int> MirrorPermutation { get; }

    /// <summary>A mirror moves x to width - x + this: -1, but 0 for COFW, whose pixels count from 1.</summary>
    public int MirrorOffset { get; private init; } = -1;

    /// <summary>The outer corners of the subject's right and left eye; empty where the scheme has none.</summary>
    public ImmutableArray<LandmarkPart> OuterEyeCorners { get; }

    /// <summary>The right and left pupil; with 68 points the six of each eye.</summary>
    public ImmutableArray<LandmarkPart> Pupils { get; private init; }

    /// <summary>
    /// Between what STAR measures the distance that it divides errors by: outer eye corners, but pupils for COFW.
    /// </summary>
    public ImmutableArray<LandmarkPart> ReferencePair { get; private init; }

    /// <summary>NME above which STAR calls a face of this data set failed, as a fraction.</summary>
    public double ReferenceThreshold { get; private init; } = 0.1;

    /// <summary>The distance of the outer eye corners, pixels; NaN where the scheme has none.</summary>
    public double EyeDistance(ReadOnlySpan<Vector2> points) =>
        OuterEyeCorners.IsEmpty ? double.NaN : OuterEyeCorners[0].DistanceTo(OuterEyeCorners[1], points);

    /// <summary>The scheme with this many points: 68, 98 or 29.</summary>
    /// <exception cref="ArgumentException">No scheme has so many points.</exception>
    public static LandmarkScheme ForCount(int count) =>
        TryForCount(count) ?? throw new ArgumentException(
            $"no landmark scheme has {count} points; known are 68, 98 and 29", nameof(count));

    /// <summary>The scheme of a data set: 300W, 300VW, WFLW or COFW, in any case.</summary>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static LandmarkScheme ByName(string name) =>
        TryByName(name) ?? throw new ArgumentException(
            $"no landmark scheme is called '{name}'; known are 300W, 300VW, WFLW and COFW", nameof(name));

    /// <summary>The known scheme of a data set; null where there is none.</summary>
    public static LandmarkScheme? TryByName(string name) => Array.Find(
        [Ibug68, Ibug68Video, Wflw98, Cofw29], s => s.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The face as a mirror shows it.</summary>
    /// <param name="points"><see cref="Count"/> points, pixels.</param>
    /// <param name="width">Columns of the picture.</param>
    public Vector2[] Mirror(ReadOnlySpan<Vector2> points, int width)
    {
        Check(points);
        var mirrored = new Vector2[Count];
        for (var i = 0; i < Count; i++)
        {
            var p = points[MirrorPermutation[i]];
            mirrored[i] = new Vector2(width - p.X + MirrorOffset, p.Y);
        }
        return mirrored;
    }

    /// <summary>
    /// Eye on the picture's left, eye on the right, nose, mouth corner on the left, on the right. With 68 points:
    /// middle of an eye's corners (36, 39 and 42, 45), middle of 33 and 35, points 48 and 54 (as MDFLD writes its
    /// files).
    /// </summary>
    /// <param name="points"><see cref="Count"/> points.</param>
    /// <returns>Five points; none where the scheme has not got them.</returns>
    public Vector2[] FivePoints(ReadOnlySpan<Vector2> points)
    {
        Check(points);
        var five = new Vector2[_fivePoints.Length];
        for (var i = 0; i < five.Length; i++)
            five[i] = _fivePoints[i].Middle(points);
        return five;
    }

    /// <summary>
    /// The points of another scheme where they are among these: 98 to 68 (every second of the jaw, the upper edge of
    /// the brows, six of an eye's eight), and any to itself.
    /// </summary>
    /// <param name="points"><see cref="Count"/> points.</param>
    /// <param name="target">The scheme wanted.</param>
    /// <exception cref="ArgumentException">The points of that scheme do not follow from these.</exception>
    public Vector2[] Convert(ReadOnlySpan<Vector2> points, LandmarkScheme target)
    {
        Check(points);
        if (target.Count == Count)
            return points.ToArray();
        if ((Count, target.Count) != (Wflw98.Count, Ibug68.Count))
            throw new ArgumentException($"no {target} follow from {this}; only 98 points hold 68", nameof(target));
        var converted = new Vector2[IbugInWflw.Length];
        for (var i = 0; i < converted.Length; i++)
            converted[i] = points[IbugInWflw[i]];
        return converted;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Count} points)";

    /// <summary>The known scheme with this many points; null where there is none.</summary>
    public static LandmarkScheme? TryForCount(int count) =>
        Array.Find([Ibug68, Wflw98, Cofw29], s => s.Count == count);

    /// <summary>Makes sure that a face has the scheme's number of points.</summary>
    /// <exception cref="ArgumentException">It has not.</exception>
    public void Check(ReadOnlySpan<Vector2> points)
    {
        if (points.Length != Count)
            throw new ArgumentException($"a {Name} face has {Count} points, not {points.Length}", nameof(points));
    }

    private ImmutableArray<LandmarkPart> Checked(ImmutableArray<LandmarkPart> parts, string name, int? count = null)
    {
        if (parts.IsDefaultOrEmpty)
            return [];
        if (count is not null && parts.Length != count)
            throw new ArgumentException($"{parts.Length} parts, expected {count}", name);
        if (parts.FirstOrDefault(p => p.Indices.IsDefaultOrEmpty) is { } empty)
            throw new ArgumentException($"'{empty.Name}' has no points", name);
        if (parts.SelectMany(p => p.Indices).Any(i => i < 0 || i >= Count))
            throw new ArgumentException($"a point that is not from 0 to {Count - 1}", name);
        return parts;
    }

    private ImmutableArray<int> Permutation(IReadOnlyList<(int, int)> pairs)
    {
        var permutation = Enumerable.Range(0, Count).ToArray();
        foreach (var (a, b) in pairs)
        {
            if (a < 0 || b < 0 || a >= Count || b >= Count || permutation[a] != a || permutation[b] != b)
                throw new ArgumentException($"no pair of a mirror: {a} and {b}", nameof(pairs));
            (permutation[a], permutation[b]) = (b, a);
        }
        return [.. permutation];
    }
}

/// <summary>Points of a scheme with a name of their own: a contour, in its order, or a group.</summary>
/// <param name="Name">Such as "jaw" or "left eye"; left and right are the subject's.</param>
/// <param name="Indices">Numbers of the points.</param>
/// <param name="IsClosed">Whether the contour returns to its first point.</param>
public sealed record LandmarkPart(string Name, ImmutableArray<int> Indices, bool IsClosed = false)
{
    /// <summary>The mean of the part's points.</summary>
    /// <param name="points">All points of the face.</param>
    public Vector2 Middle(ReadOnlySpan<Vector2> points)
    {
        var sum = Vector2.Zero;
        foreach (var i in Indices)
            sum += points[i];
        return sum / Indices.Length;
    }

    /// <summary>Distance between the means of two parts, pixels.</summary>
    /// <param name="other">The other part.</param>
    /// <param name="points">All points of the face.</param>
    public double DistanceTo(LandmarkPart other, ReadOnlySpan<Vector2> points)
    {
        ArgumentNullException.ThrowIfNull(other);
        var ((x, y), (otherX, otherY)) = (Mean(points), other.Mean(points));
        return Math.Sqrt(((x - otherX) * (x - otherX)) + ((y - otherY) * (y - otherY)));
    }

    private (double X, double Y) Mean(ReadOnlySpan<Vector2> points)
    {
        var (x, y) = (0.0, 0.0);
        foreach (var i in Indices)
            (x, y) = (x + points[i].X, y + points[i].Y);
        return (x / Indices.Length, y / Indices.Length);
    }
}
