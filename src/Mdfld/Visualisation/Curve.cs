using System.Numerics;

namespace Mdfld;

/// <summary>Smooth curves as close polylines.</summary>
public static class Curve
{
    private const int StepsPerSpan = 10;

    /// <summary>The Catmull-Rom spline through all points; open ends run straight out.</summary>
    public static Vector2[] Through(ReadOnlySpan<Vector2> points, bool closed = false)
    {
        if (points.Length < 3)
            return points.ToArray();
        var spans = closed ? points.Length : points.Length - 1;
        var curve = new Vector2[(spans * StepsPerSpan) + 1];
        for (var span = 0; span < spans; span++)
        {
            var (b, c) = (At(points, span, closed), At(points, span + 1, closed));
            var (a, d) = (At(points, span - 1, closed), At(points, span + 2, closed));
            for (var step = 0; step < StepsPerSpan; step++)
                curve[(span * StepsPerSpan) + step] = Between(a, b, c, d, (float)step / StepsPerSpan);
        }
        curve[^1] = At(points, spans, closed);
        return curve;
    }

    /// <summary>An ellipse; <paramref name="angle"/> turns it clockwise as seen, radians.</summary>
    public static Vector2[] Ellipse(Vector2 centre, float radiusX, float radiusY, float angle = 0)
    {
        var curve = new Vector2[48];
        var turn = Matrix3x2.CreateRotation(angle);
        for (var i = 0; i < curve.Length; i++)
        {
            var (sin, cos) = MathF.SinCos(i * MathF.Tau / curve.Length);
            curve[i] = centre + Vector2.Transform(new Vector2(radiusX * cos, radiusY * sin), turn);
        }
        return curve;
    }

    /// <summary>The outline of a line that thins towards its ends.</summary>
    /// <param name="line">The middle line.</param>
    /// <param name="width">Widest part, pixels.</param>
    /// <param name="startShare">Width at the start / widest.</param>
    /// <param name="endShare">Width at the end / widest.</param>
    public static Vector2[] Tapered(ReadOnlySpan<Vector2> line, float width, float startShare, float endShare)
    {
        var outline = new Vector2[2 * line.Length];
        for (var i = 0; i < line.Length; i++)
        {
            var along = Vector2.Normalize(line[Math.Min(i + 1, line.Length - 1)] - line[Math.Max(i - 1, 0)]);
            var t = i / (line.Length - 1f);
            var share = MathF.Max(MathF.Sin(t * MathF.PI), t < 0.5f ? startShare : endShare);
            var across = new Vector2(-along.Y, along.X) * (width * share / 2);
            (outline[i], outline[^(i + 1)]) = (line[i] - across, line[i] + across);
        }
        return outline;
    }

    private static Vector2 At(ReadOnlySpan<Vector2> points, int i, bool closed) =>
        closed ? points[(i + points.Length) % points.Length]
        : i < 0 ? (2 * points[0]) - points[1]
        : i >= points.Length ? (2 * points[^1]) - points[^2]
        : points[i];

    private static Vector2 Between(Vector2 a, Vector2 b, Vector2 c, Vector2 d, float t) =>
        0.5f * ((2 * b)
            + ((c - a) * t)
            + (((2 * a) - (5 * b) + (4 * c) - d) * (t * t))
            + (((3 * b) - a - (3 * c) + d) * (t * t * t)));
}
