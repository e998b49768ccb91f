using System.Numerics;

namespace Mdfld.Training.Augmentation.Looks;

/// <summary>
/// Edge-preserving smoothing guided by the grey picture (He, Sun, Tang: Guided Picture Filtering, 2013, eqs 5-8).
/// </summary>
internal static class GuidedFilter
{
    /// <summary>Smooths all channels; overwrites scratch planes 0 to 6.</summary>
    /// <remarks><c>radius</c>: Half the window, pixels.
    /// <c>flatness</c>: Variance (grey levels squared) below which a window counts as flat.</remarks>
    public static void Apply(Canvas canvas, int radius, float flatness)
    {
        var size = canvas.Size;
        Span<float> guide = canvas.Scratch(0), mean = canvas.Scratch(1), variance = canvas.Scratch(2),
            slope = canvas.Scratch(3), offset = canvas.Scratch(4), product = canvas.Scratch(5),
            scratch = canvas.Scratch(6);
        canvas.Grey(guide);
        PlaneFilters.Box(guide, mean, scratch, size, radius);
        Span<Vector<float>> g = Canvas.Lanes(guide), m = Canvas.Lanes(mean), v = Canvas.Lanes(variance);
        for (var i = 0; i < v.Length; i++)
            v[i] = g[i] * g[i];
        PlaneFilters.Box(variance, variance, scratch, size, radius);
        for (var i = 0; i < v.Length; i++)
            v[i] = v[i] - (m[i] * m[i]) + new Vector<float>(flatness);

        Span<Vector<float>> a = Canvas.Lanes(slope), b = Canvas.Lanes(offset), gp = Canvas.Lanes(product);
        for (var c = 0; c < Picture.Channels; c++)
        {
            var plane = canvas.Channel(c);
            var p = Canvas.Lanes(plane);
            for (var i = 0; i < gp.Length; i++)
                gp[i] = g[i] * p[i];
            PlaneFilters.Box(product, slope, scratch, size, radius);
            PlaneFilters.Box(plane, offset, scratch, size, radius);
            for (var i = 0; i < a.Length; i++)
            {
                a[i] = (a[i] - (m[i] * b[i])) / v[i];
                b[i] -= a[i] * m[i];
            }
            PlaneFilters.Box(slope, slope, scratch, size, radius);
            PlaneFilters.Box(offset, offset, scratch, size, radius);
            for (var i = 0; i < p.Length; i++)
                p[i] = (a[i] * g[i]) + b[i];
        }
    }
}
