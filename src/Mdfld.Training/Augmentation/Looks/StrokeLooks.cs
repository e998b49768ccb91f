using System.Numerics;

namespace Mdfld.Training.Augmentation.Looks;

/// <summary>Looks made of visible strokes along the forms: impressionist, expressionist, pastel.</summary>
internal static class StrokeLooks
{
    /// <summary>Dabs of broken colour along the edges.</summary>
    public static void Impressionist(Canvas canvas, Random random)
    {
        Flow.Find(canvas, random.Uniform(1.5f, 4) * canvas.Unit);
        var width = random.Uniform(1.7f, 3.4f) * canvas.Unit;
        Strokes(canvas, random, width, width * random.Uniform(1.5f, 4), random.Uniform(10, 60), random.Uniform(20, 70));
        if (random.Chance(0.3f))
            TextureLooks.Weave(canvas, random);
    }

    /// <summary>Wrong, loud colours by tone, swirling strokes, dark contours.</summary>
    public static void Expressionist(Canvas canvas, Random random)
    {
        Flow.Find(canvas, random.Uniform(2, 5) * canvas.Unit);
        Flow.Smear(canvas, Math.Max(1, (int)(random.Uniform(2, 6) * canvas.Unit)));
        var lines = canvas.Scratch(0);
        canvas.Grey(lines);
        InkLines.Draw(canvas, lines, random, false);
        Span<Vector3> palette = stackalloc Vector3[random.Next(4, 9)];
        Palette.Find(canvas, palette, random);
        Span<Vector3> colours = stackalloc Vector3[palette.Length];
        var own = random.Uniform(0, 0.6f);
        var hue = random.NextSingle();
        var spread = random.Uniform(0.1f, 1);
        for (var k = 0; k < palette.Length; k++)
        {
            var vivid = Palette.Vivid(hue + (spread * random.NextSingle()), Palette.Grey(palette[k]));
            colours[k] = Vector3.Lerp(vivid, palette[k], own);
        }
        // Modelling within a tone survives as a share of the difference to it.
        var keep = random.Uniform(0.2f, 0.9f);
        for (var c = 0; c < Picture.Channels; c++)
            canvas.Channel(c).CopyTo(canvas.Scratch(3 + c));
        Palette.Replace(canvas, palette, colours);
        Span<float> flat = canvas.Scratch(1), before = canvas.Scratch(2);
        canvas.Grey(flat);
        Grey(canvas.Scratch(3), canvas.Scratch(4), canvas.Scratch(5), before);
        var inked = random.Uniform(0.2f, 1);
        var ink = random.Chance(0.6f) ? Vector3.Zero : Palette.Vivid(random.NextSingle(), 40);
        for (var c = 0; c < Picture.Channels; c++)
        {
            var plane = canvas.Channel(c);
            for (var i = 0; i < plane.Length; i++)
            {
                var painted = plane[i] + (keep * (before[i] - flat[i]));
                plane[i] = float.Lerp(painted, ink[c], inked * (1 - lines[i]));
            }
        }
        if (random.Chance(0.7f))
        {
            var width = random.Uniform(0.9f, 1.8f) * canvas.Unit;
            Strokes(
                canvas, random, width, width * random.Uniform(3, 6), random.Uniform(10, 50), random.Uniform(25, 60));
        }
    }

    /// <summary>Chalk: light broken strokes in one direction on coloured paper.</summary>
    public static void Pastel(Canvas canvas, Random random)
    {
        GuidedFilter.Apply(canvas, Math.Max(1, (int)(random.Uniform(1.5f, 4) * canvas.Unit)), random.Uniform(100, 900));
        Span<float> tooth = canvas.Scratch(0), scratch = canvas.Scratch(1);
        new NoiseSource(random).FillNormal(tooth);
        Slant(tooth, scratch, canvas.Size, random.Next(-2, 3), random.Next(2, 6));
        var paper = new Vector3(random.Uniform(60, 255), random.Uniform(60, 255), random.Uniform(60, 255));
        var bare = random.Uniform(0.15f, 0.6f);
        var level = random.Uniform(0.1f, 1);
        var chalk = random.Uniform(0, 0.4f);
        for (var c = 0; c < Picture.Channels; c++)
        {
            var plane = canvas.Channel(c);
            for (var i = 0; i < plane.Length; i++)
            {
                var shown = bare * Math.Clamp(scratch[i] + 0.6f - level, 0, 1);
                plane[i] = float.Lerp(plane[i] + (chalk * (235 - plane[i])), paper[c], shown);
            }
        }
        if (random.Chance(0.4f))
            TextureLooks.Paper(canvas, random);
    }

