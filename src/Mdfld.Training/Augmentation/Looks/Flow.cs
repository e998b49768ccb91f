namespace Mdfld.Training.Augmentation.Looks;

/// <summary>
/// The direction in which a picture changes least, from its smoothed structure tensor (Kass, Witkin 1987).
/// </summary>
internal static class Flow
{
    /// <summary>
    /// Writes unit vectors along the edges into scratch planes 6 (x) and 7 (y); overwrites scratch planes 2 to 5.
    /// </summary>
    /// <remarks><c>deviation</c>: how smooth the directions become, pixels.</remarks>
    public static void Find(Canvas canvas, float deviation)
    {
        var size = canvas.Size;
        Span<float> grey = canvas.Scratch(2), xx = canvas.Scratch(3), xy = canvas.Scratch(4), yy = canvas.Scratch(5),
            scratch = canvas.Scratch(6);
        canvas.Grey(grey);
        PlaneFilters.Gaussian(grey, grey, scratch, size, 0.8f);
        for (var y = 0; y < size; y++)
        {
            var (above, below) = (Math.Max(y - 1, 0) * size, Math.Min(y + 1, size - 1) * size);
            for (var x = 0; x < size; x++)
            {
                var i = (y * size) + x;
                var dx = grey[(y * size) + Math.Min(x + 1, size - 1)] - grey[(y * size) + Math.Max(x - 1, 0)];
                var dy = grey[below + x] - grey[above + x];
                (xx[i], xy[i], yy[i]) = (dx * dx, dx * dy, dy * dy);
            }
        }
        PlaneFilters.Gaussian(xx, xx, scratch, size, deviation);
        PlaneFilters.Gaussian(xy, xy, scratch, size, deviation);
        PlaneFilters.Gaussian(yy, yy, scratch, size, deviation);
        Span<float> alongX = canvas.Scratch(6), alongY = canvas.Scratch(7);
        for (var i = 0; i < grey.Length; i++)
        {
            // The eigenvector of the smaller eigenvalue.
            var (difference, twice) = (xx[i] - yy[i], 2 * xy[i]);
            var root = MathF.Sqrt((difference * difference) + (twice * twice));
            var (x, y) = difference > 0 ? (-twice, difference + root) : (root - difference, -twice);
            var length = MathF.Sqrt((x * x) + (y * y));
            (alongX[i], alongY[i]) = length > 1e-3f ? (x / length, y / length) : (1, 0);
        }
    }

    /// <summary>
    /// Means along the flow (line integral convolution: Cabral, Leedom 1993): colour runs along outlines, never across.
    /// Needs <see cref="Find"/>; overwrites scratch planes 2 to 4.
    /// </summary>
    /// <remarks><c>length</c>: half the length of a stroke, pixels.</remarks>
    public static void Smear(Canvas canvas, int length)
    {
        var size = canvas.Size;
        Span<float> alongX = canvas.Scratch(6), alongY = canvas.Scratch(7);
        for (var c = 0; c < Picture.Channels; c++)
            canvas.Channel(c).CopyTo(canvas.Scratch(2 + c));
        ReadOnlySpan<float> red = canvas.Scratch(2), green = canvas.Scratch(3), blue = canvas.Scratch(4);
        Span<float> outRed = canvas.Red, outGreen = canvas.Green, outBlue = canvas.Blue;
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                var start = (y * size) + x;
                var (r, g, b, count) = (red[start], green[start], blue[start], 1);
                for (var side = -1; side <= 1; side += 2)
                {
                    var (px, py, i) = (x + 0.5f, y + 0.5f, start);
                    var (dx, dy) = (side * alongX[i], side * alongY[i]);
                    for (var step = 0; step < length; step++)
                    {
                        px += dx;
                        py += dy;
                        var (ix, iy) = ((int)px, (int)py);
                        if ((uint)ix >= (uint)size || (uint)iy >= (uint)size || px < 0 || py < 0)
                            break;
                        i = (iy * size) + ix;
                        (r, g, b, count) = (r + red[i], g + green[i], b + blue[i], count + 1);
                        var (nextX, nextY) = (alongX[i], alongY[i]);
                        var turn = (nextX * dx) + (nextY * dy) < 0 ? -1 : 1;
                        (dx, dy) = (turn * nextX, turn * nextY);
                    }
                }
                var share = 1f / count;
                (outRed[start], outGreen[start], outBlue[start]) = (r * share, g * share, b * share);
            }
        }
    }
}
