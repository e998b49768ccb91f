using System.Numerics;

namespace Mdfld.Training.Augmentation.Looks;

/// <summary>Each pixel takes the mean of the quietest of the four windows that touch it (Kuwahara et al. 1976).</summary>
internal static class Kuwahara
{
    /// <summary>Paints all channels; overwrites scratch planes 0 to 5.</summary>
    /// <remarks><c>radius</c>: Half the side of a window, pixels, at least 1.</remarks>
    public static void Apply(Canvas canvas, int radius)
    {
        var size = canvas.Size;
        Span<float> mean = canvas.Scratch(0), variance = canvas.Scratch(1), scratch = canvas.Scratch(2),
            red = canvas.Scratch(3), green = canvas.Scratch(4), blue = canvas.Scratch(5);
        canvas.Grey(mean);
        Span<Vector<float>> m = Canvas.Lanes(mean), v = Canvas.Lanes(variance);
        for (var i = 0; i < v.Length; i++)
            v[i] = m[i] * m[i];
        PlaneFilters.Box(variance, variance, scratch, size, radius);
        PlaneFilters.Box(mean, mean, scratch, size, radius);
        for (var i = 0; i < v.Length; i++)
            v[i] -= m[i] * m[i];
        PlaneFilters.Box(canvas.Red, red, scratch, size, radius);
        PlaneFilters.Box(canvas.Green, green, scratch, size, radius);
        PlaneFilters.Box(canvas.Blue, blue, scratch, size, radius);
        for (var y = 0; y < size; y++)
        {
            var above = Math.Max(y - radius, 0) * size;
            var below = Math.Min(y + radius, size - 1) * size;
            for (var x = 0; x < size; x++)
            {
                var (left, right) = (Math.Max(x - radius, 0), Math.Min(x + radius, size - 1));
                var best = Quieter(variance, above + left, above + right);
                best = Quieter(variance, best, Quieter(variance, below + left, below + right));
                var i = (y * size) + x;
                canvas.Red[i] = red[best];
                canvas.Green[i] = green[best];
                canvas.Blue[i] = blue[best];
            }
        }
    }

    private static int Quieter(ReadOnlySpan<float> variance, int a, int b) => variance[a] <= variance[b] ? a : b;
}
