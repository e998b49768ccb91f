using System.Numerics;

namespace Mdfld.Training.Augmentation.Looks;

/// <summary>Looks of few flat colours: vector art, pop art, pixel art.</summary>
internal static class FlatLooks
{
    /// <summary>Areas of one colour with clean borders, hardly any line.</summary>
    public static void Vector(Canvas canvas, Random random)
    {
        var radius = Math.Max(1, (int)(random.Uniform(1.5f, 3.5f) * canvas.Unit));
        GuidedFilter.Apply(canvas, radius + 1, random.Uniform(200, 1200));
        Kuwahara.Apply(canvas, radius);
        Span<Vector3> palette = stackalloc Vector3[random.Next(4, 10)];
        Palette.Find(canvas, palette, random);
        Span<Vector3> colours = stackalloc Vector3[palette.Length];
        var saturation = random.Uniform(0.6f, 1.9f);
        var lift = random.Uniform(0, 0.35f);
        for (var k = 0; k < palette.Length; k++)
        {
            var grey = new Vector3(Palette.Grey(palette[k]));
            colours[k] = Vector3.Lerp(grey + ((palette[k] - grey) * saturation), new Vector3(255), lift);
        }
        Palette.Replace(canvas, palette, colours);
        Soften(canvas, random.Uniform(0.3f, 0.6f) * canvas.Unit);
        if (random.Chance(0.3f))
            Outline(canvas, random, random.Uniform(0.3f, 1));
    }

    /// <summary>Three to five tones in loud colours, black lines, sometimes dots.</summary>
    public static void PopArt(Canvas canvas, Random random)
    {
        Kuwahara.Apply(canvas, Math.Max(1, (int)(random.Uniform(1.3f, 3) * canvas.Unit)));
        var grey = canvas.Scratch(0);
        canvas.Grey(grey);
        canvas.SetGrey(grey);
        Span<Vector3> palette = stackalloc Vector3[random.Next(3, 6)];
        Palette.Find(canvas, palette, random);
        Span<Vector3> colours = stackalloc Vector3[palette.Length];
        var ordered = random.Chance(0.75f);
        for (var k = 0; k < palette.Length; k++)
            colours[k] = Palette.Vivid(
                random.NextSingle(), ordered ? 30 + (215f * k / (palette.Length - 1)) : random.Uniform(30, 240));
        Palette.Replace(canvas, palette, colours);
        if (random.Chance(0.5f))
            Outline(canvas, random, random.Uniform(0.6f, 1));
        if (random.Chance(0.4f))
            TextureLooks.Halftone(canvas, random);
    }

    /// <summary>Coarse pixels of few colours.</summary>
    public static void PixelArt(Canvas canvas, Random random)
    {
        if (random.Chance(0.5f))
            GuidedFilter.Apply(canvas, Math.Max(1, (int)(3 * canvas.Unit)), random.Uniform(100, 800));
        TextureLooks.Pixelate(canvas, random);
        Span<Vector3> palette = stackalloc Vector3[random.Next(4, 17)];
        Palette.Find(canvas, palette, random);
        Palette.Replace(canvas, palette, palette);
    }

    private static void Outline(Canvas canvas, Random random, float inked)
    {
        var lines = canvas.Scratch(0);
        canvas.Grey(lines);
        InkLines.Draw(canvas, lines, random, false);
        for (var c = 0; c < Picture.Channels; c++)
        {
            var plane = canvas.Channel(c);
            for (var i = 0; i < plane.Length; i++)
                plane[i] *= 1 - (inked * (1 - lines[i]));
        }
    }

    private static void Soften(Canvas canvas, float deviation)
    {
        for (var c = 0; c < Picture.Channels; c++)
            PlaneFilters.Gaussian(canvas.Channel(c), canvas.Channel(c), canvas.Scratch(0), canvas.Size, deviation);
    }
}
