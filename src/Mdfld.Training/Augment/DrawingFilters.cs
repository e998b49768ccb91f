namespace Mdfld.Training.Augment;

/// <summary>Style filters of one ink on one paper: pencil, charcoal, ink, engraving.</summary>
internal static class DrawingFilters
{
    /// <summary>Graphite: soft lines, shading in slanted strokes, white paper.</summary>
    public static void Pencil(FilterPicture picture, Random random)
    {
        var grey = picture.Grey();
        var around = picture.Blurred(grey, random.Uniform(1.8f, 5.5f));
        var tone = picture.Blurred(grey, 0.7f);
        var strokes = TextureFilters.Slanted(picture, random, random.Pick(-2, 2), random.Next(4, 8));
        var grain = picture.Noise(random);
        var (mean, spread) = Tones(tone);
        var (power, depth, rough) = (
            random.Uniform(1.4f, 3.6f), random.Uniform(0.2f, 0.75f), random.Uniform(0.01f, 0.04f));
        Print(picture, new Vector3(random.Uniform(30, 75)), Sheet(random, 246), i =>
        {
            // Grey divided by its own blur ("dodge"): paper where flat, lines where it falls off.
            var line = MathF.Pow(MathF.Min(1, (grey[i] + 10) / (around[i] + 10)), power);
            var dark = Math.Clamp((mean + (0.7f * spread) - tone[i]) / (2.4f * spread), 0, 1);
            var shade = 1 - (depth * dark * Math.Clamp(0.8f + (0.45f * strokes[i]), 0, 1.3f));
            return (line * MathF.Max(0, shade)) + (rough * grain[i]);
        });
    }

    /// <summary>Soft black strokes, or red chalk, that the paper's grain breaks up; smudged shadows.</summary>
    public static void Charcoal(FilterPicture picture, Random random)
    {
        var grey = picture.Grey();
        var lines = picture.Blur(Lines(picture, random), random.Uniform(0.4f, 0.9f));
        picture.Blur(grey, random.Uniform(0.8f, 2.2f));
        var grain = picture.Blur(picture.Noise(random), random.Uniform(0.4f, 0.7f));
        var (mean, spread) = Tones(grey);
        var (tooth, dark, level) = (random.Uniform(0.2f, 0.9f), random.Uniform(0.5f, 1), random.Uniform(-0.3f, 0.9f));
        var ink = random.Chance(0.8f) ? new Vector3(random.Uniform(12, 35)) : new Vector3(120, 48, 30);
        Print(picture, ink, Sheet(random, 225), i =>
        {
            // Charcoal sits on the peaks of the paper; pressure fills the valleys.
            var pressure = 0.5f + (0.45f * (level - ((grey[i] - mean) / spread)));
            return (1 - (dark * Math.Clamp(pressure + (tooth * grain[i]), 0, 1))) * (0.15f + (0.85f * lines[i]));
        });
    }

    public static void Ink(FilterPicture picture, Random random)
    {
        var lines = Lines(picture, random, random.Chance(0.5f));
        Print(picture, new Vector3(random.Uniform(0, 30)), Sheet(random, 240), i => lines[i]);
    }

    /// <summary>A caricaturist's line with one to three flat grey washes on newsprint.</summary>
    public static void Newspaper(FilterPicture picture, Random random)
    {
        if (random.Chance(0.6f))
            picture.Kuwahara(random.Uniform(1.3f, 3));
        var lines = Lines(picture, random);
        var grey = picture.Blur(picture.Grey(), random.Uniform(0.8f, 2.5f));
        var (mean, spread) = Tones(grey);
        var washes = random.Next(1, 4);
        var (first, soft) = (random.Uniform(-0.6f, 0.6f), random.Uniform(0.05f, 0.5f));
        var depth = random.Uniform(0.15f, 0.6f) / washes;
        Print(picture, new Vector3(random.Uniform(10, 30)), Sheet(random, 228), i =>
        {
            var value = 1f;
            for (var k = 0; k < washes; k++)
            {
                var threshold = mean + ((first - (0.7f * k)) * spread);
                value -= depth * Math.Clamp(((threshold - grey[i]) / (soft * spread)) + 0.5f, 0, 1);
            }
            return value * lines[i];
        });
    }

