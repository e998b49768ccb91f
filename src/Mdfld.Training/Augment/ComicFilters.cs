namespace Mdfld.Training.Augment;

/// <summary>Style filters of comics, animation and print: few flat tones, most of them within ink outlines.</summary>
internal static class ComicFilters
{
    public static void Cel(FilterPicture picture, Random random)
    {
        if (random.Chance(0.5f))
            picture.Kuwahara(random.Uniform(1.3f, 3.5f));
        else
            picture.Guided(random.Uniform(2, 6), random.Uniform(200, 1500));
        var (grey, lines) = (picture.Grey(), DrawingFilters.Lines(picture, random));
        var step = 256f / random.Next(3, 7);
        // Comics are lit: the tones are brought towards a light middle first.
        var mean = DrawingFilters.Tones(grey).Mean;
        var gain = 1 + (random.Uniform(0.3f, 1) * ((140 / MathF.Max(mean, 40)) - 1));
        var (soft, lift) = (random.Uniform(0.02f, 0.3f), random.Uniform(0, 60));
        var (saturation, inked) = (random.Uniform(0.7f, 1.7f), random.Uniform(0.5f, 1));
        picture.Map((i, colour) =>
        {
            // A step function with ramps of width `soft` between the levels.
            var at = grey[i] * gain / step;
            var ramp = Math.Clamp(((at - MathF.Floor(at) - 0.5f) / soft) + 0.5f, 0, 1);
            var flat = Math.Clamp((MathF.Floor(at) + ramp) * step, 0, 255);
            flat += lift * (1 - (flat / 255));
            var toned = new Vector3(flat) + (saturation * (colour - new Vector3(grey[i])));
            return toned * (1 + (inked * (lines[i] - 1)));
        });
    }

    /// <summary>Printed comic: cel tones, and dots of one screen in the shadows.</summary>
    public static void Comic(FilterPicture picture, Random random)
    {
        Cel(picture, random);
        var tone = picture.Grey();
        var (mean, spread) = DrawingFilters.Tones(tone);
        var light = mean + (random.Uniform(0, 1.2f) * spread);
        var dot = random.Chance(0.6f) ? random.Uniform(0.2f, 0.7f) : 0;
        var screen = TextureFilters.Screen(picture, random);
        picture.Map((i, colour) =>
        {
            var printed = screen(i, Math.Clamp(1 - ((light - tone[i]) / (2.5f * spread)), 0.25f, 1));
            return colour * float.Lerp(dot, 1, printed);
        });
    }

    /// <summary>Black and white comic: line, solid black, and screentone for what is between.</summary>
    public static void Manga(FilterPicture picture, Random random)
    {
        if (random.Chance(0.5f))
            picture.Guided(random.Uniform(2, 5), random.Uniform(200, 1200));
        var lines = DrawingFilters.Lines(picture, random);
        var grey = picture.Blur(picture.Grey(), random.Uniform(0.6f, 1.8f));
        var (mean, spread) = DrawingFilters.Tones(grey);
        var paper = mean + (random.Uniform(-0.7f, 0.4f) * spread);
        var black = mean - (random.Uniform(0.8f, 1.9f) * spread);
        var tone = random.Uniform(0.45f, 0.85f);
        var screen = TextureFilters.Screen(picture, random);
        picture.Map((i, _) =>
            new Vector3(255 * lines[i] * screen(i, grey[i] > paper ? 1 : grey[i] < black ? 0 : tone)));
    }

    /// <summary>Today's animation: light flat skin, strong colours, thin coloured lines, a bloom.</summary>
    public static void Anime(FilterPicture picture, Random random)
    {
        picture.Guided(random.Uniform(2, 4.5f), random.Uniform(300, 1500));
        Flat(
            picture, random, random.Next(3, 5), random.Uniform(1.2f, 2), Palette.Any(random, 20, 80),
            random.Uniform(0.4f, 0.85f), random.Uniform(50, 105));
        Vector3[] soft = [.. picture.Pixels];
        picture.Blur(soft, 3);
        var bloom = random.Uniform(0.1f, 0.4f);
        picture.Map((i, colour) => colour + (bloom * Vector3.Max(Vector3.Zero, soft[i] - new Vector3(150))));
    }

    /// <summary>A cel of the nineties: two or three warm muted tones, brown lines, softness, film grain.</summary>
    public static void RetroAnime(FilterPicture picture, Random random)
    {
        picture.Guided(3, random.Uniform(300, 800));
        Flat(
            picture, random, random.Next(2, 4), random.Uniform(0.5f, 0.95f), new Vector3(60, 36, 34),
            random.Uniform(0.6f, 1), random.Uniform(20, 60));
        picture.Blur(random.Uniform(0.3f, 0.7f));
        var cast = new Vector3(random.Uniform(0.95f, 1.05f), random.Uniform(0.88f, 1), random.Uniform(0.75f, 0.95f));
        var (floor, grain, noise) = (random.Uniform(0, 35), random.Uniform(0, 10), picture.Noise(random));
        picture.Map((i, colour) =>
            new Vector3(floor + (grain * noise[i])) + (colour * cast * ((255 - floor) / 255)));
    }

    /// <summary>The clear line: even black contours round flat pale colours, no shadows.</summary>
    public static void ClearLine(FilterPicture picture, Random random)
    {
        ColourFilters.Unshade(picture, 0.85f, 175);
        picture.Guided(3, random.Uniform(500, 1200));
        Flat(picture, random, 3, random.Uniform(1.2f, 1.6f), new Vector3(15), 1, random.Uniform(70, 95));
    }

