namespace Mdfld.Training.Augment;

/// <summary>The few colours a picture can be reduced to.</summary>
internal static class Palette
{
    /// <summary>Means of clusters of a picture's colours (k-means, three rounds), dark to light.</summary>
    public static Vector3[] Of(FilterPicture picture, int count, Random random)
    {
        const int Every = 13; // no divisor of a row's length: samples are spread
        var pixels = picture.Pixels;
        var palette = new Vector3[count];
        foreach (ref var colour in palette.AsSpan())
            colour = pixels[random.Next(pixels.Length)];
        for (var round = 0; round < 3; round++)
        {
            var (sums, counts) = (new Vector3[count], new int[count]);
            for (var i = 0; i < pixels.Length; i += Every)
            {
                var k = Nearest(palette, pixels[i]);
                sums[k] += pixels[i];
                counts[k]++;
            }
            for (var k = 0; k < count; k++)
            {
                if (counts[k] > 0)
                    palette[k] = sums[k] / counts[k];
            }
        }
        Array.Sort(palette, (a, b) => FilterPicture.Luma(a).CompareTo(FilterPicture.Luma(b)));
        return palette;
    }

    /// <summary>Reduces a picture to few colours, each changed by its rank (0 dark .. 1 light) and itself.</summary>
    public static void Reduce(FilterPicture picture, int count, Random random, Func<float, Vector3, Vector3> change)
    {
        var palette = Of(picture, count, random);
        Vector3[] colours = [.. palette.Select((colour, k) => change(k / (count - 1f), colour))];
        picture.Map((_, colour) => colours[Nearest(palette, colour)]);
    }

    /// <summary>A vivid colour of a hue (0..1), as light as told (0..255).</summary>
    public static Vector3 Vivid(float hue, float light)
    {
        var colour = new Vector3(Wave(hue), Wave(hue + (2 / 3f)), Wave(hue + (1 / 3f))) * 255;
        var grey = FilterPicture.Luma(colour);
        return light < grey
            ? colour * (light / grey)
            : Vector3.Lerp(colour, new Vector3(255), (light - grey) / (256 - grey));

        static float Wave(float hue)
        {
            hue -= MathF.Floor(hue);
            return Math.Clamp(MathF.Abs((hue * 6) - 3) - 1, 0, 1);
        }
    }

    public static Vector3 Any(Random random, float low = 0, float high = 255) =>
        new(random.Uniform(low, high), random.Uniform(low, high), random.Uniform(low, high));

    private static int Nearest(Vector3[] palette, Vector3 colour)
    {
        var (best, least) = (0, float.MaxValue);
        for (var k = 0; k < palette.Length; k++)
        {
            var distance = Vector3.DistanceSquared(palette[k], colour);
            if (distance < least)
                (best, least) = (k, distance);
        }
        return best;
    }
}
