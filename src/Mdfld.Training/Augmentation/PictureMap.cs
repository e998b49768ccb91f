using System.Numerics;

namespace Mdfld.Training.Augmentation;

/// <summary>Which place of a picture each pixel of a square crop shows.</summary>
public abstract class PictureMap(int size)
{
    /// <summary>Side of the crop, pixels.</summary>
    protected int Size => size;

    /// <summary>Pixels of the picture per pixel of the crop, along the axis shrunk least.</summary>
    public float PixelsPerPixel { get; protected set; }

    /// <summary>The places of the picture that row y of the crop shows.</summary>
    public abstract void SourceRow(int y, Span<Vector2> sources);

    /// <summary>The corners of the part of the picture that is seen, to within a few pixels.</summary>
    public (Vector2 Low, Vector2 High) SourceBounds(Span<Vector2> scratch)
    {
        var (low, high) = (new Vector2(float.MaxValue), new Vector2(float.MinValue));
        for (var y = 0; y < size; y = y < size - 1 ? Math.Min(y + 4, size - 1) : size)
        {
            SourceRow(y, scratch);
            foreach (var p in scratch)
                (low, high) = (Vector2.Min(low, p), Vector2.Max(high, p));
        }
        return (low, high);
    }

    /// <summary>Moves points by an affine map.</summary>
    protected static void Apply(Homography map, Span<Vector2> points)
    {
        var (right, down, origin) = (
            new Vector2((float)map.M11, (float)map.M21),
            new Vector2((float)map.M12, (float)map.M22),
            new Vector2((float)map.M13, (float)map.M23));
        foreach (ref var p in points)
            p = origin + (right * p.X) + (down * p.Y);
    }

    /// <summary>The shorter of the two lengths an affine map gives to the units of its axes.</summary>
    protected static float LeastStretch(Homography map)
    {
        var right = Math.Sqrt((map.M11 * map.M11) + (map.M21 * map.M21));
        var down = Math.Sqrt((map.M12 * map.M12) + (map.M22 * map.M22));
        return (float)Math.Min(right, down);
    }
}