    /// <summary>Layers of parallel strokes, one more for each step darker.</summary>
    public static void Hatching(FilterPicture picture, Random random)
    {
        var lines = random.Chance(0.6f) ? Lines(picture, random) : null;
        var grey = picture.Blur(picture.Grey(), random.Uniform(0.6f, 1.5f));
        var wave = MathF.Tau / (random.Uniform(2.1f, 3.6f) * picture.Unit);
        var (first, hard) = (random.Uniform(0, MathF.PI), random.Uniform(2, 6));
        // Measured from the picture's own tones: a dark photo is drawn as clearly as a light one.
        var (mean, spread) = Tones(grey);
        var layers = new (Vector2 Wave, float Threshold)[random.Next(2, 5)];
        for (var k = 0; k < layers.Length; k++)
        {
            var (sin, cos) = MathF.SinCos(first + (k * MathF.PI * 0.37f));
            layers[k] = (wave * new Vector2(cos, sin), mean + ((1.2f - (2.4f * k / layers.Length)) * spread));
        }
        Print(picture, new Vector3(random.Uniform(0, 40)), Sheet(random, 240), i =>
        {
            var (value, p) = (1f, new Vector2(i % picture.Size, i / picture.Size));
            foreach (var (direction, threshold) in layers)
            {
                var need = MathF.Min((threshold - grey[i]) / (1.2f * spread), 0.8f);
                if (need <= 0)
                    break;
                // A stroke is where the wave exceeds what the tone leaves white.
                var height = 0.5f + (0.5f * MathF.Cos(Vector2.Dot(p, direction)));
                value -= 0.6f * Math.Clamp((height - 1 + need) * hard, 0, 1);
            }
            return MathF.Max(0, value) * (lines?[i] ?? 1);
        });
    }

    /// <summary>
    /// Engraving, as on banknotes: fine lines that swell with darkness and bend over the forms, as if brightness were
    /// height; a second set crosses them in the shadows.
    /// </summary>
    public static void Engraving(FilterPicture picture, Random random)
    {
        var lines = Lines(picture, random);
        var grey = picture.Grey();
        var form = picture.Blurred(grey, random.Uniform(4, 9));
        picture.Blur(grey, random.Uniform(0.5f, 1.2f));
        var ((mean, spread), (formMean, formSpread)) = (Tones(grey), Tones(form));
        var wave = MathF.Tau / (random.Uniform(1.5f, 2.9f) * picture.Unit);
        var bend = random.Uniform(-12, 12) / formSpread;
        var angle = random.Uniform(0, MathF.PI);
        var (along, crossed) = (Direction(angle), Direction(angle + random.Uniform(0.7f, 1.6f)));
        var cross = random.Chance(0.6f) ? random.Uniform(-0.2f, 0.5f) : -9;
        var (hard, outline, light) = (
            random.Uniform(1.5f, 4), random.Uniform(0.4f, 1), random.Uniform(0.5f, 0.8f));
        var ink = random.Pick<Vector3>(
            new(20, 20, 20), new(20, 20, 20), new(70, 45, 25), new(25, 65, 50), new(30, 45, 85));
        Print(picture, ink, Sheet(random, 240), i =>
        {
            var p = new Vector2(i % picture.Size, i / picture.Size);
            var tone = (grey[i] - mean) / spread;
            var height = bend * (form[i] - formMean);
            var paper = Math.Clamp(light + (0.33f * tone), 0.08f, 1.05f);
            var value = Line(Vector2.Dot(p, along) + height, paper);
            if (tone < cross)
                value *= Line(Vector2.Dot(p, crossed) - height, Math.Clamp(paper + 0.3f, 0, 1));
            return value * (1 - (outline * (1 - lines[i])));
        });

        static Vector2 Direction(float angle) => new(MathF.Cos(angle), MathF.Sin(angle));

        float Line(float at, float paper) =>
            Math.Clamp(((paper - 0.5f - (0.5f * MathF.Cos(at * wave))) * hard) + 0.5f, 0, 1);
    }

