namespace Mdfld.Training.Augment;

/// <summary>Filters that paintings and drawings begin with: texture goes, edges stay.</summary>
internal static class Smoothing
{
    /// <summary>
    /// Edge-preserving smoothing guided by the grey picture (He, Sun, Tang: Guided Image Filtering, 2013, eqs 5-8). A
    /// window counts as flat where the variance of its grey levels is below <paramref name="flatness"/>.
    /// </summary>
    public static void Guided(this FilterPicture picture, float radius, float flatness)
    {
        var (pixels, window, guide) = (picture.Pixels, picture.Radius(radius), picture.Grey());
        float[] mean = [.. guide], square = Array.ConvertAll(guide, g => g * g);
        picture.Mean(mean, window);
        picture.Mean(square, window);
        Vector3[] slope = [.. pixels], offset = [.. pixels];
        for (var i = 0; i < slope.Length; i++)
            slope[i] *= guide[i];
        picture.Mean(slope, window);
        picture.Mean(offset, window);
        for (var i = 0; i < slope.Length; i++)
        {
            slope[i] = (slope[i] - (mean[i] * offset[i])) / (square[i] - (mean[i] * mean[i]) + flatness);
            offset[i] -= slope[i] * mean[i];
        }
        picture.Mean(slope, window);
        picture.Mean(offset, window);
        picture.Map((i, _) => (slope[i] * guide[i]) + offset[i]);
    }

    /// <summary>
    /// Each pixel takes the mean of the quietest of the four windows that touch it (Kuwahara et al. 1976), or a mixture
    /// of the four, the quieter the more (Papari, Petkov, Campisi 2007).
    /// </summary>
    public static void Kuwahara(this FilterPicture picture, float radius, bool isSoft = false)
    {
        var (size, reach) = (picture.Size, picture.Radius(radius));
        var mean = picture.Grey();
        var weight = Array.ConvertAll(mean, g => g * g);
        picture.Mean(mean, reach);
        picture.Mean(weight, reach);
        for (var i = 0; i < weight.Length; i++)
        {
            var quiet = 1 / (MathF.Max(0, weight[i] - (mean[i] * mean[i])) + 4);
            weight[i] = quiet * quiet;
            if (!isSoft)
                weight[i] *= weight[i] * weight[i];
        }
        Vector3[] colours = [.. picture.Pixels];
        picture.Mean(colours, reach);
        picture.Map((i, _) =>
        {
            var (x, y) = (i % size, i / size);
            var (left, right) = (Math.Max(x - reach, 0), Math.Min(x + reach, size - 1));
            var (above, below) = (Math.Max(y - reach, 0) * size, Math.Min(y + reach, size - 1) * size);
            var (a, b, c, d) = (above + left, above + right, below + left, below + right);
            var sum = (weight[a] * colours[a]) + (weight[b] * colours[b]) + (weight[c] * colours[c])
                + (weight[d] * colours[d]);
            return sum / (weight[a] + weight[b] + weight[c] + weight[d]);
        });
    }

    /// <summary>
    /// Unit vectors along the edges, the direction in which the picture changes least: from its smoothed structure
    /// tensor (Kass, Witkin 1987).
    /// </summary>
    public static Vector2[] EdgeFlow(this FilterPicture picture, float deviation)
    {
        var grey = picture.Blur(picture.Grey(), 0.8f);
        // xx, xy, yy of the gradient.
        var tensor = new Vector3[grey.Length];
        for (var i = 0; i < tensor.Length; i++)
        {
            var slope = Slope(grey, picture.Size, i);
            tensor[i] = new Vector3(slope.X * slope.X, slope.X * slope.Y, slope.Y * slope.Y);
        }
        picture.Blur(tensor, deviation);
        return Array.ConvertAll(tensor, t =>
        {
            // The eigenvector of the smaller eigenvalue.
            var (difference, twice) = (t.X - t.Z, 2 * t.Y);
            var root = MathF.Sqrt((difference * difference) + (twice * twice));
            var along = difference > 0
                ? new Vector2(-twice, difference + root)
                : new Vector2(root - difference, -twice);
            return along.LengthSquared() > 1e-6f ? Vector2.Normalize(along) : Vector2.UnitX;
        });
    }

    /// <summary>Means along the flow (line integral convolution, Cabral, Leedom 1993), never across.</summary>
    public static void Smear(this FilterPicture picture, Vector2[] flow, float length)
    {
        var (size, steps) = (picture.Size, picture.Radius(length));
        Vector3[] before = [.. picture.Pixels];
        picture.Map((start, colour) =>
        {
            var count = 1;
            foreach (var side in (ReadOnlySpan<int>)[-1, 1])
            {
                var p = new Vector2((start % size) + 0.5f, (start / size) + 0.5f);
                var along = side * flow[start];
                for (var step = 0; step < steps; step++)
                {
                    p += along;
                    if (!(p.X >= 0 && p.Y >= 0 && p.X < size && p.Y < size))
                        break;
                    var i = ((int)p.Y * size) + (int)p.X;
                    (colour, count) = (colour + before[i], count + 1);
                    along = Vector2.Dot(flow[i], along) < 0 ? -flow[i] : flow[i];
                }
            }
            return colour / count;
        });
    }

    /// <summary>
    /// Fills the picture with strokes along the flow, each of the colour at its middle and cut where the picture
    /// differs too much from it (Litwinowicz 1997). Jitter is the spread of a stroke's colour, edge the difference of
    /// grey that ends a stroke.
    /// </summary>
    public static void Strokes(
        this FilterPicture picture, Vector2[] flow, Random random, float width, float length, float jitter, float edge)
    {
        var (size, grey) = (picture.Size, picture.Grey());
        (width, length) = (width * picture.Unit, length * picture.Unit);
        Vector3[] before = [.. picture.Pixels];
        var noise = new NoiseSource(random);
        var reach = (int)MathF.Ceiling(length / 2);
        for (var n = (int)(1.6f * size * size / (width * length)); n > 0; n--)
        {
            var bits = noise.Next();
            var (cx, cy) = ((int)(bits % (uint)size), (int)((bits >> 32) % (uint)size));
            var middle = (cy * size) + cx;
            var along = flow[middle];
            bits = noise.Next();
            var shade = new Vector3(Signed(bits >> 8), Signed(bits >> 16), Signed(bits >> 24));
            var colour = before[middle] + (jitter / 2 * (shade + new Vector3(Signed(bits))));
            for (var y = Math.Max(0, cy - reach); y <= Math.Min(size - 1, cy + reach); y++)
            {
                for (var x = Math.Max(0, cx - reach); x <= Math.Min(size - 1, cx + reach); x++)
                {
                    var from = new Vector2(x - cx, y - cy);
                    var across = (from.Y * along.X) - (from.X * along.Y);
                    var i = (y * size) + x;
                    if (MathF.Abs(Vector2.Dot(from, along)) <= length / 2 && MathF.Abs(across) <= width / 2
                        && MathF.Abs(grey[i] - grey[middle]) <= edge)
                        picture.Pixels[i] = colour;
                }
            }
        }

        static float Signed(ulong bits) => ((bits & 255) / 127.5f) - 1;
    }

    /// <summary>Differences of a plane's neighbours along x and y.</summary>
    public static Vector2 Slope(float[] plane, int size, int i)
    {
        var (x, y) = (i % size, i / size);
        return new Vector2(
            plane[(y * size) + Math.Min(x + 1, size - 1)] - plane[(y * size) + Math.Max(x - 1, 0)],
            plane[(Math.Min(y + 1, size - 1) * size) + x] - plane[(Math.Max(y - 1, 0) * size) + x]);
    }
}
