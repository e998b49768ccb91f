using System.Numerics;

namespace Mdfld.Training.Augmentation;

/// <summary>Shapes that hide part of a face: hands, hair, speech bubbles, frames; here bars and ellipses.</summary>
internal static class Covers
{
    /// <summary>Draws one shape, solid, noisy, striped or cut from elsewhere in the picture.</summary>
    /// <remarks><c>longest</c>: Longest side / side of the canvas.</remarks>
    public static void Draw(Canvas canvas, Random random, float longest)
    {
        var size = canvas.Size;
        var centre = new Vector2(random.Uniform(0, size), random.Uniform(0, size));
        var half = new Vector2(random.Uniform(0.06f, longest), random.Uniform(0.06f, longest)) * (size / 2f);
        var (sin, cos) = MathF.SinCos(random.Chance(0.4f) ? 0 : random.Uniform(0, MathF.PI));
        var ellipse = random.Chance(0.5f);
        var opacity = random.Chance(0.8f) ? 1 : random.Uniform(0.4f, 0.9f);
        var fill = random.Next(4);
        var colour = new Vector3(random.Next(256), random.Next(256), random.Next(256));
        var other = new Vector3(random.Next(256), random.Next(256), random.Next(256));
        var shiftX = random.Next(size);
        var shiftY = random.Next(size);
        var stripe = MathF.Tau / (random.Uniform(3, 12) * canvas.Unit);
        var noise = new NoiseSource(random);

        var reach = half.Length();
        var (top, bottom) = (Math.Max(0, (int)(centre.Y - reach)), Math.Min(size - 1, (int)(centre.Y + reach) + 1));
        var (left, right) = (Math.Max(0, (int)(centre.X - reach)), Math.Min(size - 1, (int)(centre.X + reach) + 1));
        for (var y = top; y <= bottom; y++)
        {
            for (var x = left; x <= right; x++)
            {
                var (dx, dy) = (x - centre.X, y - centre.Y);
                var u = ((dx * cos) + (dy * sin)) / half.X;
                var v = ((dy * cos) - (dx * sin)) / half.Y;
                if (ellipse ? (u * u) + (v * v) > 1 : MathF.Abs(u) > 1 || MathF.Abs(v) > 1)
                    continue;
                var paint = fill switch
                {
                    0 or 1 => colour,
                    2 => Vector3.Lerp(colour, other, MathF.Sin(u * half.X * stripe) > 0 ? 1 : 0),
                    _ => colour,
                };
                if (fill == 1)
                {
                    var bits = noise.Next();
                    paint = Vector3.Lerp(colour, new Vector3(bits & 255, (bits >> 8) & 255, (bits >> 16) & 255), 0.6f);
                }
                var i = (y * size) + x;
                if (fill == 3)
                {
                    var k = ((y + shiftY) % size * size) + ((x + shiftX) % size);
                    paint = new Vector3(canvas.Red[k], canvas.Green[k], canvas.Blue[k]);
                }
                canvas.Red[i] += (paint.X - canvas.Red[i]) * opacity;
                canvas.Green[i] += (paint.Y - canvas.Green[i]) * opacity;
                canvas.Blue[i] += (paint.Z - canvas.Blue[i]) * opacity;
            }
        }
    }
}
