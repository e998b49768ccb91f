using System.Numerics;

namespace Mdfld.Training.Augmentation.Looks;

/// <summary>The few colours a picture can be reduced to.</summary>
internal static class Palette
{
    /// <summary>
    /// Fills <paramref name="palette"/> with the means of clusters of colours (k-means, three rounds), dark to light.
    /// </summary>
    public static void Find(Canvas canvas, Span<Vector3> palette, Random random)
    {
        const int Every = 13; // no divisor of a row's length: samples are spread
        var pixels = canvas.Red.Length;
        foreach (ref var colour in palette)
            colour = At(canvas, random.Next(pixels));
        Span<Vector3> sums = stackalloc Vector3[palette.Length];
        Span<int> counts = stackalloc int[palette.Length];
        for (var round = 0; round < 3; round++)
        {
            sums.Clear();
            counts.Clear();
            for (var i = 0; i < pixels; i += Every)
            {
                var colour = At(canvas, i);
                var k = Nearest(palette, colour);
                sums[k] += colour;
                counts[k]++;
            }
            for (var k = 0; k < palette.Length; k++)
            {
                if (counts[k] > 0)
                    palette[k] = sums[k] / counts[k];
            }
        }
        palette.Sort((a, b) => Grey(a).CompareTo(Grey(b)));
    }

    /// <summary>Gives every pixel the colour that stands for its nearest palette colour.</summary>
    public static void Replace(Canvas canvas, ReadOnlySpan<Vector3> palette, ReadOnlySpan<Vector3> colours)
    {
        Span<float> red = canvas.Red, green = canvas.Green, blue = canvas.Blue;
        for (var i = 0; i < red.Length; i++)
        {
            var colour = colours[Nearest(palette, new Vector3(red[i], green[i], blue[i]))];
            (red[i], green[i], blue[i]) = (colour.X, colour.Y, colour.Z);
        }
    }

    public static float Grey(Vector3 colour) => (colour.X * 0.299f) + (colour.Y * 0.587f) + (colour.Z * 0.114f);

    /// <summary>A vivid colour of a hue (0..1), as light as told (0..255).</summary>
    public static Vector3 Vivid(float hue, float light)
    {
        var colour = new Vector3(Wave(hue), Wave(hue + (2 / 3f)), Wave(hue + (1 / 3f))) * 255;
        var grey = Grey(colour);
        return light < grey
            ? colour * (light / grey)
            : Vector3.Lerp(colour, new Vector3(255), (light - grey) / (256 - grey));

        static float Wave(float hue)
        {
            hue -= MathF.Floor(hue);
            return Math.Clamp(MathF.Abs((hue * 6) - 3) - 1, 0, 1);
        }
    }

    private static int Nearest(ReadOnlySpan<Vector3> palette, Vector3 colour)
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

    private static Vector3 At(Canvas canvas, int i) => new(canvas.Red[i], canvas.Green[i], canvas.Blue[i]);
}
