using System.Numerics;

namespace Mdfld;

/// <summary>A rectangle round a face, pixels of the picture: as a rule the tight box of its landmarks.</summary>
/// <param name="Left">Smallest x.</param>
/// <param name="Top">Smallest y.</param>
/// <param name="Width">Largest x less smallest x.</param>
/// <param name="Height">Largest y less smallest y.</param>
public readonly record struct FaceBox(float Left, float Top, float Width, float Height)
{
    /// <summary>The middle.</summary>
    public Vector2 Centre => new(Left + (Width / 2), Top + (Height / 2));

    /// <summary>The tight box of points; at least one.</summary>
    public static FaceBox Around(ReadOnlySpan<Vector2> points)
    {
        if (points.IsEmpty)
            throw new ArgumentException("no points have no box", nameof(points));
        var (low, high) = (points[0], points[0]);
        foreach (var p in points)
            (low, high) = (Vector2.Min(low, p), Vector2.Max(high, p));
        return new FaceBox(low.X, low.Y, high.X - low.X, high.Y - low.Y);
    }

    /// <summary>The box of that middle.</summary>
    public static FaceBox AtCentre(Vector2 centre, float width, float height) =>
        new(centre.X - (width / 2), centre.Y - (height / 2), width, height);

    /// <summary>Area that two boxes share / area that they cover together, 0 to 1; 0 where both are empty.</summary>
    public float IntersectionOverUnion(FaceBox other)
    {
        var shared = Intersection(other);
        return shared > 0 ? shared / ((Width * Height) + (other.Width * other.Height) - shared) : 0;
    }

    /// <summary>
    /// Area that two boxes share / area of the smaller one, 0 to 1: 1 where one lies inside the other.
    /// </summary>
    public float IntersectionOverSmaller(FaceBox other)
    {
        var shared = Intersection(other);
        return shared > 0 ? shared / MathF.Min(Width * Height, other.Width * other.Height) : 0;
    }

    /// <summary>The square round the middle whose side is the longest side times <paramref name="factor"/>.</summary>
    public FaceCrop ToCrop(float factor) => new(Centre, factor * MathF.Max(Width, Height));

    private float Intersection(FaceBox other)
    {
        var width = MathF.Min(Left + Width, other.Left + other.Width) - MathF.Max(Left, other.Left);
        var height = MathF.Min(Top + Height, other.Top + other.Height) - MathF.Max(Top, other.Top);
        return width > 0 && height > 0 ? width * height : 0;
    }
}
