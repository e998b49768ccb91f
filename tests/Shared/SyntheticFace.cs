using System.Numerics;

namespace Mdfld.Tests.Augment;

/// <summary>
/// A picture of nothing but discs at some landmarks of a plain 68-point face: what a warp does to it can be measured.
/// </summary>
internal sealed class SyntheticFace
{
    public const int Side = 400;

    /// <summary>Landmarks far enough apart to tell their discs from each other.</summary>
    public static readonly int[] Marked = [0, 4, 8, 12, 16, 17, 26, 30, 36, 45, 48, 54, 57];

    public IReadOnlyList<Vector2> Landmarks { get; } = MakeLandmarks();

    /// <summary>The tight square.</summary>
    public FaceCrop Crop { get; }

    public Picture Picture { get; } = new(Side, Side);

    public SyntheticFace(float radius = 4)
    {
        var low = Landmarks.Aggregate(Vector2.Min);
        var high = Landmarks.Aggregate(Vector2.Max);
        Crop = new FaceCrop((low + high) / 2, Math.Max(high.X - low.X, high.Y - low.Y));
        foreach (var i in Marked)
            Disc(Landmarks[i], radius, Colour(i));
    }

    /// <summary>Red on the picture's left, green in the middle, blue on the right.</summary>
    public static (byte Red, byte Green, byte Blue) Colour(int landmark) => landmark switch
    {
        8 or 30 or 57 => (0, 255, 0),
        0 or 4 or 17 or 36 or 48 => (255, 0, 0),
        _ => (0, 0, 255),
    };

    private void Disc(Vector2 centre, float radius, (byte Red, byte Green, byte Blue) colour)
    {
        for (var y = 0; y < Side; y++)
        {
            for (var x = 0; x < Side; x++)
            {
                var cover = Math.Clamp(radius + 0.5f - Vector2.Distance(centre, new(x, y)), 0, 1);
                if (cover == 0)
                    continue;
                var i = x * 3;
                (Picture.Row(y)[i], Picture.Row(y)[i + 1], Picture.Row(y)[i + 2]) =
                    ((byte)(colour.Red * cover), (byte)(colour.Green * cover), (byte)(colour.Blue * cover));
            }
        }
    }

    private static Vector2[] MakeLandmarks()
    {
        var points = new Vector2[68];
        for (var i = 0; i < 17; i++)
        {
            var (sin, cos) = MathF.SinCos(MathF.PI * i / 16);
            points[i] = new Vector2(200 - (100 * cos), 180 + (120 * sin));
        }
        for (var i = 0; i < 5; i++)
        {
            points[17 + i] = new Vector2(115 + (16 * i), 145 - (3 * i));
            points[22 + i] = new Vector2(221 + (16 * i), 133 + (3 * i));
        }
        for (var i = 0; i < 4; i++)
            points[27 + i] = new Vector2(200, 165 + (17 * i));
        for (var i = 0; i < 5; i++)
            points[31 + i] = new Vector2(180 + (10 * i), 228);
        Ring(points, 36, 6, new(150, 170), 20, 8);
        Ring(points, 42, 6, new(250, 170), 20, 8);
        Ring(points, 48, 12, new(200, 258), 35, 14);
        Ring(points, 60, 8, new(200, 258), 26, 6);
        return points;
    }

    private static void Ring(Vector2[] points, int first, int count, Vector2 centre, float a, float b)
    {
        for (var i = 0; i < count; i++)
        {
            var (sin, cos) = MathF.SinCos(MathF.Tau * i / count);
            points[first + i] = centre + new Vector2(-a * cos, -b * sin);
        }
    }
}
