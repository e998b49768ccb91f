using System.Numerics;

namespace Mdfld.Training.Augmentation.Looks;

/// <summary>
/// Looks of one material: plasticine, thick oil paint, an old panel, the smooth skin of animated films.
/// </summary>
internal static class MaterialLooks
{
    /// <summary>Plasticine: a few colours of the box, each a lump with a rounded rim, dents, a soft shine.</summary>
    public static void Plasticine(Canvas canvas, Random random)
    {
        var size = canvas.Size;
        GuidedFilter.Apply(canvas, Math.Max(1, (int)(random.Uniform(2.5f, 4) * canvas.Unit)), random.Uniform(150, 400));
        Kuwahara.Apply(canvas, Math.Max(1, (int)(2 * canvas.Unit)));
        Span<Vector3> palette = stackalloc Vector3[random.Next(4, 7)];
        Palette.Find(canvas, palette, random);
        Span<Vector3> lumps = stackalloc Vector3[palette.Length];
        ReadOnlySpan<Vector3> skins =
            [new(236, 168, 124), new(214, 134, 92), new(240, 190, 150), new(170, 104, 70), new(228, 152, 140)];
        var skin = skins[random.Next(skins.Length)];
        ReadOnlySpan<Vector3> hairs = [new(70, 44, 30), new(48, 40, 44), new(120, 70, 36), new(90, 40, 30)];
        var hair = hairs[random.Next(hairs.Length)];
        for (var k = 0; k < palette.Length; k++)
        {
            var at = k / (palette.Length - 1f);
            var lump = at < 0.3f ? Vector3.Lerp(hair, skin, 0.6f * at)
                : at > 0.9f ? Vector3.Lerp(skin, new Vector3(250, 240, 225), 0.6f)
                : skin * (0.6f + (0.5f * at));
            lumps[k] = Vector3.Lerp(lump, palette[k], 0.4f);
        }
        Span<float> modelled = canvas.Scratch(5);
        canvas.Grey(modelled);
        Palette.Replace(canvas, palette, lumps);
        Span<float> height = canvas.Scratch(0), dents = canvas.Scratch(1), scratch = canvas.Scratch(2);
        for (var c = 0; c < Picture.Channels; c++)
            PlaneFilters.Gaussian(canvas.Channel(c), canvas.Channel(c), scratch, size, 0.6f * canvas.Unit);
        canvas.Grey(height);
        PlaneFilters.Gaussian(height, height, scratch, size, 1.1f * canvas.Unit);
        new NoiseSource(random).FillNormal(dents);
        var deviation = random.Uniform(1.4f, 2.4f) * canvas.Unit;
        PlaneFilters.Gaussian(dents, dents, scratch, size, deviation);
        var rough = random.Uniform(6, 13) * deviation;
        for (var i = 0; i < height.Length; i++)
            height[i] = (0.7f * height[i]) + (0.5f * modelled[i]) + (rough * dents[i]);
        PlaneFilters.Gaussian(height, height, scratch, size, 0.8f * canvas.Unit);
        var (sin, cos) = MathF.SinCos(random.Uniform(-2.6f, -0.5f));
        Relief(canvas, height, cos, sin, random.Uniform(0.022f, 0.034f), 38);
    }

    /// <summary>Oil laid on thickly: strokes along the forms that catch the light.</summary>
    public static void Impasto(Canvas canvas, Random random)
    {
        var size = canvas.Size;
        Flow.Find(canvas, random.Uniform(2, 3.5f) * canvas.Unit);
        var width = random.Uniform(1.9f, 2.9f) * canvas.Unit;
        StrokeLooks.Strokes(
            canvas, random, width, width * random.Uniform(4, 6), random.Uniform(14, 26), random.Uniform(24, 40));
        Flow.Smear(canvas, Math.Max(1, (int)canvas.Unit));
        var height = canvas.Scratch(0);
        canvas.Grey(height);
        var (sin, cos) = MathF.SinCos(random.Uniform(-2.6f, -0.5f));
        Relief(canvas, height, cos, sin, random.Uniform(0.007f, 0.012f), 0);
        if (random.Chance(0.4f))
            TextureLooks.Weave(canvas, random);
    }

