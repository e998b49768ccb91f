using System.Numerics;

namespace Mdfld.Training.Augmentation.Looks;

/// <summary>Looks of plane surfaces: a game's model of few triangles, the planes of cubism.</summary>
internal static class PlaneLooks
{
    /// <summary>A jittered net of triangles, each of its mean colour, as a model of few polygons.</summary>
    public static void LowPolygon(Canvas canvas, Random random)
    {
        var size = canvas.Size;
        var pitch = random.Uniform(3.6f, 5) * canvas.Unit;
        var columns = (int)(size / pitch) + 3;
        var nodes = new Vector2[columns * columns];
        for (var k = 0; k < nodes.Length; k++)
        {
            var (row, column) = Math.DivRem(k, columns);
            nodes[k] = new Vector2(
                column - 0.5f + random.Uniform(-0.38f, 0.38f), row - 0.5f + random.Uniform(-0.38f, 0.38f)) * pitch;
        }
        for (var row = 0; row + 1 < columns; row++)
        {
            for (var column = 0; column + 1 < columns; column++)
            {
                var k = (row * columns) + column;
                var (a, b, c, d) = (nodes[k], nodes[k + 1], nodes[k + columns], nodes[k + columns + 1]);
                var light = random.Uniform(0.93f, 1.07f);
                if (((row + column) & 1) == 0)
                {
                    Flatten(canvas, a, b, d, light);
                    Flatten(canvas, a, d, c, 2 - light);
                }
                else
                {
                    Flatten(canvas, a, b, c, light);
                    Flatten(canvas, b, d, c, 2 - light);
                }
            }
        }
    }

    /// <summary>
    /// Analytic cubism: straight lines cut the picture into planes, each with its own earthen tint and fall of light,
    /// dark on one side of its edges; the contours of the face stay, drawn over them.
    /// </summary>
    public static void CubistPlanes(Canvas canvas, Random random)
    {
        var size = canvas.Size;
        Kuwahara.Apply(canvas, Math.Max(1, (int)(random.Uniform(1.2f, 2) * canvas.Unit)));
        Span<float> lines = canvas.Scratch(3), grey = canvas.Scratch(4);
        canvas.Grey(grey);
        grey.CopyTo(lines);
        InkLines.Draw(canvas, lines, random, false);
        var cuts = new Vector3[random.Next(9, 14)];
        foreach (ref var cut in cuts.AsSpan())
        {
            var (sin, cos) = MathF.SinCos(random.Uniform(0, MathF.Tau));
            var through = new Vector2(random.Uniform(0.12f, 0.88f), random.Uniform(0.12f, 0.88f)) * size;
            cut = new Vector3(cos, sin, -(cos * through.X) - (sin * through.Y));
        }
        ReadOnlySpan<Vector3> earths =
        [
            new(176, 138, 88), new(120, 92, 66), new(112, 122, 132), new(140, 136, 104), new(206, 190, 160),
            new(92, 104, 110), new(160, 104, 72), new(190, 168, 120),
        ];
        var planes = new Dictionary<int, (Vector3 Tint, float Across, float Down, float Light)>();
        var tinted = random.Uniform(0.6f, 0.85f);
        var inked = random.Uniform(0.6f, 1);
        var facing = 2.2f * canvas.Unit;
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                var (key, edge) = (0, float.MaxValue);
                for (var k = 0; k < cuts.Length; k++)
                {
                    var side = (cuts[k].X * x) + (cuts[k].Y * y) + cuts[k].Z;
                    if (side > 0)
                        key |= 1 << k;
                    // Only the lit side of a cut casts its shadow on the other.
                    if (side > 0)
                        edge = MathF.Min(edge, side);
                }
                if (!planes.TryGetValue(key, out var plane))
                {
                    var (sin, cos) = MathF.SinCos(random.Uniform(0, MathF.Tau));
                    plane = (earths[random.Next(earths.Length)], cos, sin, random.Uniform(0.82f, 1.22f));
                    planes[key] = plane;
                }
                var i = (y * size) + x;
                var slope = 1 + (0.35f
                    * ((((x / (float)size) - 0.5f) * plane.Across) + (((y / (float)size) - 0.5f) * plane.Down)));
                // Four tones, softly parted.
                var at = grey[i] / 56;
                var tone = 56 * (MathF.Floor(at) + Math.Clamp(((at - MathF.Floor(at) - 0.5f) / 0.35f) + 0.5f, 0, 1));
                var shadow = 1 - (0.45f * Math.Clamp(1 - (edge / facing), 0, 1));
                var ink = 1 - (inked * (1 - lines[i]));
                for (var c = 0; c < Picture.Channels; c++)
                {
                    ref var v = ref canvas.Channel(c)[i];
                    var earth = plane.Tint[c] * (tone + 20) / 150;
                    v = float.Lerp(v, earth, tinted) * plane.Light * slope * shadow * ink;
                }
            }
        }
    }

    /// <summary>Gives a triangle its mean colour, a little lighter or darker.</summary>
    private static void Flatten(Canvas canvas, Vector2 a, Vector2 b, Vector2 c, float light)
    {
        var size = canvas.Size;
        var (low, high) = (Vector2.Min(a, Vector2.Min(b, c)), Vector2.Max(a, Vector2.Max(b, c)));
        var (left, right) = (Math.Max(0, (int)MathF.Ceiling(low.X)), Math.Min(size - 1, (int)MathF.Floor(high.X)));
        var (top, bottom) = (Math.Max(0, (int)MathF.Ceiling(low.Y)), Math.Min(size - 1, (int)MathF.Floor(high.Y)));
        var (sum, count) = (Vector3.Zero, 0);
        for (var pass = 0; pass < 2; pass++)
        {
            var mean = sum * (light / MathF.Max(count, 1));
            for (var y = top; y <= bottom; y++)
            {
                for (var x = left; x <= right; x++)
                {
                    var p = new Vector2(x, y);
                    if (!(Side(a, b, p) >= 0 && Side(b, c, p) >= 0 && Side(c, a, p) >= 0))
                        continue;
                    var i = (y * size) + x;
                    if (pass == 0)
                        (sum, count) = (sum + new Vector3(canvas.Red[i], canvas.Green[i], canvas.Blue[i]), count + 1);
                    else
                        (canvas.Red[i], canvas.Green[i], canvas.Blue[i]) = (mean.X, mean.Y, mean.Z);
                }
            }
        }

        static float Side(Vector2 from, Vector2 to, Vector2 p) =>
            ((to.X - from.X) * (p.Y - from.Y)) - ((to.Y - from.Y) * (p.X - from.X));
    }
}
