namespace Mdfld.Training.Augment;

/// <summary>Patterns laid over a picture: print dots, canvas, paper, coarse pixels; and the noise below them.</summary>
internal static class TextureFilters
{
    /// <summary>Dots that grow with darkness: one grid, or one turned for each channel as in colour print.</summary>
    public static void Halftone(FilterPicture picture, Random random)
    {
        var wave = MathF.Tau / (random.Uniform(2.6f, 5) * picture.Unit);
        var (angle, hard, keep) = (
            random.Uniform(0, MathF.PI / 2), random.Uniform(1.5f, 6), random.Uniform(0, 0.5f));
        var isOneScreen = random.Chance(0.5f);
        if (isOneScreen && random.Chance(0.6f))
            ColourFilters.Grey(picture, random);
        Span<Func<int, float>> screens = new Func<int, float>[3];
        for (var c = 0; c < screens.Length; c++)
            screens[c] = Dots(picture.Size, wave, angle + (isOneScreen ? 0 : c * MathF.PI / 6));
        var (red, green, blue) = (screens[0], screens[1], screens[2]);
        picture.Map((i, colour) =>
        {
            var screen = new Vector3(red(i), green(i), blue(i));
            var printed = (((colour / 255) - screen) * hard) + new Vector3(0.5f);
            return Vector3.Lerp(255 * Vector3.Clamp(printed, Vector3.Zero, Vector3.One), colour, keep);
        });
    }

    /// <summary>The weave of canvas: two crossed waves of threads, lighter and darker.</summary>
    public static void Canvas(FilterPicture picture, Random random)
    {
        var wave = MathF.Tau / (random.Uniform(2, 4) * picture.Unit);
        var depth = random.Uniform(0.05f, 0.2f);
        var rough = picture.Noise(random);
        picture.Mean(rough, 1);
        picture.Map((i, colour) =>
        {
            var threads = MathF.Cos(wave * (i % picture.Size)) + MathF.Cos(wave * (i / picture.Size));
            return colour * (1 + (depth * ((0.6f * threads) + rough[i])));
        });
    }

    /// <summary>Paper: noise of two sizes, and often a tint.</summary>
    public static void Paper(FilterPicture picture, Random random, bool isWhite = false)
    {
        var (coarse, fine) = (Clouds(picture, random, random.Uniform(1.5f, 5)), picture.Noise(random));
        var (rough, grain) = (random.Uniform(0, 0.05f), random.Uniform(0.01f, isWhite ? 0.04f : 0.07f));
        var tint = !isWhite && random.Chance(0.5f)
            ? Vector3.Lerp(Vector3.One, Palette.Any(random, 0.6f, 1), random.Uniform(0.1f, 0.4f))
            : Vector3.One;
        picture.Map((i, colour) => colour * tint * (1 + (rough * coarse[i]) + (grain * fine[i])));
    }

    public static void Pixelate(FilterPicture picture, Random random)
    {
        var (size, block) = (picture.Size, Math.Max(2, (int)(random.Uniform(2, 4.5f) * picture.Unit)));
        for (var top = 0; top < size; top += block)
        {
            for (var left = 0; left < size; left += block)
            {
                var (right, bottom) = (Math.Min(left + block, size), Math.Min(top + block, size));
                var sum = Vector3.Zero;
                for (var y = top; y < bottom; y++)
                {
                    foreach (var colour in picture.Pixels.AsSpan((y * size)..)[left..right])
                        sum += colour;
                }
                for (var y = top; y < bottom; y++)
                    picture.Pixels.AsSpan((y * size)..)[left..right].Fill(sum / ((right - left) * (bottom - top)));
            }
        }
    }

    /// <summary>Print, 0 black to 1 white, of a tone at a pixel by a screen of dots or lines.</summary>
    public static Func<int, float, float> Screen(FilterPicture picture, Random random)
    {
        var wave = MathF.Tau / (random.Uniform(2.2f, 4.5f) * picture.Unit);
        var angle = random.Chance(0.6f) ? MathF.PI / 4 : random.Uniform(0, MathF.PI);
        var dots = Dots(picture.Size, wave, angle, isLines: !random.Chance(0.8f));
        var hard = random.Uniform(2, 6);
        return (i, tone) => tone is <= 0 or >= 1 ? tone : Math.Clamp(((tone - dots(i)) * hard) + 0.5f, 0, 1);
    }

    /// <summary>Noise of spread 1 drawn out along a line that falls by slope / 2.</summary>
    public static float[] Slanted(FilterPicture picture, Random random, int slope, int reach)
    {
        var (size, noise) = (picture.Size, picture.Noise(random));
        var (slanted, share) = (new float[noise.Length], 1 / MathF.Sqrt((2 * reach) + 1));
        for (var i = 0; i < slanted.Length; i++)
        {
            for (var k = -reach; k <= reach; k++)
            {
                var x = Math.Clamp((i % size) + k, 0, size - 1);
                var y = Math.Clamp((i / size) + (k * slope / 2), 0, size - 1);
                slanted[i] += share * noise[(y * size) + x];
            }
        }
        return slanted;
    }

    /// <summary>Smooth noise of spread 1.</summary>
    public static float[] Clouds(FilterPicture picture, Random random, float deviation)
    {
        var clouds = picture.Blur(picture.Noise(random), deviation);
        var spread = MathF.Sqrt(MathF.Max(1e-12f, clouds.Average(v => v * v)));
        return Array.ConvertAll(clouds, v => v / spread);
    }

    public static float BorderDistance(int i, int size)
    {
        var (y, x) = Math.DivRem(i, size);
        return Math.Min(Math.Min(x, y), Math.Min(size - 1 - x, size - 1 - y));
    }

    /// <summary>Height of a screen at a pixel, 0..1: two crossed waves, or one.</summary>
    private static Func<int, float> Dots(int size, float wave, float angle, bool isLines = false)
    {
        var (sin, cos) = MathF.SinCos(angle);
        return i =>
        {
            var (x, y) = (wave * (i % size), wave * (i / size));
            var across = MathF.Cos((x * cos) + (y * sin));
            return isLines ? 0.5f + (0.5f * across) : 0.5f + (0.25f * (across + MathF.Cos((y * cos) - (x * sin))));
        };
    }
}
