using System.Numerics;

namespace Mdfld.Training.Augmentation.Looks;

/// <summary>
/// Drawings as they lie on a desk: one ink, one paper, no wash of the photo's colours. Each stands for a style of its
/// own where the looks of the trainer vary freely.
/// </summary>
internal static class PaperLooks
{
    /// <summary>Graphite: soft lines, shading in slanted strokes, white paper.</summary>
    public static void Graphite(Canvas canvas, Random random)
    {
        var size = canvas.Size;
        Span<float> grey = canvas.Scratch(0), wide = canvas.Scratch(1), tone = canvas.Scratch(2),
            strokes = canvas.Scratch(3), scratch = canvas.Scratch(4);
        canvas.Grey(grey);
        PlaneFilters.Gaussian(grey, wide, scratch, size, random.Uniform(2.5f, 5) * canvas.Unit);
        PlaneFilters.Gaussian(grey, tone, scratch, size, 0.7f * canvas.Unit);
        new NoiseSource(random).FillNormal(scratch);
        StrokeLooks.Slant(scratch, strokes, size, random.Chance(0.5f) ? 2 : -2, random.Next(4, 8));
        var (mean, spread) = InkLines.Tones(tone);
        var power = random.Uniform(1.8f, 3.2f);
        var depth = random.Uniform(0.45f, 0.75f);
        for (var i = 0; i < grey.Length; i++)
        {
            var line = MathF.Pow(MathF.Min(1, (grey[i] + 10) / (wide[i] + 10)), power);
            var dark = Math.Clamp((mean + (0.7f * spread) - tone[i]) / (2.4f * spread), 0, 1);
            var shade = 1 - (depth * dark * Math.Clamp(0.8f + (0.45f * strokes[i]), 0, 1.3f));
            grey[i] = 255 * line * MathF.Max(0, shade);
        }
        InkLines.Grain(grey, random, random.Uniform(3, 7));
        InkLines.PrintOn(canvas, grey, new Vector3(random.Uniform(40, 75)), Sheet(random, 246));
    }

    /// <summary>Charcoal, or red chalk now and then, on rough light paper.</summary>
    public static void Charcoal(Canvas canvas, Random random)
    {
        var ink = random.Chance(0.8f) ? new Vector3(random.Uniform(12, 35)) : new Vector3(120, 48, 30);
        InkLines.PrintOn(canvas, LineLooks.CharcoalTones(canvas, random), ink, Sheet(random, 225));
    }

    /// <summary>The cartoonist's ink and grey wash on newsprint.</summary>
    public static void Newsprint(Canvas canvas, Random random) =>
        InkLines.PrintOn(
            canvas, LineLooks.NewspaperTones(canvas, random), new Vector3(random.Uniform(10, 30)), Sheet(random, 228));

    /// <summary>Fine swelling lines as on banknotes, black, brown, green or blue on white.</summary>
    public static void Banknote(Canvas canvas, Random random)
    {
        ReadOnlySpan<Vector3> inks =
            [new(20, 20, 20), new(20, 20, 20), new(70, 45, 25), new(25, 65, 50), new(30, 45, 85)];
        InkLines.PrintOn(
            canvas, PrintLooks.EngravingTones(canvas, random, 1.5f, 2.3f), inks[random.Next(inks.Length)],
            Sheet(random, 240));
    }

