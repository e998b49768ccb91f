namespace Mdfld.Training.Augment;

/// <summary>Style filters of brush, airbrush and chalk.</summary>
internal static class PaintFilters
{
    public static void Smooth(FilterPicture picture, Random random)
    {
        var radius = random.Uniform(2, 6);
        picture.Guided(radius, random.Uniform(60, 900));
        if (random.Chance(0.4f))
            picture.Guided(radius, random.Uniform(60, 400));
    }

    /// <summary>Texture away and edges overdrawn: smoothed, then sharpened.</summary>
    public static void Sharpened(FilterPicture picture, Random random)
    {
        picture.Guided(random.Uniform(0.8f, 1.6f), random.Uniform(20, 150));
        Vector3[] blurred = [.. picture.Pixels];
        picture.Blur(blurred, random.Uniform(0.8f, 2));
        var amount = random.Uniform(0.5f, 3);
        picture.Map((i, colour) => colour + (amount * (colour - blurred[i])));
    }

    /// <summary>A digital caricaturist's airbrush: smooth, loud, with dark soft contours and bright lights.</summary>
    public static void Airbrush(FilterPicture picture, Random random)
    {
        picture.Guided(random.Uniform(2, 3.5f), random.Uniform(80, 250));
        var soft = picture.Blur(picture.Grey(), 3);
        var lines = picture.Blur(DrawingFilters.Lines(picture, random), 0.8f);
        var contour = random.Uniform(0.35f, 0.65f);
        var shade = new Vector3(0.27f, 0.12f, 0.15f);
        picture.Map((i, colour) =>
        {
            var shine = 0.9f * Vector3.Max(Vector3.Zero, colour - new Vector3(soft[i] + 8));
            return FilterPicture.Clamped(
                (colour + shine) * (Vector3.One - (contour * (1 - lines[i]) * (Vector3.One - shade))));
        });
    }

    /// <summary>Oil: strokes along the forms, thick ones catching the light or smeared; canvas below.</summary>
    public static void Oil(FilterPicture picture, Random random)
    {
        if (random.Chance(0.3f))
            picture.Kuwahara(random.Uniform(1.3f, 2.4f), random.Chance(0.5f));
        var flow = picture.EdgeFlow(random.Uniform(1.6f, 3.5f));
        if (random.Chance(0.75f))
        {
            var width = random.Uniform(1.7f, 2.9f);
            picture.Strokes(
                flow, random, width, width * random.Uniform(3.5f, 6), random.Uniform(12, 26), random.Uniform(22, 40));
            picture.Smear(flow, 1);
        }
        else
        {
            picture.Smear(flow, random.Uniform(2, 5));
        }
        ModelFilters.Relief(picture, picture.Grey(), ModelFilters.Lamp(random), random.Uniform(0.004f, 0.012f), 0);
        if (random.Chance(0.35f))
            TextureFilters.Canvas(picture, random);
    }

    /// <summary>Transparent washes that leave the paper's white at the borders and pool at their rims.</summary>
    public static void Watercolour(FilterPicture picture, Random random)
    {
        var touches = picture.Blur(DrawingFilters.Darks(picture, random), 0.5f);
        picture.Kuwahara(random.Uniform(1.4f, 2.8f));
        var (size, grey) = (picture.Size, picture.Grey());
        var around = picture.Blurred(grey, random.Uniform(1.2f, 2.6f));
        var (blooms, rough) = (TextureFilters.Clouds(picture, random, 6), TextureFilters.Clouds(picture, random, 2.5f));
        var (thin, rim) = (random.Uniform(0.55f, 0.85f), random.Uniform(0.4f, 1.1f));
        var (bare, saturation) = (random.Uniform(3, 12) * picture.Unit, random.Uniform(1.1f, 1.9f));
        picture.Map((i, colour) =>
        {
            var edge = TextureFilters.BorderDistance(i, size) + (((3.5f * rough[i]) + (4 * blooms[i])) * picture.Unit);
            var painted = Math.Clamp((edge - (0.5f * bare)) / (0.5f * bare), 0, 1);
            var strong = new Vector3(grey[i]) + (saturation * (colour - new Vector3(grey[i])));
            var density = thin * (1 + (0.22f * blooms[i])) * (new Vector3(255) - strong);
            // Dark touches come last, with less water. Pigment gathers at the rims of a wash, the outermost included.
            density += new Vector3(105, 100, 90) * touches[i];
            density += new Vector3((rim * MathF.Abs(grey[i] - around[i])) + (40 * painted * (1 - painted) * thin));
            return Vector3.Max(new Vector3(253) - (painted * Vector3.Max(Vector3.Zero, density)), Vector3.Zero);
        });
        TextureFilters.Paper(picture, random, isWhite: true);
    }

    public static void Impressionist(FilterPicture picture, Random random)
    {
        var flow = picture.EdgeFlow(random.Uniform(1.5f, 4));
        var width = random.Uniform(1.7f, 3.4f);
        picture.Strokes(
            flow, random, width, width * random.Uniform(1.5f, 4), random.Uniform(10, 60), random.Uniform(20, 70));
        if (random.Chance(0.3f))
            TextureFilters.Canvas(picture, random);
    }

