using System.Numerics;

namespace Mdfld.Training.Augmentation.Looks;

/// <summary>What drawings have in common: lines, ink and paper.</summary>
internal static class InkLines
{
    /// <summary>
    /// Replaces grey values (0..255) by ink: 1 paper, 0 line. A sharpened difference of Gaussians through a soft
    /// threshold (XDoG: Winnemoeller, Kyprianidis, Olsen 2012, eqs 4, 7). Overwrites scratch planes 1 and 2.
    /// </summary>
    /// <remarks><c>masses</c>: Dark areas become black too.</remarks>
    public static void Draw(Canvas canvas, Span<float> grey, Random random, bool masses)
    {
        Span<float> wide = canvas.Scratch(1), scratch = canvas.Scratch(2);
        var deviation = random.Uniform(0.55f, 1.5f) * canvas.Unit;
        PlaneFilters.Gaussian(grey, wide, scratch, canvas.Size, deviation * 1.6f);
        PlaneFilters.Gaussian(grey, grey, scratch, canvas.Size, deviation);
        var gain = masses ? random.Uniform(6, 20) : 0;
        var (level, contrast) = Tones(grey);
        for (var i = 0; i < grey.Length; i++)
            wide[i] = masses ? grey[i] + (gain * (grey[i] - wide[i])) : grey[i] - wide[i];
        // Thresholds follow the picture: a pale or dark one gets lines, too.
        var (mean, spread) = masses ? (level, contrast) : Tones(wide);
        var threshold = mean + (spread * (masses ? random.Uniform(-0.9f, 0.1f) : -random.Uniform(0.2f, 0.9f)));
        var steep = (masses ? random.Uniform(0.8f, 3) : random.Uniform(0.6f, 2.5f)) / spread;
        for (var i = 0; i < grey.Length; i++)
            grey[i] = wide[i] >= threshold ? 1 : MathF.Max(0, 1 + MathF.Tanh(steep * (wide[i] - threshold)));
    }

    /// <summary>
    /// Grey drawing (0..255) on the canvas, in ink and on paper of random colours, or coloured by the picture.
    /// </summary>
    public static void Print(Canvas canvas, ReadOnlySpan<float> drawing, Random random)
    {
        if (random.Chance(0.25f))
        {
            // A coloured drawing: the picture's own colours, light, under the lines.
            var wash = random.Uniform(0.3f, 0.9f);
            for (var c = 0; c < Picture.Channels; c++)
            {
                var plane = canvas.Channel(c);
                for (var i = 0; i < plane.Length; i++)
                    plane[i] = (255 + (wash * (plane[i] - 255))) * drawing[i] / 255;
            }
            return;
        }
        var coloured = random.Chance(0.5f);
        var (ink, paper) = (Vector3.Zero, new Vector3(255));
        for (var c = 0; coloured && c < Picture.Channels; c++)
            (ink[c], paper[c]) = (random.Uniform(0, 90), random.Uniform(170, 255));
        PrintOn(canvas, drawing, ink, paper);
    }

    /// <summary>Grey drawing (0..255) on the canvas in one ink on one paper.</summary>
    public static void PrintOn(Canvas canvas, ReadOnlySpan<float> drawing, Vector3 ink, Vector3 paper)
    {
        for (var c = 0; c < Picture.Channels; c++)
        {
            var plane = canvas.Channel(c);
            for (var i = 0; i < plane.Length; i++)
                plane[i] = ink[c] + ((paper[c] - ink[c]) * drawing[i] / 255);
        }
    }

    /// <summary>Mean and spread (never 0).</summary>
    public static (float Mean, float Spread) Tones(ReadOnlySpan<float> plane)
    {
        var (sum, squares) = (0f, 0f);
        foreach (var v in plane)
            (sum, squares) = (sum + v, squares + (v * v));
        var mean = sum / plane.Length;
        return (mean, MathF.Sqrt(MathF.Max(0.1f, (squares / plane.Length) - (mean * mean))));
    }

    /// <summary>Adds noise of a spread.</summary>
    public static void Grain(Span<float> plane, Random random, float amount)
    {
        Span<float> noise = stackalloc float[256];
        var source = new NoiseSource(random);
        for (var start = 0; start < plane.Length; start += noise.Length)
        {
            source.FillNormal(noise);
            for (var i = 0; i < Math.Min(noise.Length, plane.Length - start); i++)
                plane[start + i] += amount * noise[i];
        }
    }
}