    /// <summary>Transparent washes that leave the paper's white at the rims and pool at their borders.</summary>
    public static void Wash(Canvas canvas, Random random)
    {
        var size = canvas.Size;
        Kuwahara.Apply(canvas, Math.Max(1, (int)(random.Uniform(1.6f, 2.6f) * canvas.Unit)));
        Span<float> grey = canvas.Scratch(0), around = canvas.Scratch(1), blooms = canvas.Scratch(2),
            rough = canvas.Scratch(3), scratch = canvas.Scratch(4);
        canvas.Grey(grey);
        PlaneFilters.Gaussian(grey, around, scratch, size, random.Uniform(1.2f, 2.2f) * canvas.Unit);
        Clouds(blooms, scratch, size, 6 * canvas.Unit, random);
        Clouds(rough, scratch, size, 2.5f * canvas.Unit, random);
        var thin = random.Uniform(0.6f, 0.8f);
        var rim = random.Uniform(0.5f, 1.1f);
        var bare = random.Uniform(7, 12) * canvas.Unit;
        var saturation = random.Uniform(1.4f, 1.9f);
        for (var c = 0; c < Picture.Channels; c++)
        {
            var plane = canvas.Channel(c);
            for (var i = 0; i < plane.Length; i++)
            {
                var edge = Border(i, size) + (rough[i] * 3.5f * canvas.Unit) + (blooms[i] * 4 * canvas.Unit);
                var painted = Math.Clamp((edge - (0.5f * bare)) / (0.5f * bare), 0, 1);
                var colour = grey[i] + (saturation * (plane[i] - grey[i]));
                var density = thin * (255 - colour) * (1 + (0.22f * blooms[i]));
                // Pigment gathers at the rims of a wash, the outermost included.
                density += rim * MathF.Abs(grey[i] - around[i]);
                density += 40 * painted * (1 - painted) * thin;
                plane[i] = Math.Clamp(253 - (painted * MathF.Max(0, density)), 0, 255);
            }
        }
        TextureLooks.Grain(canvas, random, 0.03f);
    }

    /// <summary>Chalks rubbed over coloured paper, which shows in the tooth and at the borders.</summary>
    public static void Chalk(Canvas canvas, Random random)
    {
        var size = canvas.Size;
        GuidedFilter.Apply(canvas, Math.Max(1, (int)(random.Uniform(2, 3.5f) * canvas.Unit)), random.Uniform(250, 700));
        ReadOnlySpan<Vector3> papers =
            [new(150, 120, 88), new(96, 108, 124), new(70, 66, 70), new(176, 146, 96), new(110, 92, 100)];
        var paper = papers[random.Next(papers.Length)];
        Span<float> tooth = canvas.Scratch(0), strokes = canvas.Scratch(1), wide = canvas.Scratch(2),
            scratch = canvas.Scratch(3);
        new NoiseSource(random).FillNormal(scratch);
        StrokeLooks.Slant(scratch, strokes, size, random.Chance(0.5f) ? 2 : -2, random.Next(5, 9));
        new NoiseSource(random).FillNormal(tooth);
        Clouds(wide, scratch, size, 4 * canvas.Unit, random);
        var lift = random.Uniform(0.05f, 0.2f);
        var bare = random.Uniform(10, 18) * canvas.Unit;
        for (var i = 0; i < tooth.Length; i++)
        {
            var edge = (Border(i, size) + (4 * canvas.Unit * wide[i])) / bare;
            var pressure = MathF.Min(1.15f, 2.2f * edge) - 0.35f;
            var cover = Math.Clamp(0.35f + pressure + (0.45f * strokes[i]) + (0.28f * tooth[i]), 0, 1);
            for (var c = 0; c < Picture.Channels; c++)
            {
                ref var v = ref canvas.Channel(c)[i];
                v = float.Lerp(paper[c] + (4 * tooth[i]), v + (lift * (250 - v)) + (7 * strokes[i]), cover);
            }
        }
    }

    /// <summary>Distance of a pixel from the border, pixels.</summary>
    private static float Border(int i, int size)
    {
        var (y, x) = Math.DivRem(i, size);
        return Math.Min(Math.Min(x, y), Math.Min(size - 1 - x, size - 1 - y));
    }

    /// <summary>Smooth noise of spread 1.</summary>
    private static void Clouds(Span<float> target, Span<float> scratch, int size, float deviation, Random random)
    {
        new NoiseSource(random).FillNormal(target);
        PlaneFilters.Gaussian(target, target, scratch, size, deviation);
        var (_, spread) = Spread(target);
        foreach (ref var v in target)
            v /= spread;

        static (float, float Spread) Spread(ReadOnlySpan<float> plane)
        {
            var squares = 0f;
            foreach (var v in plane)
                squares += v * v;
            return (0, MathF.Sqrt(MathF.Max(1e-12f, squares / plane.Length)));
        }
    }

    private static Vector3 Sheet(Random random, float light) =>
        new(light + random.Uniform(0, 8), light + random.Uniform(-3, 4), light - random.Uniform(0, 14));
}