    /// <summary>Wrong, loud colours by tone, swirling strokes, dark contours.</summary>
    public static void Expressionist(FilterPicture picture, Random random)
    {
        var flow = picture.EdgeFlow(random.Uniform(2, 5));
        picture.Smear(flow, random.Uniform(2, 6));
        var (lines, before) = (DrawingFilters.Lines(picture, random), picture.Grey());
        var (own, hue, spread) = (random.Uniform(0, 0.6f), random.NextSingle(), random.Uniform(0.1f, 1));
        Palette.Reduce(picture, random.Next(4, 9), random, (_, colour) => Vector3.Lerp(
            Palette.Vivid(hue + (spread * random.NextSingle()), FilterPicture.Luma(colour)), colour, own));
        // Modelling within a tone survives as a share of the difference to it.
        var (keep, inked) = (random.Uniform(0.2f, 0.9f), random.Uniform(0.2f, 1));
        var ink = random.Chance(0.6f) ? Vector3.Zero : Palette.Vivid(random.NextSingle(), 40);
        picture.Map((i, colour) => Vector3.Lerp(
            colour + new Vector3(keep * (before[i] - FilterPicture.Luma(colour))), ink, inked * (1 - lines[i])));
        if (random.Chance(0.7f))
        {
            var width = random.Uniform(0.9f, 1.8f);
            picture.Strokes(
                flow, random, width, width * random.Uniform(3, 6), random.Uniform(10, 50), random.Uniform(25, 60));
        }
    }

    /// <summary>Chalks rubbed over coloured paper, which shows in the tooth and at the borders.</summary>
    public static void Pastel(FilterPicture picture, Random random)
    {
        picture.Guided(random.Uniform(1.8f, 3.8f), random.Uniform(150, 800));
        var paper = random.Chance(0.3f) ? Palette.Any(random, 60, 230) : random.Pick<Vector3>(
            new(150, 120, 88), new(96, 108, 124), new(70, 66, 70), new(176, 146, 96), new(110, 92, 100));
        var strokes = TextureFilters.Slanted(picture, random, random.Pick(-2, -1, 1, 2), random.Next(3, 9));
        var (tooth, wide) = (picture.Noise(random), TextureFilters.Clouds(picture, random, 4));
        var (lift, bare) = (random.Uniform(0, 0.3f), random.Uniform(6, 18) * picture.Unit);
        picture.Map((i, colour) =>
        {
            var edge = (TextureFilters.BorderDistance(i, picture.Size) + (4 * picture.Unit * wide[i])) / bare;
            var pressure = MathF.Min(1.15f, 2.2f * edge) - 0.35f;
            var laid = Math.Clamp(0.35f + pressure + (0.45f * strokes[i]) + (0.28f * tooth[i]), 0, 1);
            var chalk = Vector3.Lerp(colour, new Vector3(250), lift) + new Vector3(7 * strokes[i]);
            return Vector3.Lerp(paper + new Vector3(4 * tooth[i]), chalk, laid);
        });
    }

    /// <summary>An old panel: sfumato, brown varnish that darkens to the borders, fine cracks.</summary>
    public static void Renaissance(FilterPicture picture, Random random)
    {
        picture.Guided(random.Uniform(2, 4), random.Uniform(60, 350));
        var (size, grey) = (picture.Size, picture.Grey());
        var varnish = new Vector3(
            random.Uniform(0.95f, 1.06f), random.Uniform(0.78f, 0.9f), random.Uniform(0.48f, 0.7f));
        var (muted, smoke) = (random.Uniform(0.4f, 0.8f), random.Uniform(0.3f, 0.7f));
        var (gamma, gain) = (
            random.Uniform(1.1f, 1.5f), random.Uniform(125, 165) / MathF.Max(DrawingFilters.Tones(grey).Mean, 60));
        picture.Map((i, colour) => gain * Vector3.Lerp(new Vector3(grey[i]), colour, muted));
        Vector3[] soft = [.. picture.Pixels];
        picture.Blur(soft, random.Uniform(1.2f, 2.2f));
        var (_, rims) = ModelFilters.Cells(picture, random, random.Uniform(2.6f, 7), 0.98f);
        var (deep, dark) = (random.Uniform(0, 0.25f), random.Uniform(0.3f, 0.85f));
        picture.Map((i, colour) =>
        {
            var p = new Vector2(i % size, i / size);
            var away = Vector2.Distance(p, new Vector2(size / 2f, 0.52f * size)) / (0.72f * size);
            var mixed = Vector3.Clamp(Vector3.Lerp(colour, soft[i], smoke) / 255, Vector3.Zero, Vector3.One);
            var painted = 255 * varnish * new Vector3(
                MathF.Pow(mixed.X, gamma), MathF.Pow(mixed.Y, gamma), MathF.Pow(mixed.Z, gamma));
            var crack = 1 - (deep * Math.Clamp(1 - (rims[i] / (0.3f * picture.Unit)), 0, 1));
            var shadow = dark * Math.Clamp((away - 0.5f) / 0.5f, 0, 1);
            return crack * Vector3.Lerp(painted, new Vector3(44, 30, 18), shadow);
        });
        if (random.Chance(0.3f))
            TextureFilters.Canvas(picture, random);
    }
}
