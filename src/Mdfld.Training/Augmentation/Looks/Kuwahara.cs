using System.Numerics;

namespace Mdfld.Training.Augmentation.Looks;

/// <summary>
/// Each pixel takes the mean of the quietest of the four windows that touch it (Kuwahara et al. 1976).
/// </summary>
internal static class Kuwahara
{
    /// <summary>Paints all channels; overwrites scratch planes 0 to 5.</summary>
    /// <remarks><c>radius</c>: Half the side of a window, pixels, at least 1.</remarks>
    public static void Apply(Canvas canvas, int radius)
    {
        Windows(canvas, radius);
        var size = canvas.Size;
        Span<float> variance = canvas.Scratch(1), red = canvas.Scratch(3), green = canvas.Scratch(4),
            blue = canvas.Scratch(5);
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

    /// <summary>
    /// The generalised filter: the four windows are mixed, the quieter the more (Papari, Petkov, Campisi 2007), so that
    /// borders are soft where nothing is quieter than the rest. Overwrites scratch planes 0 to 5.
    /// </summary>
    public static void ApplySoft(Canvas canvas, int radius)
    {
        Windows(canvas, radius);
        var size = canvas.Size;
        Span<float> weight = canvas.Scratch(1), red = canvas.Scratch(3), green = canvas.Scratch(4),
            blue = canvas.Scratch(5);
        foreach (ref var w in weight)
        {
            var quiet = 1 / (MathF.Max(w, 0) + 4);
            w = quiet * quiet;
        }
        for (var y = 0; y < size; y++)
        {
            var above = Math.Max(y - radius, 0) * size;
            var below = Math.Min(y + radius, size - 1) * size;
            for (var x = 0; x < size; x++)
            {
                var (left, right) = (Math.Max(x - radius, 0), Math.Min(x + radius, size - 1));
                var (a, b, c, d) = (above + left, above + right, below + left, below + right);
                var (wa, wb, wc, wd) = (weight[a], weight[b], weight[c], weight[d]);
                var share = 1 / (wa + wb + wc + wd);
                var i = (y * size) + x;
                canvas.Red[i] = ((wa * red[a]) + (wb * red[b]) + (wc * red[c]) + (wd * red[d])) * share;
                canvas.Green[i] = ((wa * green[a]) + (wb * green[b]) + (wc * green[c]) + (wd * green[d])) * share;
                canvas.Blue[i] = ((wa * blue[a]) + (wb * blue[b]) + (wc * blue[c]) + (wd * blue[d])) * share;
            }
        }
    }

    /// <summary>Variance of grey (scratch plane 1) and mean colours (3 to 5) of the window about every pixel.</summary>
    private static void Windows(Canvas canvas, int radius)
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
    }

    private static int Quieter(ReadOnlySpan<float> variance, int a, int b) => variance[a] <= variance[b] ? a : b;
}
