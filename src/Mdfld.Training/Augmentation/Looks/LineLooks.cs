namespace Mdfld.Training.Augmentation.Looks;

/// <summary>Looks drawn with lines: pencil, ink, cel shading, hatching.</summary>
internal static class LineLooks
{
    /// <summary>Grey divided by its own blur ("dodge"): paper white where flat, lines where it falls off.</summary>
    public static void Pencil(Canvas canvas, Random random)
    {
        Span<float> grey = canvas.Scratch(0), blurred = canvas.Scratch(1), scratch = canvas.Scratch(2);
        canvas.Grey(grey);
        PlaneFilters.Gaussian(grey, blurred, scratch, canvas.Size, random.Uniform(1.5f, 6) * canvas.Unit);
        var power = random.Uniform(1, 4);
        // Some drawings keep part of the shading.
        var shading = random.Chance(0.4f) ? random.Uniform(0.2f, 0.7f) : 0;
        for (var i = 0; i < grey.Length; i++)
        {
            var line = MathF.Min(1, (grey[i] + 8) / (blurred[i] + 8));
            var shade = 1 + (shading * ((blurred[i] / 255) - 1));
            grey[i] = 255 * MathF.Pow(line, power) * shade;
        }
        if (random.Chance(0.5f))
            Grain(grey, random, random.Uniform(4, 18));
        Print(canvas, grey, random);
    }

    /// <summary>Black (or coloured) ink on paper.</summary>
    public static void Ink(Canvas canvas, Random random)
    {
        var grey = canvas.Scratch(0);
        canvas.Grey(grey);
        Lines(canvas, grey, random, random.Chance(0.5f));
        for (var i = 0; i < grey.Length; i++)
            grey[i] *= 255;
        Print(canvas, grey, random);
    }

    /// <summary>Comic and anime: flat steps of colour within ink outlines.</summary>
    public static void Cel(Canvas canvas, Random random)
    {
        if (random.Chance(0.5f))
            Kuwahara.Apply(canvas, Math.Max(1, (int)(random.Uniform(1.3f, 3.5f) * canvas.Unit)));
        else
            GuidedFilter.Apply(canvas, Math.Max(1, (int)(random.Uniform(2, 6) * canvas.Unit)), random.Uniform(200, 1500));
        var lines = canvas.Scratch(0);
        canvas.Grey(lines);
        var grey = canvas.Scratch(7);
        lines.CopyTo(grey);
        Lines(canvas, lines, random, false);

        var levels = random.Next(3, 7);
        var step = 256f / levels;
        // Comics are lit: the tones are brought towards a light middle first.
        var (mean, _) = Tones(grey);
        var gain = 1 + (random.Uniform(0.3f, 1) * ((140 / MathF.Max(mean, 40)) - 1));
        var soft = random.Uniform(0.02f, 0.3f);
        var lift = random.Uniform(0, 60);
        var saturation = random.Uniform(0.7f, 1.7f);
        var inked = random.Uniform(0.5f, 1);
        for (var i = 0; i < grey.Length; i++)
        {
            // A step function with ramps of width `soft` between the levels.
            var at = grey[i] * gain / step;
            var level = MathF.Floor(at);
            var ramp = Math.Clamp(((at - level - 0.5f) / soft) + 0.5f, 0, 1);
            var flat = Math.Clamp((level + ramp) * step, 0, 255);
            flat += lift * (1 - (flat / 255));
            var ink = 1 + (inked * (lines[i] - 1));
            var (r, g, b) = (canvas.Red[i] - grey[i], canvas.Green[i] - grey[i], canvas.Blue[i] - grey[i]);
            canvas.Red[i] = (flat + (saturation * r)) * ink;
            canvas.Green[i] = (flat + (saturation * g)) * ink;
            canvas.Blue[i] = (flat + (saturation * b)) * ink;
        }
    }

