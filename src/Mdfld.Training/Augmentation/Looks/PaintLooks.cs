using System.Numerics;

namespace Mdfld.Training.Augmentation.Looks;

/// <summary>Looks with a brush: texture goes, edges stay.</summary>
internal static class PaintLooks
{
    /// <summary>Edge-preserving smoothing as of a soft brush or an airbrushed portrait.</summary>
    public static void Smooth(Canvas canvas, Random random)
    {
        var radius = Math.Max(1, (int)(random.Uniform(2, 6) * canvas.Unit));
        GuidedFilter.Apply(canvas, radius, random.Uniform(60, 900));
        if (random.Chance(0.4f))
            GuidedFilter.Apply(canvas, radius, random.Uniform(60, 400));
    }

    /// <summary>Flat strokes: a Kuwahara filter, drawn out along the forms or not, on canvas now and then.</summary>
    public static void Oil(Canvas canvas, Random random)
    {
        var radius = Math.Max(1, (int)(random.Uniform(1.3f, 4) * canvas.Unit));
        if (random.Chance(0.5f))
            Kuwahara.ApplySoft(canvas, radius);
        else
            Kuwahara.Apply(canvas, radius);
        if (random.Chance(0.5f))
        {
            Flow.Find(canvas, random.Uniform(1.5f, 3) * canvas.Unit);
            Flow.Smear(canvas, Math.Max(1, (int)(random.Uniform(2, 5) * canvas.Unit)));
        }
        if (random.Chance(0.3f))
            TextureLooks.Weave(canvas, random);
    }

    public static void Watercolour(Canvas canvas, Random random)
    {
        Kuwahara.Apply(canvas, Math.Max(1, (int)(random.Uniform(1.3f, 3) * canvas.Unit)));
        // Pigment gathers at the rims of a wash: darken where the grey differs from its surroundings.
        Span<float> grey = canvas.Scratch(0), around = canvas.Scratch(1), scratch = canvas.Scratch(2);
        canvas.Grey(grey);
        PlaneFilters.Gaussian(grey, around, scratch, canvas.Size, random.Uniform(1.5f, 3) * canvas.Unit);
        var rim = random.Uniform(0.3f, 1.2f);
        var wash = random.Uniform(0, 0.45f);
        for (var c = 0; c < Picture.Channels; c++)
        {
            var plane = canvas.Channel(c);
            for (var i = 0; i < plane.Length; i++)
                plane[i] = plane[i] + ((255 - plane[i]) * wash) - (rim * MathF.Abs(grey[i] - around[i]));
        }
        TextureLooks.Paper(canvas, random);
    }

    public static void MedianSharpen(Canvas canvas, Random random)
    {
        var rounds = random.Next(1, 4);
        var amount = random.Uniform(0.5f, 3);
        var deviation = random.Uniform(0.8f, 2) * canvas.Unit;
        Span<float> work = canvas.Scratch(0), scratch = canvas.Scratch(1);
        for (var c = 0; c < Picture.Channels; c++)
        {
            var plane = canvas.Channel(c);
            for (var round = 0; round < rounds; round++)
            {
                Median3(plane, work, canvas.Size);
                work.CopyTo(plane);
            }
            PlaneFilters.Gaussian(plane, work, scratch, canvas.Size, deviation);
            Span<Vector<float>> p = Canvas.Lanes(plane), blurred = Canvas.Lanes(work);
            for (var i = 0; i < p.Length; i++)
                p[i] += (p[i] - blurred[i]) * amount;
        }
    }

    /// <summary>
    /// Median of 3 x 3 by sorted columns: the median of the largest low, the median middle and the smallest high.
    /// </summary>
    private static void Median3(ReadOnlySpan<float> source, Span<float> target, int size)
    {
        Span<float> low = stackalloc float[size + 2 + Vector<float>.Count];
        Span<float> middle = stackalloc float[size + 2 + Vector<float>.Count];
        Span<float> high = stackalloc float[size + 2 + Vector<float>.Count];
        for (var y = 0; y < size; y++)
        {
            var above = source.Slice(Math.Max(y - 1, 0) * size, size);
            var here = source.Slice(y * size, size);
            var below = source.Slice(Math.Min(y + 1, size - 1) * size, size);
            for (var x = 0; x < size; x += Vector<float>.Count)
            {
                var (a, b, c) = (
                    new Vector<float>(above[x..]), new Vector<float>(here[x..]), new Vector<float>(below[x..]));
                var (least, most) = (Vector.Min(a, b), Vector.Max(a, b));
                Vector.Min(least, c).CopyTo(low[(x + 1)..]);
                Vector.Max(most, c).CopyTo(high[(x + 1)..]);
                Vector.Max(least, Vector.Min(most, c)).CopyTo(middle[(x + 1)..]);
            }
            (low[0], middle[0], high[0]) = (low[1], middle[1], high[1]);
            (low[size + 1], middle[size + 1], high[size + 1]) = (low[size], middle[size], high[size]);
            var output = target.Slice(y * size, size);
            for (var x = 0; x < size; x += Vector<float>.Count)
            {
                var lows = Vector.Max(Vector.Max(At(low, x), At(low, x + 1)), At(low, x + 2));
                var highs = Vector.Min(Vector.Min(At(high, x), At(high, x + 1)), At(high, x + 2));
                var middles = Median(At(middle, x), At(middle, x + 1), At(middle, x + 2));
                Median(lows, middles, highs).CopyTo(output[x..]);
            }
        }

        static Vector<float> At(ReadOnlySpan<float> row, int x) => new(row[x..]);
        static Vector<float> Median(Vector<float> a, Vector<float> b, Vector<float> c) =>
            Vector.Max(Vector.Min(a, b), Vector.Min(Vector.Max(a, b), c));
    }
}
