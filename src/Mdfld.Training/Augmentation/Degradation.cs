using System.Numerics;

namespace Mdfld.Training.Augmentation;

/// <summary>What cameras, scanners and bad copies do to a picture: tone, light, blur, noise, lost resolution.</summary>
internal static class Degradation
{
    /// <summary>Brightness, contrast, gamma and a colour cast.</summary>
    public static void Tone(Canvas canvas, Random random, float amount)
    {
        var contrast = MathF.Exp(amount * random.Uniform(-0.5f, 0.4f));
        var brightness = amount * random.Uniform(-64, 64);
        var gamma = random.Chance(0.5f) ? MathF.Exp(amount * random.Uniform(-0.5f, 0.5f)) : 1;
        var cast = random.Chance(0.6f) ? amount * 0.22f : amount * 0.05f;
        Span<float> table = stackalloc float[256];
        for (var c = 0; c < Picture.Channels; c++)
        {
            var gain = contrast * MathF.Exp(cast * random.Uniform(-1, 1));
            for (var v = 0; v < 256; v++)
            {
                var curved = gamma == 1 ? v : 255 * MathF.Pow(v / 255f, gamma);
                table[v] = ((curved - 128) * gain) + 128 + brightness;
            }
            foreach (ref var v in canvas.Channel(c))
                v = Math.Clamp(table[Canvas.ToByte(v)], 0, 255);
        }
    }

    /// <summary>Light from a side, or a bright or dark spot.</summary>
    public static void Light(Canvas canvas, Random random)
    {
        var size = canvas.Size;
        var (sin, cos) = MathF.SinCos(random.Uniform(0, MathF.Tau));
        var depth = random.Uniform(-0.8f, 0.8f);
        var spot = random.Chance(0.4f);
        var (centreX, centreY) = (random.Uniform(0, size), random.Uniform(0, size));
        var scale = spot ? 1 / (random.Uniform(0.03f, 0.2f) * size * size) : 2f / size;
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                float gain;
                if (spot)
                {
                    var (dx, dy) = (x - centreX, y - centreY);
                    gain = 1 + (depth / (1 + (((dx * dx) + (dy * dy)) * scale)));
                }
                else
                {
                    var along = (((x - (size / 2f)) * cos) + ((y - (size / 2f)) * sin)) * scale;
                    gain = 1 + (depth * along / (1 + MathF.Abs(along)));
                }
                var i = (y * size) + x;
                canvas.Red[i] *= gain;
                canvas.Green[i] *= gain;
                canvas.Blue[i] *= gain;
            }
        }
    }

    /// <summary>Gaussian blur, or blur along a line as of a moving camera.</summary>
    public static void Blur(Canvas canvas, Random random, float largest)
    {
        var deviation = random.Uniform(0.3f, largest);
        if (random.Chance(0.7f))
        {
            for (var c = 0; c < Picture.Channels; c++)
                PlaneFilters.Gaussian(canvas.Channel(c), canvas.Channel(c), canvas.Scratch(0), canvas.Size, deviation);
            return;
        }
        var (sin, cos) = MathF.SinCos(random.Uniform(0, MathF.PI));
        Motion(canvas, cos, sin, Math.Max(1, (int)MathF.Round(deviation * 1.7f)));
    }

    /// <summary>Noise per pixel or in small blocks, of one or of all colours.</summary>
    public static void Noise(Canvas canvas, Random random, float largest)
    {
        var size = canvas.Size;
        var spread = random.Uniform(2, largest);
        var block = random.Chance(0.3f) ? Math.Max(2, (int)(random.Uniform(2, 5) * canvas.Unit)) : 1;
        var coloured = random.Chance(0.6f);
        var noise = canvas.Scratch(0);
        var source = new NoiseSource(random);
        for (var c = 0; c < Picture.Channels; c++)
        {
            if (coloured || c == 0)
            {
                source.FillNormal(noise);
                if (block > 1)
                    Repeat(noise, size, block);
            }
            Span<Vector<float>> plane = Canvas.Lanes(canvas.Channel(c)), lanes = Canvas.Lanes(noise);
            for (var i = 0; i < plane.Length; i++)
                plane[i] += lanes[i] * spread;
        }
    }

    /// <summary>Shrinks and enlarges again: detail goes as in a thumbnail.</summary>
    public static void LoseResolution(Canvas canvas, Random random)
    {
        var (size, factor) = (canvas.Size, random.Uniform(1.4f, 3.2f));
        var small = (int)(size / factor);
        var step = (float)size / small;
        Span<float> reduced = canvas.Scratch(0), scratch = canvas.Scratch(1);
        for (var c = 0; c < Picture.Channels; c++)
        {
            var plane = canvas.Channel(c);
            PlaneFilters.Gaussian(plane, plane, scratch, size, 0.35f * factor);
            for (var y = 0; y < small; y++)
            {
                var row = (int)(((y + 0.5f) * step) - 0.5f) * size;
                for (var x = 0; x < small; x++)
                    reduced[(y * small) + x] = plane[row + (int)(((x + 0.5f) * step) - 0.5f)];
            }
            Enlarge(reduced, small, plane, size);
        }
    }

    private static void Enlarge(ReadOnlySpan<float> source, int small, Span<float> target, int size)
    {
        var scale = (float)small / size;
        for (var y = 0; y < size; y++)
        {
            var (upper, lower, fy) = Place(y);
            for (var x = 0; x < size; x++)
            {
                var (left, right, fx) = Place(x);
                var a = float.Lerp(source[(upper * small) + left], source[(upper * small) + right], fx);
                var b = float.Lerp(source[(lower * small) + left], source[(lower * small) + right], fx);
                target[(y * size) + x] = float.Lerp(a, b, fy);
            }
        }

        (int Low, int High, float Fraction) Place(int i)
        {
            var at = MathF.Max(0, ((i + 0.5f) * scale) - 0.5f);
            var low = Math.Min((int)at, small - 1);
            return (low, Math.Min(low + 1, small - 1), at - low);
        }
    }

    private static void Motion(Canvas canvas, float cos, float sin, int reach)
    {
        var size = canvas.Size;
        var sum = canvas.Scratch(0);
        var share = 1f / ((2 * reach) + 1);
        for (var c = 0; c < Picture.Channels; c++)
        {
            var plane = canvas.Channel(c);
            sum.Clear();
            for (var k = -reach; k <= reach; k++)
            {
                var (dx, dy) = ((int)MathF.Round(k * cos), (int)MathF.Round(k * sin));
                for (var y = 0; y < size; y++)
                {
                    var from = plane.Slice(Math.Clamp(y + dy, 0, size - 1) * size, size);
                    var to = sum.Slice(y * size, size);
                    for (var x = 0; x < size; x++)
                        to[x] += from[Math.Clamp(x + dx, 0, size - 1)];
                }
            }
            Span<Vector<float>> p = Canvas.Lanes(plane), s = Canvas.Lanes(sum);
            for (var i = 0; i < p.Length; i++)
                p[i] = s[i] * share;
        }
    }

    /// <summary>Gives every block the value of its first pixel.</summary>
    private static void Repeat(Span<float> plane, int size, int block)
    {
        for (var y = 0; y < size; y++)
        {
            var row = plane.Slice(y * size, size);
            if (y % block != 0)
            {
                plane.Slice((y - 1) * size, size).CopyTo(row);
                continue;
            }
            for (var x = 0; x < size; x += block)
                row.Slice(x, Math.Min(block, size - x)).Fill(row[x]);
        }
    }
}