    /// <summary>An old panel: sfumato, brown varnish that darkens to the borders, fine cracks.</summary>
    public static void OldPanel(Canvas canvas, Random random)
    {
        var size = canvas.Size;
        GuidedFilter.Apply(canvas, Math.Max(1, (int)(random.Uniform(2, 3) * canvas.Unit)), random.Uniform(60, 250));
        Span<float> grey = canvas.Scratch(4), soft = canvas.Scratch(2), scratch = canvas.Scratch(3);
        canvas.Grey(grey);
        var varnish = new Vector3(
            random.Uniform(0.98f, 1.06f), random.Uniform(0.8f, 0.88f), random.Uniform(0.5f, 0.62f));
        var muted = random.Uniform(0.45f, 0.75f);
        var gamma = random.Uniform(1.2f, 1.5f);
        var ground = new Vector3(44, 30, 18);
        for (var c = 0; c < Picture.Channels; c++)
        {
            var plane = canvas.Channel(c);
            for (var i = 0; i < plane.Length; i++)
                plane[i] = float.Lerp(grey[i], plane[i], muted) * 1.12f;
            PlaneFilters.Gaussian(plane, soft, scratch, size, 1.3f * canvas.Unit);
            for (var i = 0; i < plane.Length; i++)
            {
                var (y, x) = Math.DivRem(i, size);
                var away = Vector2.Distance(new Vector2(x, y), new Vector2(size / 2f, 0.52f * size)) / (0.72f * size);
                var mixed = Math.Clamp(float.Lerp(plane[i], soft[i], 0.5f) / 255, 0, 1);
                var painted = 255 * varnish[c] * MathF.Pow(mixed, gamma);
                plane[i] = float.Lerp(painted, ground[c], 0.85f * Math.Clamp((away - 0.5f) / 0.5f, 0, 1));
            }
        }
        FacetLooks.Cells(canvas, random, random.Uniform(2.6f, 4.5f) * canvas.Unit, 0.98f, out _);
        var rim = canvas.Scratch(1);
        var deep = random.Uniform(0.1f, 0.22f);
        for (var c = 0; c < Picture.Channels; c++)
        {
            var plane = canvas.Channel(c);
            for (var i = 0; i < plane.Length; i++)
                plane[i] *= 1 - (deep * Math.Clamp(1 - (rim[i] / (0.3f * canvas.Unit)), 0, 1));
        }
    }

    /// <summary>Skin of an animated film: no texture at all, soft strong colours, a glow from below the skin.</summary>
    public static void FilmSkin(Canvas canvas, Random random)
    {
        var radius = Math.Max(1, (int)(random.Uniform(4, 6) * canvas.Unit));
        GuidedFilter.Apply(canvas, radius, random.Uniform(250, 450));
        GuidedFilter.Apply(canvas, radius, random.Uniform(250, 450));
        Span<float> soft = canvas.Scratch(0), scratch = canvas.Scratch(1);
        var glow = random.Uniform(0.25f, 0.45f);
        ReadOnlySpan<float> warmth = [1.1f, 1, 0.9f];
        for (var c = 0; c < Picture.Channels; c++)
        {
            var plane = canvas.Channel(c);
            PlaneFilters.Gaussian(plane, soft, scratch, canvas.Size, 3.5f * canvas.Unit);
            for (var i = 0; i < plane.Length; i++)
                plane[i] = Math.Clamp(
                    (plane[i] + (glow * (MathF.Max(plane[i], soft[i]) - plane[i])) + (0.12f * (soft[i] - 100)))
                        * warmth[c],
                    0, 255);
        }
    }

    /// <summary>A digital caricaturist's airbrush: smooth, loud, with dark soft contours and bright lights.</summary>
    public static void Airbrush(Canvas canvas, Random random)
    {
        GuidedFilter.Apply(canvas, Math.Max(1, (int)(random.Uniform(2, 3.5f) * canvas.Unit)), random.Uniform(80, 250));
        Span<float> lines = canvas.Scratch(0), soft = canvas.Scratch(3), scratch = canvas.Scratch(4);
        canvas.Grey(lines);
        lines.CopyTo(soft);
        InkLines.Draw(canvas, lines, random, false);
        PlaneFilters.Gaussian(lines, lines, scratch, canvas.Size, 0.8f * canvas.Unit);
        PlaneFilters.Gaussian(soft, soft, scratch, canvas.Size, 3 * canvas.Unit);
        var contour = random.Uniform(0.35f, 0.65f);
        ReadOnlySpan<float> shade = [0.55f, 0.25f, 0.3f];
        for (var c = 0; c < Picture.Channels; c++)
        {
            var plane = canvas.Channel(c);
            for (var i = 0; i < plane.Length; i++)
            {
                var shine = 0.9f * MathF.Max(0, plane[i] - soft[i] - 8);
                var dark = contour * (1 - lines[i]);
                plane[i] = Math.Clamp((plane[i] + shine) * (1 - dark + (dark * shade[c] * 0.5f)), 0, 255);
            }
        }
    }

    /// <summary>Lights a height under a lamp; the slopes that face it shine.</summary>
    private static void Relief(
        Canvas canvas, ReadOnlySpan<float> height, float cos, float sin, float depth, float shine)
    {
        var size = canvas.Size;
        depth *= 2 / canvas.Unit;
        for (var y = 0; y < size; y++)
        {
            var (above, below) = (Math.Max(y - 1, 0) * size, Math.Min(y + 1, size - 1) * size);
            for (var x = 0; x < size; x++)
            {
                var i = (y * size) + x;
                var dx = height[(y * size) + Math.Min(x + 1, size - 1)] - height[(y * size) + Math.Max(x - 1, 0)];
                var dy = height[below + x] - height[above + x];
                var lit = Math.Clamp(-depth * ((dx * cos) + (dy * sin)), -0.55f, 0.6f);
                var gloss = shine * MathF.Pow(Math.Clamp(lit / 0.4f, 0, 1), 3);
                for (var c = 0; c < Picture.Channels; c++)
                {
                    ref var v = ref canvas.Channel(c)[i];
                    v = Math.Clamp((v * (1 + lit)) + gloss, 0, 255);
                }
            }
        }
    }
}
