using System.Numerics;

namespace Mdfld.Training.Augmentation.Looks;

/// <summary>
/// Looks of few flat tones with skin that stays skin: cels of two eras, the clear line, vector shapes.
/// </summary>
internal static class FlatComicLooks
{
    /// <summary>A cel of the nineties: two tones, warm muted colours, brown lines, film grain.</summary>
    public static void RetroCel(Canvas canvas, Random random)
    {
        GuidedFilter.Apply(canvas, Math.Max(1, (int)(3 * canvas.Unit)), random.Uniform(300, 800));
        Flat(canvas, random, 3, random.Uniform(0.6f, 0.85f), new Vector3(60, 36, 34), 0.9f, random.Uniform(40, 60));
        ReadOnlySpan<float> cast = [1.02f, 0.95f, 0.84f];
        for (var c = 0; c < Picture.Channels; c++)
        {
            var plane = canvas.Channel(c);
            PlaneFilters.Gaussian(plane, plane, canvas.Scratch(0), canvas.Size, 0.45f * canvas.Unit);
            foreach (ref var v in plane)
                v = 22 + (v * cast[c] * (255 - 30) / 255);
            InkLines.Grain(plane, random, random.Uniform(4, 8));
        }
    }

    /// <summary>Today's anime: light skin, bright colours, thin lines of a dark colour, a bloom.</summary>
    public static void BrightCel(Canvas canvas, Random random)
    {
        GuidedFilter.Apply(canvas, Math.Max(1, (int)(3 * canvas.Unit)), random.Uniform(400, 1000));
        Flat(canvas, random, 4, random.Uniform(1.4f, 1.9f), new Vector3(70, 30, 50), 0.75f, random.Uniform(80, 105));
        Span<float> soft = canvas.Scratch(0), scratch = canvas.Scratch(1);
        for (var c = 0; c < Picture.Channels; c++)
        {
            var plane = canvas.Channel(c);
            PlaneFilters.Gaussian(plane, soft, scratch, canvas.Size, 3 * canvas.Unit);
            for (var i = 0; i < plane.Length; i++)
                plane[i] = Math.Clamp(plane[i] + (0.25f * MathF.Max(0, soft[i] - 150)), 0, 255);
        }
    }

    /// <summary>The clear line: even black contours round flat pale colours, no shadows.</summary>
    public static void ClearLine(Canvas canvas, Random random)
    {
        PrintLooks.Unshade(canvas, 0.85f, 175);
        GuidedFilter.Apply(canvas, Math.Max(1, (int)(3 * canvas.Unit)), random.Uniform(500, 1200));
        Flat(canvas, random, 3, random.Uniform(1.2f, 1.6f), new Vector3(15), 1, random.Uniform(70, 95));
    }

    /// <summary>Vector shapes: a few clean areas of bold colour, no line.</summary>
    public static void BoldShapes(Canvas canvas, Random random)
    {
        GuidedFilter.Apply(canvas, Math.Max(1, (int)(4 * canvas.Unit)), random.Uniform(500, 1200));
        Kuwahara.Apply(canvas, Math.Max(1, (int)(random.Uniform(2, 3) * canvas.Unit)));
        Span<Vector3> palette = stackalloc Vector3[random.Next(5, 8)];
        Palette.Find(canvas, palette, random);
        Span<Vector3> colours = stackalloc Vector3[palette.Length];
        for (var k = 0; k < palette.Length; k++)
        {
            // The colours that are, cleaned: saturated, steps of light evened out.
            var grey = Palette.Grey(palette[k]);
            var light = float.Lerp(grey, 35 + (205f * k / (palette.Length - 1)), 0.7f);
            var pure = palette[k] - new Vector3(grey);
            var strength = pure.Length();
            pure *= strength > 1 ? (MathF.Min(95, (1.4f * strength) + 14) / strength) : 0;
            colours[k] = Vector3.Clamp(new Vector3(light) + pure, Vector3.Zero, new Vector3(255));
        }
        Palette.Replace(canvas, palette, colours);
        for (var c = 0; c < Picture.Channels; c++)
            PlaneFilters.Gaussian(
                canvas.Channel(c), canvas.Channel(c), canvas.Scratch(0), canvas.Size, 0.4f * canvas.Unit);
    }

    /// <summary>Steps of brightness with the picture's colours, inked.</summary>
    /// <remarks><c>lift</c>: the darkest tone.</remarks>
    private static void Flat(
        Canvas canvas, Random random, int levels, float saturation, Vector3 ink, float inked, float lift)
    {
        Span<float> grey = canvas.Scratch(0), lines = canvas.Scratch(3), blurred = canvas.Scratch(4);
        canvas.Grey(grey);
        grey.CopyTo(lines);
        InkLines.Draw(canvas, lines, random, false);
        PlaneFilters.Gaussian(grey, blurred, canvas.Scratch(5), canvas.Size, random.Uniform(0.9f, 1.4f) * canvas.Unit);
        var (mean, spread) = InkLines.Tones(blurred);
        var width = 2.6f * spread / levels;
        var start = mean - (1.5f * spread) + (random.Uniform(0.3f, 0.7f) * width);
        for (var i = 0; i < grey.Length; i++)
        {
            var step = Math.Clamp(MathF.Floor((blurred[i] - start) / width) + 1, 0, levels - 1);
            var flat = lift + ((248 - lift) * step / (levels - 1f));
            var line = inked * (1 - lines[i]);
            for (var c = 0; c < Picture.Channels; c++)
            {
                ref var v = ref canvas.Channel(c)[i];
                v = Math.Clamp(
                    float.Lerp(flat + (saturation * Math.Clamp(v - grey[i], -60, 60)), ink[c], line), 0, 255);
            }
        }
    }
}
