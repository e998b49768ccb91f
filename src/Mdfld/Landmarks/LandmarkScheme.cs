using System.Collections.Immutable;
using System.Numerics;

namespace Mdfld;

/// <summary>Points that lie on one contour, in order. A closed contour returns to its first point.</summary>
public sealed record LandmarkEdge(bool Closed, ImmutableArray<int> Indices);

/// <summary>Points with a name of their own: jaw, brows, nose, eyes, mouth.</summary>
public sealed record LandmarkGroup(string Name, ImmutableArray<int> Indices);

/// <summary>
/// Two sets of points; the distance between their means is a length that errors are divided by. Left is the side of
/// the picture.
/// </summary>
public sealed record LandmarkPair(ImmutableArray<int> Left, ImmutableArray<int> Right)
{
    /// <summary>Distance between the mean of the left points and the mean of the right ones.</summary>
    public double Distance(ReadOnlySpan<Vector2> points)
    {
        var (leftX, leftY) = Mean(points, Left);
        var (rightX, rightY) = Mean(points, Right);
        return Math.Sqrt(((leftX - rightX) * (leftX - rightX)) + ((leftY - rightY) * (leftY - rightY)));
    }

    private static (double X, double Y) Mean(ReadOnlySpan<Vector2> points, ImmutableArray<int> indices)
    {
        var (x, y) = (0.0, 0.0);
        foreach (var i in indices)
            (x, y) = (x + points[i].X, y + points[i].Y);
        return (x / indices.Length, y / indices.Length);
    }
}

/// <summary>
/// What the points of a face mean: how many, which contours they form, which change places in a mirror. The three
/// schemes, and their numbering, are those of 300-W (iBUG), WFLW and COFW as STAR uses them.
/// </summary>
public sealed partial class LandmarkScheme
{
    private LandmarkScheme(
        string name,
        int count,
        ImmutableArray<LandmarkEdge> edges,
        ImmutableArray<LandmarkGroup> groups,
        int[][] flipPairs,
        int flipOffset,
        LandmarkPair ocular,
        LandmarkPair pupil,
        LandmarkPair byDefault,
        double referenceThreshold)
    {
        (Name, Count, Edges, Groups) = (name, count, edges, groups);
        var permutation = Enumerable.Range(0, count).ToArray();
        foreach (var pair in flipPairs)
            (permutation[pair[0]], permutation[pair[1]]) = (pair[1], pair[0]);
        FlipPermutation = [.. permutation];
        FlipOffset = flipOffset;
        (OcularIndices, PupilIndices, DefaultIndices) = (ocular, pupil, byDefault);
        ReferenceThreshold = referenceThreshold;
    }

    /// <summary>Name of the data set the scheme comes from: 300W, 300VW, WFLW or COFW.</summary>
    public string Name { get; }

    /// <summary>Points of a face.</summary>
    public int Count { get; }

    /// <summary>The contours. A point may be in none, or in two.</summary>
    public ImmutableArray<LandmarkEdge> Edges { get; }

    /// <summary>jaw, brows, nose, eyes, mouth; together every point once.</summary>
    public ImmutableArray<LandmarkGroup> Groups { get; }

    /// <summary>Point i of the mirrored face is point <c>FlipPermutation[i]</c> of the original one.</summary>
    public ImmutableArray<int> FlipPermutation { get; }

    /// <summary>A mirror moves x to width - x + this: -1, but 0 for COFW, whose pixels count from 1.</summary>
    public int FlipOffset { get; }

    /// <summary>The outer corners of the eyes.</summary>
    public LandmarkPair OcularIndices { get; }

    /// <summary>The pupils; with 68 points the means of each eye's six.</summary>
    public LandmarkPair PupilIndices { get; }

    /// <summary>What STAR divides by unless told otherwise: ocular, but pupil for COFW.</summary>
    public LandmarkPair DefaultIndices { get; }

    /// <summary>NME above which STAR calls a face of this data set failed, as a fraction.</summary>
    public double ReferenceThreshold { get; }

    /// <summary>The scheme with this many points: 68, 98 or 29.</summary>
    /// <exception cref="ArgumentException">No scheme has so many points.</exception>
    public static LandmarkScheme ForCount(int count) =>
        TryForCount(count) ?? throw new ArgumentException(
            $"no landmark scheme has {count} points; known are 68, 98 and 29", nameof(count));

    /// <summary>The scheme of a data set: 300W, 300VW, WFLW or COFW, in any case.</summary>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static LandmarkScheme ByName(string name) =>
        Array.Find([Ibug68, Ibug68Video, Wflw98, Cofw29], s => s.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException(
            $"no landmark scheme is called '{name}'; known are 300W, 300VW, WFLW and COFW", nameof(name));

    /// <summary>The face as a mirror shows it.</summary>
    /// <param name="points"><see cref="Count"/> points, pixels.</param>
    /// <param name="width">Columns of the picture.</param>
    public Vector2[] Mirror(ReadOnlySpan<Vector2> points, int width)
    {
        Check(points);
        var mirrored = new Vector2[Count];
        for (var i = 0; i < Count; i++)
        {
            var p = points[FlipPermutation[i]];
            mirrored[i] = new Vector2(width - p.X + FlipOffset, p.Y);
        }
        return mirrored;
    }

    /// <summary>
    /// Eye on the picture's left, eye on the right, nose, mouth corner on the left, on the right. With 68 points:
    /// middle of an eye's corners (36, 39 and 42, 45), middle of 33 and 35, points 48 and 54 (as MDFLD writes its
    /// files).
    /// </summary>
    /// <param name="points"><see cref="Count"/> points.</param>
    public Vector2[] FivePoints(ReadOnlySpan<Vector2> points)
    {
        Check(points);
        return Count switch
        {
            68 => [Middle(points, 36, 39), Middle(points, 42, 45), Middle(points, 33, 35), points[48], points[54]],
            98 => [points[96], points[97], points[54], points[76], points[82]],
            _ => [points[16], points[17], points[20], points[22], points[23]],
        };
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

    private static Vector2 Middle(ReadOnlySpan<Vector2> points, int a, int b) => (points[a] + points[b]) / 2;

    public static LandmarkScheme? TryForCount(int count) =>
        Array.Find([Ibug68, Wflw98, Cofw29], s => s.Count == count);

    public void Check(ReadOnlySpan<Vector2> points)
    {
        if (points.Length != Count)
            throw new ArgumentException($"a {Name} face has {Count} points, not {points.Length}", nameof(points));
    }
}
