namespace Mdfld.Training.Augmentation.Looks;

/// <summary>Looks drawn by hand without colour: pencil, charcoal, ink, and the ink and wash of newspapers.</summary>
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
            InkLines.Grain(grey, random, random.Uniform(4, 18));
        InkLines.Print(canvas, grey, random);
    }

    /// <summary>Black (or coloured) ink on paper.</summary>
    public static void Ink(Canvas canvas, Random random)
    {
        var grey = canvas.Scratch(0);
        canvas.Grey(grey);
        InkLines.Draw(canvas, grey, random, random.Chance(0.5f));
        for (var i = 0; i < grey.Length; i++)
            grey[i] *= 255;
        InkLines.Print(canvas, grey, random);
    }

    /// <summary>Soft black strokes that the paper's grain breaks up, smudged shadows.</summary>
    public static void Charcoal(Canvas canvas, Random random) =>
        InkLines.Print(canvas, CharcoalTones(canvas, random), random);

    /// <summary>The charcoal drawing in grey, 0..255, in a scratch plane.</summary>
    public static ReadOnlySpan<float> CharcoalTones(Canvas canvas, Random random)
    {
        Span<float> grey = canvas.Scratch(0), lines = canvas.Scratch(3), grain = canvas.Scratch(4),
            scratch = canvas.Scratch(5);
        canvas.Grey(grey);
        grey.CopyTo(lines);
        InkLines.Draw(canvas, lines, random, false);
        PlaneFilters.Gaussian(lines, lines, scratch, canvas.Size, random.Uniform(0.4f, 0.9f) * canvas.Unit);
        PlaneFilters.Gaussian(grey, grey, scratch, canvas.Size, random.Uniform(0.8f, 2.2f) * canvas.Unit);
        new NoiseSource(random).FillNormal(grain);
        PlaneFilters.Gaussian(grain, grain, scratch, canvas.Size, random.Uniform(0.5f, 0.9f));
        var (mean, spread) = InkLines.Tones(grey);
        var tooth = random.Uniform(0.2f, 0.9f);
        var dark = random.Uniform(0.5f, 1);
        var level = random.Uniform(-0.3f, 0.9f);
        for (var i = 0; i < grey.Length; i++)
        {
            // Charcoal sits on the peaks of the paper; pressure fills the valleys.
            var pressure = 0.5f + (0.45f * (level - ((grey[i] - mean) / spread)));
            var shade = Math.Clamp(pressure + (tooth * grain[i]), 0, 1);
            grey[i] = 255 * (1 - (dark * shade)) * (0.15f + (0.85f * lines[i]));
        }
        return grey;
    }

    /// <summary>A caricaturist's line with one or two flat grey washes.</summary>
    public static void Newspaper(Canvas canvas, Random random)
    {
        InkLines.Print(canvas, NewspaperTones(canvas, random), random);
        if (random.Chance(0.5f))
            TextureLooks.Paper(canvas, random);
    }

    /// <summary>Line and washes in grey, 0..255, in a scratch plane.</summary>
    public static ReadOnlySpan<float> NewspaperTones(Canvas canvas, Random random)
    {
        if (random.Chance(0.6f))
            Kuwahara.Apply(canvas, Math.Max(1, (int)(random.Uniform(1.3f, 3) * canvas.Unit)));
        Span<float> grey = canvas.Scratch(0), lines = canvas.Scratch(3), scratch = canvas.Scratch(4);
        canvas.Grey(grey);
        grey.CopyTo(lines);
        InkLines.Draw(canvas, lines, random, false);
        PlaneFilters.Gaussian(grey, grey, scratch, canvas.Size, random.Uniform(0.8f, 2.5f) * canvas.Unit);
        var (mean, spread) = InkLines.Tones(grey);
        var washes = random.Next(1, 4);
        var first = random.Uniform(-0.6f, 0.6f);
        var soft = random.Uniform(0.05f, 0.5f);
        var depth = random.Uniform(0.15f, 0.6f) / washes;
        for (var i = 0; i < grey.Length; i++)
        {
            var value = 1f;
            for (var k = 0; k < washes; k++)
            {
                var threshold = mean + ((first - (0.7f * k)) * spread);
                value -= depth * Math.Clamp(((threshold - grey[i]) / (soft * spread)) + 0.5f, 0, 1);
            }
            grey[i] = 255 * value * lines[i];
        }
        return grey;
    }
}