    /// <summary>
    /// Ink lines of a picture: 1 paper, 0 line. A sharpened difference of Gaussians through a soft threshold (XDoG:
    /// Winnemoeller, Kyprianidis, Olsen 2012, eqs 4, 7). With masses, dark areas become black, too.
    /// </summary>
    public static float[] Lines(FilterPicture picture, Random random, bool masses = false)
    {
        var deviation = random.Uniform(0.55f, 1.5f);
        var grey = picture.Grey();
        var wide = picture.Blurred(grey, deviation * 1.6f);
        picture.Blur(grey, deviation);
        var gain = masses ? random.Uniform(6, 20) : 1;
        for (var i = 0; i < grey.Length; i++)
            wide[i] = (gain * (grey[i] - wide[i])) + (masses ? grey[i] : 0);
        // Thresholds follow the picture: a pale or dark one gets lines, too.
        var (mean, spread) = Tones(masses ? grey : wide);
        var threshold = mean + (spread * (masses ? random.Uniform(-0.9f, 0.1f) : -random.Uniform(0.2f, 0.9f)));
        var steep = (masses ? random.Uniform(0.8f, 3) : random.Uniform(0.6f, 2.5f)) / spread;
        return Array.ConvertAll(
            wide, v => v >= threshold ? 1 : MathF.Max(0, 1 + MathF.Tanh(steep * (v - threshold))));
    }

    /// <summary>
    /// What is darker than its surroundings, such as eyes, brows and mouth in a face: 0 no, 1 yes. For filters of few
    /// tones, which would lose it.
    /// </summary>
    public static float[] Darks(FilterPicture picture, Random random)
    {
        var grey = picture.Blur(picture.Grey(), random.Uniform(0.4f, 0.8f));
        var around = picture.Blurred(grey, random.Uniform(3.5f, 5));
        var least = random.Uniform(12, 24);
        for (var i = 0; i < grey.Length; i++)
            grey[i] = Math.Clamp((around[i] - grey[i] - least) / 10, 0, 1);
        return grey;
    }

    /// <summary>Mean and spread (never 0).</summary>
    public static (float Mean, float Spread) Tones(float[] plane)
    {
        var (sum, squares) = (0f, 0f);
        foreach (var v in plane)
            (sum, squares) = (sum + v, squares + (v * v));
        var mean = sum / plane.Length;
        return (mean, MathF.Sqrt(MathF.Max(0.1f, (squares / plane.Length) - (mean * mean))));
    }

    /// <summary>Gives a drawing another ink and paper, or washes of the picture's colours before it.</summary>
    public static void Recolour(FilterPicture drawing, Vector3[] before, Random random)
    {
        var white = new Vector3(255);
        if (random.Chance(0.4f))
        {
            var wash = random.Uniform(0.3f, 0.9f);
            drawing.Map((i, ink) => Vector3.Lerp(white, before[i], wash) * FilterPicture.Luma(ink) / 255);
            return;
        }
        var (dark, light) = (Palette.Any(random, 0, 90), Palette.Any(random, 170, 255));
        drawing.Map((_, ink) => Vector3.Lerp(dark, light, FilterPicture.Luma(ink) / 255));
    }

    private static void Print(FilterPicture picture, Vector3 ink, Vector3 paper, Func<int, float> tone) =>
        picture.Map((i, _) => Vector3.Lerp(ink, paper, tone(i)));

    private static Vector3 Sheet(Random random, float light) =>
        new(light + random.Uniform(0, 8), light + random.Uniform(-3, 4), light - random.Uniform(0, 14));
}
