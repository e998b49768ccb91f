namespace Mdfld.Training.Augmentation.Looks;

/// <summary>Looks of comics and animation: flat tones, ink outlines, screens.</summary>
internal static class ComicLooks
{
    /// <summary>Comic and anime: flat steps of colour within ink outlines.</summary>
    public static void Cel(Canvas canvas, Random random)
    {
        if (random.Chance(0.5f))
            Kuwahara.Apply(canvas, Math.Max(1, (int)(random.Uniform(1.3f, 3.5f) * canvas.Unit)));
        else
            GuidedFilter.Apply(
                canvas, Math.Max(1, (int)(random.Uniform(2, 6) * canvas.Unit)), random.Uniform(200, 1500));
        var lines = canvas.Scratch(0);
        canvas.Grey(lines);
        var grey = canvas.Scratch(7);
        lines.CopyTo(grey);
        InkLines.Draw(canvas, lines, random, false);

        var levels = random.Next(3, 7);
        var step = 256f / levels;
        // Comics are lit: the tones are brought towards a light middle first.
        var (mean, _) = InkLines.Tones(grey);
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

    /// <summary>Printed comic: cel tones, and dots of one screen in the shadows.</summary>
    public static void Comic(Canvas canvas, Random random)
    {
        Cel(canvas, random);
        var tone = canvas.Scratch(0);
        canvas.Grey(tone);
        var (mean, spread) = InkLines.Tones(tone);
        var light = mean + (random.Uniform(0, 1.2f) * spread);
        var dot = random.Chance(0.6f) ? random.Uniform(0.2f, 0.7f) : 0;
        for (var i = 0; i < tone.Length; i++)
            tone[i] = Math.Clamp(1 - ((light - tone[i]) / (2.5f * spread)), 0.25f, 1);
        Screen(canvas, tone, random);
        for (var c = 0; c < Picture.Channels; c++)
        {
            var plane = canvas.Channel(c);
            for (var i = 0; i < plane.Length; i++)
                plane[i] *= dot + ((1 - dot) * tone[i]);
        }
    }

    /// <summary>Black and white comic: line, solid black, and screentone for what is between.</summary>
    public static void Manga(Canvas canvas, Random random)
    {
        if (random.Chance(0.5f))
            GuidedFilter.Apply(
                canvas, Math.Max(1, (int)(random.Uniform(2, 5) * canvas.Unit)), random.Uniform(200, 1200));
        Span<float> grey = canvas.Scratch(0), lines = canvas.Scratch(3), scratch = canvas.Scratch(4);
        canvas.Grey(grey);
        grey.CopyTo(lines);
        InkLines.Draw(canvas, lines, random, false);
        PlaneFilters.Gaussian(grey, grey, scratch, canvas.Size, random.Uniform(0.6f, 1.8f) * canvas.Unit);
        var (mean, spread) = InkLines.Tones(grey);
        var paper = mean + (random.Uniform(-0.7f, 0.4f) * spread);
        var black = mean - (random.Uniform(0.8f, 1.9f) * spread);
        var tone = random.Uniform(0.45f, 0.85f);
        for (var i = 0; i < grey.Length; i++)
            grey[i] = grey[i] > paper ? 1 : grey[i] < black ? 0 : tone;
        Screen(canvas, grey, random);
        for (var i = 0; i < grey.Length; i++)
            grey[i] *= 255 * lines[i];
        canvas.SetGrey(grey);
    }

    /// <summary>Today's animation: light flat skin, strong colours, soft shine, thin coloured lines.</summary>
    public static void Anime(Canvas canvas, Random random)
    {
        GuidedFilter.Apply(canvas, Math.Max(1, (int)(random.Uniform(2, 5) * canvas.Unit)), random.Uniform(300, 2000));
        Steps(
            canvas, random, random.Next(2, 5), random.Uniform(30, 100), random.Uniform(1.2f, 2.2f),
            random.Uniform(0.2f, 0.8f));
        var bloom = random.Uniform(0, 0.5f);
        for (var c = 0; c < Picture.Channels; c++)
        {
            Span<float> plane = canvas.Channel(c), soft = canvas.Scratch(0);
            PlaneFilters.Gaussian(plane, soft, canvas.Scratch(1), canvas.Size, random.Uniform(2, 5) * canvas.Unit);
            for (var i = 0; i < plane.Length; i++)
                plane[i] += bloom * MathF.Max(0, soft[i] - 140);
        }
    }

    /// <summary>
    /// Animation on film of the eighties: two or three muted tones, a cast of colour, softness, grain.
    /// </summary>
    public static void MutedAnime(Canvas canvas, Random random)
    {
        Kuwahara.Apply(canvas, Math.Max(1, (int)(random.Uniform(1.3f, 3) * canvas.Unit)));
        Steps(
            canvas, random, random.Next(2, 4), random.Uniform(10, 60), random.Uniform(0.35f, 1),
            random.Uniform(0.5f, 1));
        var soft = random.Uniform(0.3f, 0.8f) * canvas.Unit;
        var grain = random.Uniform(0, 12);
        for (var c = 0; c < Picture.Channels; c++)
        {
            var plane = canvas.Channel(c);
            PlaneFilters.Gaussian(plane, plane, canvas.Scratch(0), canvas.Size, soft);
            var (cast, floor) = (random.Uniform(0.75f, 1.05f), random.Uniform(0, 40));
            foreach (ref var v in plane)
                v = floor + (v * cast * (255 - floor) / 255);
            InkLines.Grain(plane, random, grain);
        }
    }

    /// <summary>Flat steps of brightness with the picture's colours, inked.</summary>
    private static void Steps(Canvas canvas, Random random, int levels, float lift, float saturation, float inked)
    {
        Span<float> grey = canvas.Scratch(0), lines = canvas.Scratch(3), blurred = canvas.Scratch(4);
        canvas.Grey(grey);
        grey.CopyTo(lines);
        InkLines.Draw(canvas, lines, random, false);
        PlaneFilters.Gaussian(grey, blurred, canvas.Scratch(5), canvas.Size, random.Uniform(0.7f, 2) * canvas.Unit);
        var (mean, spread) = InkLines.Tones(blurred);
        var width = 3 * spread / levels;
        var start = mean - (1.5f * spread) + (random.Uniform(0, 1) * width);
        var ink = new System.Numerics.Vector3(random.Uniform(0, 90), random.Uniform(0, 60), random.Uniform(0, 80));
        for (var i = 0; i < grey.Length; i++)
        {
            var step = Math.Clamp(MathF.Floor((blurred[i] - start) / width) + 1, 0, levels - 1);
            var flat = lift + ((255 - lift) * (step + 0.5f) / levels);
            var line = inked * (1 - lines[i]);
            for (var c = 0; c < Picture.Channels; c++)
            {
                ref var v = ref canvas.Channel(c)[i];
                v = float.Lerp(flat + (saturation * (v - grey[i])), ink[c], line);
            }
        }
    }

    /// <summary>Tones (1 white .. 0 black) as dots of one turned screen, or as parallel lines.</summary>
    private static void Screen(Canvas canvas, Span<float> tone, Random random)
    {
        var period = random.Uniform(2.2f, 4.5f) * canvas.Unit;
        var (sin, cos) = MathF.SinCos(random.Chance(0.6f) ? MathF.PI / 4 : random.Uniform(0, MathF.PI));
        var dots = random.Chance(0.8f);
        var wave = MathF.Tau / period;
        var hard = random.Uniform(2, 6);
        var size = canvas.Size;
        Span<float> table = stackalloc float[256];
        for (var k = 0; k < table.Length; k++)
            table[k] = MathF.Cos(MathF.Tau * k / table.Length);
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                ref var v = ref tone[(y * size) + x];
                if (v is <= 0 or >= 1)
                    continue;
                var (u, w) = (wave * ((x * cos) + (y * sin)), wave * ((y * cos) - (x * sin)));
                const float Turn = 256 / MathF.Tau;
                var first = table[(int)(u * Turn) & 255];
                var level = dots ? 0.5f + (0.25f * (first + table[(int)(w * Turn) & 255])) : 0.5f + (0.5f * first);
                v = Math.Clamp(((v - level) * hard) + 0.5f, 0, 1);
            }
        }
    }
}
