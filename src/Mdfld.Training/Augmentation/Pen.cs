using System.Numerics;

namespace Mdfld.Training.Augmentation;

/// <summary>Draws strokes and filled outlines on a canvas, with soft rims.</summary>
internal sealed class Pen(Canvas canvas)
{
    private readonly float[] _crossings = new float[64];

    /// <summary>A smooth stroke through points (Catmull-Rom), thickest in the middle, dabs of a soft brush.</summary>
    /// <remarks>
    /// <c>radius</c>: half the width in the middle, pixels. <c>taper</c>: width at the ends / width in the middle.
    /// </remarks>
    public void Stroke(
        ReadOnlySpan<Vector2> points, bool closed, float radius, float taper, Vector3 colour, float opacity)
    {
        var count = points.Length;
        var segments = closed ? count : count - 1;
        var step = MathF.Max(0.5f, radius * 0.6f);
        for (var s = 0; s < segments; s++)
        {
            var (a, b) = (points[s], points[(s + 1) % count]);
            var before = closed || s > 0 ? points[(s + count - 1) % count] : a;
            var after = closed || s + 2 < count ? points[(s + 2) % count] : b;
            var dabs = Math.Clamp((int)(Vector2.Distance(a, b) / step) + 1, 1, 200);
            for (var n = 0; n < dabs; n++)
            {
                var t = n / (float)dabs;
                var along = (s + t) / segments;
                var width = closed ? 1 : taper + ((1 - taper) * MathF.Sin(along * MathF.PI));
                Dab(CatmullRom(before, a, b, after, t), radius * width, colour, opacity);
            }
        }
    }

    /// <summary>A disc with a rim one pixel soft.</summary>
    public void Dab(Vector2 centre, float radius, Vector3 colour, float opacity)
    {
        var size = canvas.Size;
        var reach = radius + 1;
        if (!(centre.X > -reach && centre.Y > -reach && centre.X < size + reach && centre.Y < size + reach))
            return;
        var (left, right) = (Math.Max(0, (int)(centre.X - reach)), Math.Min(size - 1, (int)(centre.X + reach) + 1));
        var (top, bottom) = (Math.Max(0, (int)(centre.Y - reach)), Math.Min(size - 1, (int)(centre.Y + reach) + 1));
        for (var y = top; y <= bottom; y++)
        {
            for (var x = left; x <= right; x++)
            {
                var distance = Vector2.Distance(centre, new Vector2(x, y));
                var cover = Math.Clamp(radius + 0.5f - distance, 0, 1) * opacity;
                if (cover > 0)
                    Blend((y * size) + x, colour, cover);
            }
        }
    }

    /// <summary>Fills a polygon (even-odd) row by row.</summary>
    public void Fill(ReadOnlySpan<Vector2> polygon, Vector3 colour, float opacity)
    {
        var size = canvas.Size;
        for (var y = 0; y < size; y++)
        {
            var found = 0;
            for (var i = 0; i < polygon.Length && found < _crossings.Length; i++)
            {
                var (a, b) = (polygon[i], polygon[(i + 1) % polygon.Length]);
                if (a.Y <= y != b.Y <= y)
                    _crossings[found++] = a.X + ((y - a.Y) / (b.Y - a.Y) * (b.X - a.X));
            }
            _crossings.AsSpan(0, found).Sort();
            for (var k = 0; k + 1 < found; k += 2)
            {
                var (from, to) = (_crossings[k], _crossings[k + 1]);
                var last = Math.Min(size - 1, (int)MathF.Min(to + 1, size));
                for (var x = Math.Max(0, (int)MathF.Max(from, 0)); x <= last; x++)
                {
                    var cover = Math.Clamp(MathF.Min(x - from, to - x) + 0.5f, 0, 1);
                    Blend((y * size) + x, colour, cover * opacity);
                }
            }
        }
    }

    private void Blend(int i, Vector3 colour, float cover)
    {
        canvas.Red[i] += (colour.X - canvas.Red[i]) * cover;
        canvas.Green[i] += (colour.Y - canvas.Green[i]) * cover;
        canvas.Blue[i] += (colour.Z - canvas.Blue[i]) * cover;
    }

    private static Vector2 CatmullRom(Vector2 a, Vector2 b, Vector2 c, Vector2 d, float t) =>
        b + (0.5f * t * (c - a + (t * ((2 * a) - (5 * b) + (4 * c) - d + (t * ((3 * (b - c)) + d - a))))));
}
