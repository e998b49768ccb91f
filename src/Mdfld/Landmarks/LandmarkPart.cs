using System.Collections.Immutable;
using System.Numerics;

namespace Mdfld;

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