    /// <summary>Vector art: a few clean areas of bold colour, hardly any line.</summary>
    public static void Vector(FilterPicture picture, Random random)
    {
        var (darks, depth) = (DrawingFilters.Darks(picture, random), random.Uniform(0.6f, 0.85f));
        picture.Guided(random.Uniform(2.5f, 4.5f), random.Uniform(300, 1200));
        picture.Kuwahara(random.Uniform(1.6f, 3.2f));
        var strength = random.Uniform(0.9f, 1.6f);
        Palette.Reduce(picture, random.Next(5, 10), random, (at, colour) =>
        {
            // The colours that are, cleaned: saturated, steps of light evened out.
            var grey = FilterPicture.Luma(colour);
            var pure = colour - new Vector3(grey);
            var length = pure.Length();
            pure *= length > 1 ? MathF.Min(95, (strength * length) + 12) / length : 0;
            return FilterPicture.Clamped(new Vector3(float.Lerp(grey, 35 + (205 * at), 0.7f)) + pure);
        });
        picture.Map((i, colour) => colour * (1 - (depth * darks[i])));
        picture.Blur(random.Uniform(0.3f, 0.5f));
    }

    /// <summary>Three to five tones in loud colours, black lines, sometimes dots.</summary>
    public static void PopArt(FilterPicture picture, Random random)
    {
        var darks = DrawingFilters.Darks(picture, random);
        picture.Kuwahara(random.Uniform(1.3f, 3));
        ColourFilters.Grey(picture, random);
        var isOrdered = random.Chance(0.75f);
        Palette.Reduce(picture, random.Next(3, 6), random, (at, _) => Palette.Vivid(
            random.NextSingle(), isOrdered ? 30 + (215 * at) : random.Uniform(30, 240)));
        if (random.Chance(0.5f))
        {
            var (lines, inked) = (DrawingFilters.Lines(picture, random), random.Uniform(0.6f, 1));
            picture.Map((i, colour) => colour * (1 - (inked * (1 - lines[i]))));
        }
        else
        {
            var ink = Palette.Vivid(random.NextSingle(), random.Uniform(0, 60));
            picture.Map((i, colour) => Vector3.Lerp(colour, ink, darks[i]));
        }
        if (random.Chance(0.4f))
            TextureFilters.Halftone(picture, random);
    }

    public static void PixelArt(FilterPicture picture, Random random)
    {
        if (random.Chance(0.5f))
            picture.Guided(3, random.Uniform(100, 800));
        TextureFilters.Pixelate(picture, random);
        Palette.Reduce(picture, random.Next(4, 17), random, (_, colour) => colour);
    }

    /// <summary>Japanese print: a few flat inks, pale flat skin, thin black contours, wood grain, paper.</summary>
    public static void Woodblock(FilterPicture picture, Random random)
    {
        picture.Guided(random.Uniform(2, 5), random.Uniform(300, 2500));
        var lines = DrawingFilters.Lines(picture, random);
        ColourFilters.Unshade(picture, random.Uniform(0.3f, 1), random.Uniform(150, 215));
        var paper = new Vector3(random.Uniform(225, 255), random.Uniform(215, 245), random.Uniform(180, 235));
        Palette.Reduce(picture, random.Next(3, 7), random, (_, colour) =>
        {
            // The lightest inks are left to the paper; the others are near the picture's colours, or old pigments:
            // indigo, red lead, ochre, green, purple, black.
            var grey = FilterPicture.Luma(colour);
            var ink = random.Chance(0.6f) ? colour : random.Pick<Vector3>(
                new(40, 60, 110), new(190, 60, 45), new(200, 160, 70), new(90, 120, 80), new(140, 100, 120), new(60));
            ink *= Math.Clamp((grey + 40) / (FilterPicture.Luma(ink) + 40), 0.4f, 2.5f);
            return Vector3.Lerp(ink, paper, Math.Clamp((grey - random.Uniform(30, 110)) / 70, 0, 1));
        });
        var grain = TextureFilters.Slanted(picture, random, 0, 15);
        var (depth, inked) = (random.Uniform(0, 0.05f), random.Uniform(0.7f, 1));
        picture.Map((i, colour) =>
            (colour + (depth * grain[i] * (new Vector3(275) - colour))) * (1 - (inked * (1 - lines[i]))));
        if (random.Chance(0.6f))
            TextureFilters.Paper(picture, random);
    }

    /// <summary>Inked steps of brightness, <paramref name="lift"/> the darkest, with the picture's colours.</summary>
    private static void Flat(
        FilterPicture picture, Random random, int levels, float saturation, Vector3 ink, float inked, float lift)
    {
        var (grey, lines) = (picture.Grey(), DrawingFilters.Lines(picture, random));
        var blurred = picture.Blurred(grey, random.Uniform(0.8f, 1.6f));
        var (mean, spread) = DrawingFilters.Tones(blurred);
        var width = 2.6f * spread / levels;
        var start = mean - (1.5f * spread) + (random.Uniform(0.2f, 0.8f) * width);
        var most = new Vector3(60);
        picture.Map((i, colour) =>
        {
            var step = Math.Clamp(MathF.Floor((blurred[i] - start) / width) + 1, 0, levels - 1);
            var flat = new Vector3(lift + ((248 - lift) * step / (levels - 1)));
            var hue = saturation * Vector3.Clamp(colour - new Vector3(grey[i]), -most, most);
            return FilterPicture.Clamped(Vector3.Lerp(flat + hue, ink, inked * (1 - lines[i])));
        });
    }
}
