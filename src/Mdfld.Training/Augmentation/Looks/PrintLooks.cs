using System.Numerics;

namespace Mdfld.Training.Augmentation.Looks;

/// <summary>Looks of printed pictures: hatching, engraving, woodblock.</summary>
internal static class PrintLooks
{
    /// <summary>Layers of parallel strokes, one more for each step darker.</summary>
    public static void Hatching(Canvas canvas, Random random)
    {
        Span<float> grey = canvas.Scratch(0), scratch = canvas.Scratch(1), lines = canvas.Scratch(3);
        canvas.Grey(grey);
        if (random.Chance(0.6f))
        {
            grey.CopyTo(lines);
            InkLines.Draw(canvas, lines, random, false);
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
        var (mean, spread) = InkLines.Tones(grey);
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
        InkLines.Print(canvas, grey, random);
    }

    /// <summary>
    /// Engraving: one set of lines that swell with darkness and bend over the forms, as if brightness were height; a
    /// second set crosses them in the shadows.
    /// </summary>
    public static void Engraving(Canvas canvas, Random random) =>
        InkLines.Print(canvas, EngravingTones(canvas, random, 2.1f, 4), random);

    /// <summary>
    /// The engraving in grey, 0..255, in a scratch plane; lines lie between the given distances apart.
    /// </summary>
    public static ReadOnlySpan<float> EngravingTones(Canvas canvas, Random random, float nearest, float farthest)
    {
        Span<float> grey = canvas.Scratch(0), form = canvas.Scratch(3), lines = canvas.Scratch(4),
            scratch = canvas.Scratch(5);
        canvas.Grey(grey);
        grey.CopyTo(lines);
        InkLines.Draw(canvas, lines, random, false);
        PlaneFilters.Gaussian(grey, form, scratch, canvas.Size, random.Uniform(4, 9) * canvas.Unit);
        PlaneFilters.Gaussian(grey, grey, scratch, canvas.Size, random.Uniform(0.5f, 1.2f) * canvas.Unit);
        var (mean, spread) = InkLines.Tones(grey);
        var (formMean, formSpread) = InkLines.Tones(form);
        var wave = MathF.Tau / (random.Uniform(nearest, farthest) * canvas.Unit);
        var bend = random.Uniform(-12, 12) / formSpread;
        var angle = random.Uniform(0, MathF.PI);
        var ((sin, cos), (sin2, cos2)) = (MathF.SinCos(angle), MathF.SinCos(angle + random.Uniform(0.7f, 1.6f)));
        var cross = random.Chance(0.6f) ? random.Uniform(-0.2f, 0.5f) : -9;
        var hard = random.Uniform(1.5f, 4);
        var outline = random.Uniform(0.4f, 1);
        var light = random.Uniform(0.5f, 0.8f);
        var size = canvas.Size;
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                var i = (y * size) + x;
                var tone = (grey[i] - mean) / spread;
                var height = bend * (form[i] - formMean);
                var paper = Math.Clamp(light + (0.33f * tone), 0.08f, 1.05f);
                var value = Line(((x * cos) + (y * sin)) + height, paper);
                if (tone < cross)
                    value *= Line(((x * cos2) + (y * sin2)) - height, Math.Clamp(paper + 0.3f, 0, 1));
                grey[i] = 255 * value * (1 - (outline * (1 - lines[i])));
            }
        }
        return grey;

        float Line(float along, float paper) =>
            Math.Clamp(((paper - 0.5f - (0.5f * MathF.Cos(along * wave))) * hard) + 0.5f, 0, 1);
    }

    /// <summary>
    /// Japanese print: a few flat inks, pale skin without shading, thin black contours, the grain of wood and of paper.
    /// </summary>
    public static void Woodblock(Canvas canvas, Random random)
    {
        GuidedFilter.Apply(canvas, Math.Max(1, (int)(random.Uniform(2, 5) * canvas.Unit)), random.Uniform(300, 2500));
        var lines = canvas.Scratch(3);
        canvas.Grey(lines);
        InkLines.Draw(canvas, lines, random, false);
        Unshade(canvas, random.Uniform(0.3f, 1), random.Uniform(150, 215));
        Span<Vector3> palette = stackalloc Vector3[random.Next(3, 7)];
        Palette.Find(canvas, palette, random);
        var paper = new Vector3(random.Uniform(225, 255), random.Uniform(215, 245), random.Uniform(180, 235));
        Span<Vector3> inks = stackalloc Vector3[palette.Length];
        for (var k = 0; k < inks.Length; k++)
        {
            // The lightest inks are left to the paper; the others are old pigments, or near the picture's colours.
            var grey = Palette.Grey(palette[k]);
            var own = random.Chance(0.6f) ? palette[k] : Pigment(random);
            own *= Math.Clamp((grey + 40) / (Palette.Grey(own) + 40), 0.4f, 2.5f);
            inks[k] = Vector3.Lerp(own, paper, Math.Clamp((grey - random.Uniform(30, 110)) / 70, 0, 1));
        }
        Palette.Replace(canvas, palette, inks);
        Grain(canvas, lines, random);
    }

    /// <summary>Takes out the light that falls on a face: brightness relative to the surroundings'.</summary>
    public static void Unshade(Canvas canvas, float amount, float level)
    {
        Span<float> around = canvas.Scratch(0), scratch = canvas.Scratch(1);
        canvas.Grey(around);
        PlaneFilters.Gaussian(around, around, scratch, canvas.Size, 10 * canvas.Unit);
        for (var i = 0; i < around.Length; i++)
            around[i] = float.Lerp(1, (level + 15) / (MathF.Max(around[i], 0) + 15), amount);
        for (var c = 0; c < Picture.Channels; c++)
        {
            var plane = canvas.Channel(c);
            for (var i = 0; i < plane.Length; i++)
                plane[i] = Math.Clamp(plane[i] * around[i], 0, 255);
        }
    }

    private static Vector3 Pigment(Random random) => random.Next(6) switch
    {
        0 => new Vector3(40, 60, 110), // indigo
        1 => new Vector3(190, 60, 45), // red lead
        2 => new Vector3(200, 160, 70), // ochre
        3 => new Vector3(90, 120, 80), // green
        4 => new Vector3(140, 100, 120), // purple
        _ => new Vector3(60),
    };

    private static void Grain(Canvas canvas, ReadOnlySpan<float> lines, Random random)
    {
        Span<float> grain = canvas.Scratch(0), scratch = canvas.Scratch(1);
        new NoiseSource(random).FillNormal(grain);
        Span<float> kernel = stackalloc float[31];
        kernel.Fill(1f / kernel.Length);
        PlaneFilters.Rows(grain, scratch, canvas.Size, kernel);
        var depth = random.Uniform(0, 0.25f);
        var ink = random.Uniform(0.7f, 1);
        for (var c = 0; c < Picture.Channels; c++)
        {
            var plane = canvas.Channel(c);
            for (var i = 0; i < plane.Length; i++)
                plane[i] = (plane[i] + (depth * scratch[i] * (275 - plane[i]))) * (1 - (ink * (1 - lines[i])));
        }
        if (random.Chance(0.6f))
            TextureLooks.Paper(canvas, random);
    }
}
