using System.Numerics;

namespace Mdfld.Data;

/// <summary>
/// Smooth lines as dense polylines: what is drawn and what landmarks are taken from are the same points.
/// </summary>
internal static class Polyline
{
    /// <summary>Samples a curve over 0..1.</summary>
    public static Vector2[] Of(int segments, Func<float, Vector2> curve)
    {
        var points = new Vector2[segments + 1];
        for (var i = 0; i <= segments; i++)
            points[i] = curve((float)i / segments);
        return points;
    }

    /// <summary>A Catmull-Rom spline through knots.</summary>
    public static Vector2[] Smooth(ReadOnlySpan<Vector2> knots, bool closed = false)
    {
        const int Steps = 7;
        var (n, last) = (knots.Length, knots.Length - 1);
        var points = new List<Vector2>((Steps * n) + 1);
        for (var i = 0; i < (closed ? n : last); i++)
        {
            var (from, to) = (knots[i], knots[(i + 1) % n]);
            var before = i > 0 ? knots[i - 1] : closed ? knots[last] : (2 * from) - to;
            var after = i + 1 < last || closed ? knots[(i + 2) % n] : (2 * to) - from;
            for (var s = 0; s < Steps; s++)
            {
                var t = (float)s / Steps;
                points.Add(0.5f * ((2 * from) + (t * (to - before))
                    + (t * t * ((2 * before) - (5 * from) + (4 * to) - after))
                    + (t * t * t * ((3 * from) - before - (3 * to) + after))));
            }
        }
        if (!closed)
            points.Add(knots[last]);
        return [.. points];
    }

    public static Vector2[] Ellipse(Vector2 centre, float radiusX, float radiusY, float angle = 0)
    {
        var (sin, cos) = MathF.SinCos(angle);
        return Of(27, t =>
        {
            var (y, x) = MathF.SinCos(MathF.Tau * t * 27 / 28);
            (x, y) = (x * radiusX, y * radiusY);
            return centre + new Vector2((x * cos) - (y * sin), (x * sin) + (y * cos));
        });
    }

    public static Vector2[] Moved(ReadOnlySpan<Vector2> line, Vector2 by)
    {
        var moved = line.ToArray();
        foreach (ref var p in moved.AsSpan())
            p += by;
        return moved;
    }

    public static Vector2[] Reversed(ReadOnlySpan<Vector2> line)
    {
        var reversed = line.ToArray();
        Array.Reverse(reversed);
        return reversed;
    }

    /// <summary>Points of a line at shares of its length, ascending.</summary>
    public static Vector2[] At(ReadOnlySpan<Vector2> line, params ReadOnlySpan<float> shares)
    {
        var length = 0f;
        for (var i = 1; i < line.Length; i++)
            length += Vector2.Distance(line[i - 1], line[i]);
        var found = new Vector2[shares.Length];
        var (at, passed) = (1, 0f);
        for (var k = 0; k < found.Length; k++)
        {
            var wanted = shares[k] * length;
            var step = Vector2.Distance(line[at - 1], line[at]);
            while (at < line.Length - 1 && passed + step < wanted)
            {
                passed += step;
                at++;
                step = Vector2.Distance(line[at - 1], line[at]);
            }
            found[k] = Vector2.Lerp(
                line[at - 1], line[at], step > 0 ? Math.Clamp((wanted - passed) / step, 0, 1) : 0);
        }
        return found;
    }

    /// <summary>Points of a line at equal distances, its ends among them.</summary>
    public static Vector2[] Even(ReadOnlySpan<Vector2> line, int count)
    {
        var shares = new float[count];
        for (var i = 0; i < count; i++)
            shares[i] = (float)i / (count - 1);
        return At(line, shares);
    }

    /// <summary>Part of a line, from one share of its length to another.</summary>
    public static Vector2[] Part(ReadOnlySpan<Vector2> line, float from, float to)
    {
        var shares = new float[16];
        for (var i = 0; i < shares.Length; i++)
            shares[i] = float.Lerp(from, to, i / 15f);
        return At(line, shares);
    }

    /// <summary>The outline of a line whose width changes along it.</summary>
    /// <param name="line">A polyline.</param>
    /// <param name="width">The width at a share of the line's points.</param>
    public static Vector2[] Widened(ReadOnlySpan<Vector2> line, Func<float, float> width)
    {
        var n = line.Length;
        var outline = new Vector2[2 * n];
        for (var i = 0; i < n; i++)
        {
            var along = line[Math.Min(i + 1, n - 1)] - line[Math.Max(i - 1, 0)];
            var length = MathF.Max(along.Length(), 1e-6f);
            var across = new Vector2(-along.Y, along.X) * (0.5f * width((float)i / (n - 1)) / length);
            (outline[i], outline[^(i + 1)]) = (line[i] - across, line[i] + across);
        }
        return outline;
    }

    /// <summary>Whether a point lies inside a closed shape.</summary>
    public static bool Contains(ReadOnlySpan<Vector2> shape, Vector2 p)
    {
        var inside = false;
        for (int i = 0, j = shape.Length - 1; i < shape.Length; j = i++)
        {
            var (a, b) = (shape[i], shape[j]);
            if (a.Y > p.Y != b.Y > p.Y && p.X < a.X + ((b.X - a.X) * (p.Y - a.Y) / (b.Y - a.Y)))
                inside = !inside;
        }
        return inside;
    }
}
