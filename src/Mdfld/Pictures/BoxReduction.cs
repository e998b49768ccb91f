namespace Mdfld;

/// <summary>
/// Replaces a region of a picture by the means of its boxes of <see cref="Box"/> x <see cref="Box"/> pixels. Boxes lie
/// on one grid of the full picture, so the result does not depend on the region; what a box has outside the picture
/// counts as black, as it does in a warp.
/// </summary>
internal sealed class BoxReduction
{
    // 256 rows of 255 still fit the 16-bit sums below.
    private const int MostHalvings = 8;

    private readonly int _halvings;
    private readonly int _left;
    private readonly int _top;
    private readonly int _right;
    private readonly int _bottom;

    private BoxReduction(int halvings, int left, int top, int right, int bottom) =>
        (_halvings, _left, _top, _right, _bottom) = (halvings, left, top, right, bottom);

    /// <summary>Side of a box in pixels of the source, a power of 2.</summary>
    public int Box => 1 << _halvings;

    /// <summary>Takes pixels of the source to pixels of the reduced region.</summary>
    public Homography FromSource
    {
        get
        {
            var middle = (Box - 1) / 2.0;
            var s = 1.0 / Box;
            return Homography.Affine(s, 0, -(_left + middle) * s, 0, s, -(_top + middle) * s);
        }
    }

    /// <summary>
    /// The reduction that a warp to a <paramref name="width"/> x <paramref name="height"/> picture needs, or null when
    /// it shrinks by less than 2 or shows nothing of the source. The shrinkage is the root of the change of area in the
    /// middle of the target.
    /// </summary>
    public static BoxReduction? For(Picture source, in Homography targetToSource, int width, int height)
    {
        var shrinkage = Math.Sqrt(AreaRatio(targetToSource, (width - 1) / 2.0, (height - 1) / 2.0));
        // The tiny surplus keeps a factor of exactly 2 at one halving after rounding.
        var halvings = (int)Math.Clamp(Math.Floor(Math.Log2(shrinkage) + 1e-9), 0, MostHalvings);
        if (halvings == 0)
            return null;

        var box = 1 << halvings;
        var (low, high) = Bounds(targetToSource, width, height, source);
        // Bilinear sampling of the reduced region reads one box further on each side.
        var left = Down(Math.Max(0, low.X - (2 * box)));
        var top = Down(Math.Max(0, low.Y - (2 * box)));
        var right = (int)Math.Min(source.Width, Down(high.X + (3 * box)));
        var bottom = (int)Math.Min(source.Height, Down(high.Y + (3 * box)));
        return left < right && top < bottom ? new BoxReduction(halvings, left, top, right, bottom) : null;

        int Down(double position) => (int)Math.Min(Math.Floor(position / box) * box, int.MaxValue - box);
    }

    public Picture Reduce(Picture source)
    {
        var reduced = new Picture(
            (_right - _left + Box - 1) >> _halvings, (_bottom - _top + Box - 1) >> _halvings);
        var stride = source.Width * Picture.Channels;
        var sums = new ushort[(_right - _left) * Picture.Channels];
        for (var y = 0; y < reduced.Height; y++)
        {
            var first = _top + (y << _halvings);
            var count = Math.Min(Box, _bottom - first);
            var rows = source.Data.Slice(first * stride, count * stride);
            Means(rows, stride, _left * Picture.Channels, Box, sums, reduced.Row(y), black: true);
        }
        return reduced;
    }

    /// <summary>The means of a row of boxes.</summary>
    /// <param name="rows">The rows of the boxes, R, G, B.</param>
    /// <param name="stride">Bytes of a row.</param>
    /// <param name="left">The byte of each row where the boxes begin.</param>
    /// <param name="box">Side of a box, pixels.</param>
    /// <param name="sums">A number for each byte of a row's boxes.</param>
    /// <param name="means">Receives a pixel for each box.</param>
    /// <param name="black">Whether pixels that boxes lack at the border count as black, or do not count.</param>
    public static void Means(
        ReadOnlySpan<byte> rows, int stride, int left, int box, Span<ushort> sums, Span<byte> means, bool black)
    {
        sums.Clear();
        var count = rows.Length / stride;
        for (var y = 0; y < count; y++)
            Accumulate(rows.Slice((y * stride) + left, sums.Length), sums);
        var step = box * Picture.Channels;
        for (int i = 0, start = 0; i < means.Length; i += Picture.Channels, start += step)
        {
            var end = Math.Min(start + step, sums.Length);
            var area = black ? (uint)(box * box) : (uint)(count * (end - start) / Picture.Channels);
            uint red = area / 2, green = red, blue = red;
            for (var k = start; k < end; k += Picture.Channels)
            {
                red += sums[k];
                green += sums[k + 1];
                blue += sums[k + 2];
            }
            means[i] = (byte)(red / area);
            means[i + 1] = (byte)(green / area);
            means[i + 2] = (byte)(blue / area);
        }
    }

    private static void Accumulate(ReadOnlySpan<byte> row, Span<ushort> sums)
    {
        var i = 0;
        for (; i <= row.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(row[i..]), out var low, out var high);
            var first = sums[i..];
            var second = first[Vector<ushort>.Count..];
            (new Vector<ushort>(first) + low).CopyTo(first);
            (new Vector<ushort>(second) + high).CopyTo(second);
        }

        for (; i < row.Length; i++)
            sums[i] += row[i];
    }

    /// <summary>|det J| of a projective map at a point: |det M| / |w|^3.</summary>
    private static double AreaRatio(in Homography m, double x, double y)
    {
        var det = (m.M11 * ((m.M22 * m.M33) - (m.M23 * m.M32)))
            - (m.M12 * ((m.M21 * m.M33) - (m.M23 * m.M31)))
            + (m.M13 * ((m.M21 * m.M32) - (m.M22 * m.M31)));
        var w = Math.Abs((m.M31 * x) + (m.M32 * y) + m.M33);
        return w == 0 ? 1 : Math.Abs(det) / (w * w * w);
    }

    /// <summary>The box round what the target shows; all of the source when the horizon is in sight.</summary>
    private static ((double X, double Y) Low, (double X, double Y) High) Bounds(
        in Homography m, int width, int height, Picture source)
    {
        (double X, double Y) low = (double.MaxValue, double.MaxValue), high = (double.MinValue, double.MinValue);
        var sign = 0;
        for (var corner = 0; corner < 4; corner++)
        {
            double x = corner % 2 == 0 ? 0 : width - 1, y = corner < 2 ? 0 : height - 1;
            var w = (m.M31 * x) + (m.M32 * y) + m.M33;
            if (w == 0 || (sign != 0 && Math.Sign(w) != sign))
                return ((0, 0), (source.Width, source.Height));
            sign = Math.Sign(w);
            var (sx, sy) = (((m.M11 * x) + (m.M12 * y) + m.M13) / w, ((m.M21 * x) + (m.M22 * y) + m.M23) / w);
            low = (Math.Min(low.X, sx), Math.Min(low.Y, sy));
            high = (Math.Max(high.X, sx), Math.Max(high.Y, sy));
        }

        return (low, high);
    }
}