    private static void Grey(
        ReadOnlySpan<float> red, ReadOnlySpan<float> green, ReadOnlySpan<float> blue, Span<float> grey)
    {
        for (var i = 0; i < grey.Length; i++)
            grey[i] = (red[i] * 0.299f) + (green[i] * 0.587f) + (blue[i] * 0.114f);
    }

    /// <summary>Noise of spread 1 drawn out along a slanted line.</summary>
    public static void Slant(ReadOnlySpan<float> noise, Span<float> target, int size, int slope, int reach)
    {
        target.Clear();
        var share = 1 / MathF.Sqrt((2 * reach) + 1);
        for (var k = -reach; k <= reach; k++)
        {
            var (dx, dy) = (slope == 0 ? 0 : k, slope == 0 ? k : k * slope / 2);
            for (var y = 0; y < size; y++)
            {
                var from = noise.Slice(Math.Clamp(y + dy, 0, size - 1) * size, size);
                var to = target.Slice(y * size, size);
                for (var x = 0; x < size; x++)
                    to[x] += share * from[Math.Clamp(x + dx, 0, size - 1)];
            }
        }
    }

    /// <summary>
    /// Covers the canvas with strokes along the flow, each of the colour at its middle and cut where the picture
    /// differs too much from it (Litwinowicz 1997). Needs <see cref="Flow.Find"/>; overwrites scratch planes 1 to 4.
    /// </summary>
    /// <remarks>
    /// <c>jitter</c>: spread of a stroke's colour. <c>edge</c>: difference of grey that ends a stroke.
    /// </remarks>
    public static void Strokes(Canvas canvas, Random random, float width, float length, float jitter, float edge)
    {
        var size = canvas.Size;
        for (var c = 0; c < Picture.Channels; c++)
            canvas.Channel(c).CopyTo(canvas.Scratch(2 + c));
        var grey = canvas.Scratch(1);
        canvas.Grey(grey);
        ReadOnlySpan<float> alongX = canvas.Scratch(6), alongY = canvas.Scratch(7);
        Span<float> red = canvas.Red, green = canvas.Green, blue = canvas.Blue;
        var noise = new NoiseSource(random);
        var count = (int)(1.6f * size * size / (width * length));
        var reach = (int)MathF.Ceiling(length / 2);
        for (var n = 0; n < count; n++)
        {
            var bits = noise.Next();
            var (cx, cy) = ((int)(bits % (uint)size), (int)((bits >> 32) % (uint)size));
            var middle = (cy * size) + cx;
            var (dx, dy) = (alongX[middle], alongY[middle]);
            bits = noise.Next();
            var shade = ((bits & 255) / 127.5f) - 1;
            var (r, g, b) = (
                canvas.Scratch(2)[middle] + (jitter * (shade + Signed(bits >> 8)) / 2),
                canvas.Scratch(3)[middle] + (jitter * (shade + Signed(bits >> 16)) / 2),
                canvas.Scratch(4)[middle] + (jitter * (shade + Signed(bits >> 24)) / 2));
            for (var y = Math.Max(0, cy - reach); y <= Math.Min(size - 1, cy + reach); y++)
            {
                for (var x = Math.Max(0, cx - reach); x <= Math.Min(size - 1, cx + reach); x++)
                {
                    var u = ((x - cx) * dx) + ((y - cy) * dy);
                    var v = ((y - cy) * dx) - ((x - cx) * dy);
                    if (MathF.Abs(u) > length / 2 || MathF.Abs(v) > width / 2)
                        continue;
                    var i = (y * size) + x;
                    if (MathF.Abs(grey[i] - grey[middle]) > edge)
                        continue;
                    (red[i], green[i], blue[i]) = (r, g, b);
                }
            }
        }

        static float Signed(ulong bits) => ((bits & 255) / 127.5f) - 1;
    }
}