    /// <summary>Engraving: layers of parallel strokes, one more for each step darker.</summary>
    public static void Hatching(Canvas canvas, Random random)
    {
        Span<float> grey = canvas.Scratch(0), scratch = canvas.Scratch(1), lines = canvas.Scratch(3);
        canvas.Grey(grey);
        if (random.Chance(0.6f))
        {
            grey.CopyTo(lines);
            Lines(canvas, lines, random, false);
        }
        else
        {
            lines.Fill(1);
        }
        PlaneFilters.Gaussian(grey, grey, scratch, canvas.Size, random.Uniform(0.6f, 1.5f) * canvas.Unit);
        var layers = random.Next(2, 5);
        var period = random.Uniform(2.1f, 3.6f) * canvas.Unit;
        var first = random.Uniform(0, MathF.PI);
        var hard = random.Uniform(2, 6);
        var size = canvas.Size;
        // Measured from the picture's own tones: a dark photo is engraved as clearly as a light one.
        var (mean, spread) = Tones(grey);
        var light = mean + (1.2f * spread);
        Span<(float X, float Y, float Threshold)> waves = stackalloc (float, float, float)[layers];
        for (var k = 0; k < layers; k++)
        {
            var (sin, cos) = MathF.SinCos(first + (k * MathF.PI * 0.37f));
            waves[k] = (MathF.Tau / period * cos, MathF.Tau / period * sin, light - (2.4f * spread * k / layers));
        }
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                var i = (y * size) + x;
                var value = 1f;
                foreach (var (waveX, waveY, threshold) in waves)
                {
                    var need = (threshold - grey[i]) / (1.2f * spread);
                    if (need <= 0)
                        break;
                    // A stroke is where the wave exceeds what the tone leaves white.
                    var wave = 0.5f + (0.5f * MathF.Cos((x * waveX) + (y * waveY)));
                    value -= Math.Clamp((wave - 1 + MathF.Min(need, 0.8f)) * hard, 0, 1) * 0.6f;
                }
                scratch[i] = 255 * MathF.Max(0, value) * lines[i];
            }
        }
        scratch.CopyTo(grey);
        Print(canvas, grey, random);
    }

    /// <summary>
    /// Replaces grey values (0..255) by ink: 1 paper, 0 line. A sharpened difference of Gaussians through a soft
    /// threshold (XDoG: Winnemoeller, Kyprianidis, Olsen 2012, eqs 4, 7). Overwrites scratch planes 1 and 2.
    /// </summary>
    /// <remarks><c>masses</c>: Dark areas become black too.</remarks>
    private static void Lines(Canvas canvas, Span<float> grey, Random random, bool masses)
    {
        Span<float> wide = canvas.Scratch(1), scratch = canvas.Scratch(2);
        var deviation = random.Uniform(0.55f, 1.5f) * canvas.Unit;
        PlaneFilters.Gaussian(grey, wide, scratch, canvas.Size, deviation * 1.6f);
        PlaneFilters.Gaussian(grey, grey, scratch, canvas.Size, deviation);
        var gain = masses ? random.Uniform(6, 20) : 0;
        var (level, contrast) = Tones(grey);
        for (var i = 0; i < grey.Length; i++)
            wide[i] = masses ? grey[i] + (gain * (grey[i] - wide[i])) : grey[i] - wide[i];
        // Thresholds follow the picture: a pale or dark one gets lines, too.
        var (mean, spread) = masses ? (level, contrast) : Tones(wide);
        var threshold = mean + (spread * (masses ? random.Uniform(-0.9f, 0.1f) : -random.Uniform(0.2f, 0.9f)));
        var steep = (masses ? random.Uniform(0.8f, 3) : random.Uniform(0.6f, 2.5f)) / spread;
        for (var i = 0; i < grey.Length; i++)
            grey[i] = wide[i] >= threshold ? 1 : MathF.Max(0, 1 + MathF.Tanh(steep * (wide[i] - threshold)));
    }

    /// <summary>Grey drawing (0..255) on the canvas, in ink and on paper of random colours, or coloured by the picture.</summary>
    private static void Print(Canvas canvas, ReadOnlySpan<float> drawing, Random random)
    {
        if (random.Chance(0.25f))
        {
            // A coloured drawing: the picture's own colours, light, under the lines.
            var wash = random.Uniform(0.3f, 0.9f);
            for (var c = 0; c < Image.Channels; c++)
            {
                var plane = canvas.Channel(c);
                for (var i = 0; i < plane.Length; i++)
                    plane[i] = (255 + (wash * (plane[i] - 255))) * drawing[i] / 255;
            }
            return;
        }
        var coloured = random.Chance(0.5f);
        for (var c = 0; c < Image.Channels; c++)
        {
            var ink = coloured ? random.Uniform(0, 90) : 0;
            var paper = coloured ? random.Uniform(170, 255) : 255;
            var plane = canvas.Channel(c);
            for (var i = 0; i < plane.Length; i++)
                plane[i] = ink + ((paper - ink) * drawing[i] / 255);
        }
    }

    private static (float Mean, float Spread) Tones(ReadOnlySpan<float> plane)
    {
        var (sum, squares) = (0f, 0f);
        foreach (var v in plane)
            (sum, squares) = (sum + v, squares + (v * v));
        var mean = sum / plane.Length;
        return (mean, MathF.Sqrt(MathF.Max(0.1f, (squares / plane.Length) - (mean * mean))));
    }

    private static void Grain(Span<float> plane, Random random, float amount)
    {
        Span<float> noise = stackalloc float[256];
        var source = new NoiseSource(random);
        for (var start = 0; start < plane.Length; start += noise.Length)
        {
            source.FillNormal(noise);
            for (var i = 0; i < Math.Min(noise.Length, plane.Length - start); i++)
                plane[start + i] += amount * noise[i];
        }
    }
}
