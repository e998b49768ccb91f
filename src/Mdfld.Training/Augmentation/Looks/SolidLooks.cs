using System.Numerics;

namespace Mdfld.Training.Augmentation.Looks;

/// <summary>Looks of modelled and lit surfaces: animated films, games, clay, old masters.</summary>
internal static class SolidLooks
{
    /// <summary>Skin like plastic: no texture, soft light, strong colours, a glow.</summary>
    public static void Film(Canvas canvas, Random random)
    {
        var radius = Math.Max(1, (int)(random.Uniform(3, 7) * canvas.Unit));
        GuidedFilter.Apply(canvas, radius, random.Uniform(150, 700));
        if (random.Chance(0.5f))
            GuidedFilter.Apply(canvas, radius, random.Uniform(150, 700));
        Light(canvas, random, random.Uniform(0, 0.5f), random.Uniform(1, 1.7f), random.Uniform(0, 0.5f));
    }

    /// <summary>A game's render: hard contrast, dark creases, sharpened edges, few shades.</summary>
    public static void Game(Canvas canvas, Random random)
    {
        GuidedFilter.Apply(canvas, Math.Max(1, (int)(random.Uniform(2, 4) * canvas.Unit)), random.Uniform(100, 900));
        if (random.Chance(0.5f))
            Kuwahara.Apply(canvas, Math.Max(1, (int)(1.5f * canvas.Unit)));
        Light(canvas, random, random.Uniform(0.4f, 1.5f), random.Uniform(0.5f, 1.5f), random.Uniform(0, 0.3f));
        if (random.Chance(0.4f))
            ToneLooks.Banding(canvas, random.Next(6, 14));
        if (random.Chance(0.3f))
            TextureLooks.Pixelate(canvas, random);
    }

    /// <summary>Modelling clay: one or two colours, brightness as height under a lamp, dents of fingers.</summary>
    public static void Clay(Canvas canvas, Random random)
    {
        GuidedFilter.Apply(canvas, Math.Max(1, (int)(random.Uniform(2, 5) * canvas.Unit)), random.Uniform(100, 600));
        var size = canvas.Size;
        Span<float> height = canvas.Scratch(0), dents = canvas.Scratch(1), scratch = canvas.Scratch(2);
        canvas.Grey(height);
        new NoiseSource(random).FillNormal(dents);
        var deviation = random.Uniform(1, 3) * canvas.Unit;
        PlaneFilters.Gaussian(dents, dents, scratch, size, deviation);
        var rough = random.Uniform(0, 9) * deviation;
        for (var i = 0; i < height.Length; i++)
            height[i] += rough * dents[i];
        PlaneFilters.Gaussian(height, height, scratch, size, random.Uniform(0.6f, 1.4f) * canvas.Unit);
        var (sin, cos) = MathF.SinCos(random.Uniform(0, MathF.Tau));
        var relief = random.Uniform(0.01f, 0.04f) / canvas.Unit;
        var clay = random.Chance(0.7f)
            ? Palette.Vivid(random.NextSingle(), random.Uniform(110, 220))
            : new Vector3(random.Uniform(110, 230));
        var own = random.Uniform(0, 0.8f);
        for (var y = 0; y < size; y++)
        {
            var (above, below) = (Math.Max(y - 1, 0) * size, Math.Min(y + 1, size - 1) * size);
            for (var x = 0; x < size; x++)
            {
                var i = (y * size) + x;
                var dx = height[(y * size) + Math.Min(x + 1, size - 1)] - height[(y * size) + Math.Max(x - 1, 0)];
                var dy = height[below + x] - height[above + x];
                var shade = 1 + (relief * ((dx * cos) + (dy * sin)));
                var body = 0.45f + (0.55f * height[i] / 200);
                for (var c = 0; c < Picture.Channels; c++)
                {
                    ref var v = ref canvas.Channel(c)[i];
                    v = Math.Clamp(float.Lerp(clay[c] * body, v, own) * shade, 0, 255);
                }
            }
        }
    }

    /// <summary>An old panel: soft transitions (sfumato), deep shadows, brown varnish, cracks.</summary>
    public static void Renaissance(Canvas canvas, Random random)
    {
        GuidedFilter.Apply(canvas, Math.Max(1, (int)(random.Uniform(2, 5) * canvas.Unit)), random.Uniform(60, 500));
        var size = canvas.Size;
        Span<float> soft = canvas.Scratch(2), scratch = canvas.Scratch(3);
        var smoke = random.Uniform(0.2f, 0.7f);
        var gamma = random.Uniform(1, 1.6f);
        var varnish = new Vector3(
            random.Uniform(0.9f, 1.05f), random.Uniform(0.72f, 0.95f), random.Uniform(0.4f, 0.8f));
        var muted = random.Uniform(0.3f, 0.9f);
        var grey = canvas.Scratch(4);
        canvas.Grey(grey);
        var gain = random.Uniform(120, 190) / MathF.Max(InkLines.Tones(grey).Mean, 60);
        for (var c = 0; c < Picture.Channels; c++)
        {
            var plane = canvas.Channel(c);
            for (var i = 0; i < plane.Length; i++)
                plane[i] = gain * float.Lerp(grey[i], plane[i], muted);
            PlaneFilters.Gaussian(plane, soft, scratch, size, random.Uniform(1.2f, 2.5f) * canvas.Unit);
            for (var i = 0; i < plane.Length; i++)
            {
                var mixed = Math.Clamp(float.Lerp(plane[i], soft[i], smoke) / 255, 0, 1);
                plane[i] = 255 * varnish[c] * MathF.Pow(mixed, gamma);
            }
        }
        if (random.Chance(0.6f))
        {
            FacetLooks.Cells(canvas, random, random.Uniform(5, 12) * canvas.Unit, 0.95f, out _);
            var rim = canvas.Scratch(1);
            var deep = random.Uniform(0.1f, 0.5f);
            var wide = 0.6f * canvas.Unit;
            for (var c = 0; c < Picture.Channels; c++)
            {
                var plane = canvas.Channel(c);
                for (var i = 0; i < plane.Length; i++)
                    plane[i] *= 1 - (deep * Math.Clamp(1 - (rim[i] / wide), 0, 1));
            }
        }
        if (random.Chance(0.4f))
            TextureLooks.Weave(canvas, random);
    }

    /// <summary>Creases darker (or flatter), colours stronger, light areas aglow.</summary>
    private static void Light(Canvas canvas, Random random, float crease, float saturation, float glow)
    {
        Span<float> grey = canvas.Scratch(0), wide = canvas.Scratch(1), scratch = canvas.Scratch(2);
        canvas.Grey(grey);
        PlaneFilters.Gaussian(grey, wide, scratch, canvas.Size, random.Uniform(3, 8) * canvas.Unit);
        var (mean, _) = InkLines.Tones(grey);
        var gain = 1 + (random.Uniform(0, 0.8f) * ((135 / MathF.Max(mean, 40)) - 1));
        for (var i = 0; i < grey.Length; i++)
        {
            var light = gain
                * (grey[i] + (crease * MathF.Min(0, grey[i] - wide[i])) + (glow * MathF.Max(0, wide[i] - mean)));
            for (var c = 0; c < Picture.Channels; c++)
            {
                ref var v = ref canvas.Channel(c)[i];
                v = Math.Clamp(light + (saturation * (v - grey[i])), 0, 255);
            }
        }
    }
}
