namespace Mdfld;

/// <summary>
/// Finds the iris of an eye: of all ellipses between the lids the one that divides what is seen there best into a dark
/// inside and a light outside, by the share of the variance that it explains (Otsu's criterion).
/// </summary>
internal static class IrisSearch
{
    // The eye upright, its corners at the middle of the left and right edge.
    private const int Width = 32;
    private const int Height = 40;

    // Fewer pixels from corner to corner, before they were enlarged, show no iris.
    private const float LeastWidth = 8;

    // The upper lid casts a shadow, and lashes; share of the opening.
    private const float Shadow = 0.12f;

    // An explained variance and a difference of grey, of 255, below which there is no iris to be seen.
    private const float LeastExplained = 0.35f;
    private const float LeastContrast = 20;

    // Of an eye whose fellow shows none.
    private const float LeastAlone = 0.45f;

    // Eyes look the same way: so far apart, widths of an eye, one or both are something else.
    private const float MostApart = 0.2f;

    // What lies in a corner explains less: a shadow is there more often than an iris.
    private const float Cornered = 0.6f;

    // Ellipses so nearly as good that the place is their mean.
    private const float Even = 0.03f;

    // Half widths of irises, shares of the eye's; drawn ones may be tall.
    private static ReadOnlySpan<float> Radii => [0.13f, 0.17f, 0.21f, 0.26f, 0.32f, 0.39f];

    private static ReadOnlySpan<float> Heights => [1, 1.5f];

    /// <summary>
    /// The middles of a face's right and left iris, pixels; null where none is seen: shut lids, a dot, too few pixels.
    /// </summary>
    /// <param name="picture">The picture.</param>
    /// <param name="points">The 68 iBUG points, pixels.</param>
    /// <param name="enlarged">Pixels of this picture / pixels of the one it was cut from, at least 1.</param>
    public static (Vector2? Right, Vector2? Left) Find(Picture picture, ReadOnlySpan<Vector2> points, float enlarged = 1)
    {
        var rightEye = points[36..42];
        var leftEye = points[42..48];
        var (right, left) = (FindOne(picture, rightEye, enlarged), FindOne(picture, leftEye, enlarged));
        if (right is null || left is null)
            return (Alone(right), Alone(left));
        var apart = FaceMeasures.Gaze(rightEye, right.Value.Middle)! - FaceMeasures.Gaze(leftEye, left.Value.Middle)!;
        return apart.Value.Length() <= MostApart ? (right.Value.Middle, left.Value.Middle) : (null, null);

        static Vector2? Alone((Vector2 Middle, float Explained)? iris) =>
            iris is { Explained: >= LeastAlone } seen ? seen.Middle : null;
    }

    private static (Vector2 Middle, float Explained)? FindOne(Picture picture, ReadOnlySpan<Vector2> eye, float enlarged)
    {
        var across = eye[3] - eye[0];
        var width = across.Length();
        if (!(width >= LeastWidth * enlarged && width < 1e5f))
            return null;
        var map = ToPatch(eye[0], across / Width);
        Span<float> top = stackalloc float[Width];
        Span<float> bottom = stackalloc float[Width];
        Lids(eye, map, top, bottom);
        var patch = picture.Warp(map, Width, Height, antialias: true);

        // Sums of the pixels between the lids from the left edge, a row each, and how many they are.
        Span<float> sums = stackalloc float[(Width + 1) * Height];
        Span<float> counts = stackalloc float[(Width + 1) * Height];
        var (all, squares, count) = (0f, 0f, 0f);
        for (var y = 0; y < Height; y++)
        {
            var row = patch.Row(y);
            var at = y * (Width + 1);
            (sums[at], counts[at]) = (0, 0);
            for (var x = 0; x < Width; x++, at++)
            {
                var isSeen = y >= top[x] && y <= bottom[x];
                // Blue irises are dark in red, brown ones in blue, and the white of an eye in neither.
                var grey = isSeen ? (float)Math.Min(row[3 * x], Math.Min(row[(3 * x) + 1], row[(3 * x) + 2])) : 0;
                (sums[at + 1], counts[at + 1]) = (sums[at] + grey, counts[at] + (isSeen ? 1 : 0));
                (all, squares, count) = (all + grey, squares + (grey * grey), count + (isSeen ? 1 : 0));
            }
        }
        var variance = squares - (all * all / count);
        // Lids that are all but shut, or nothing between them.
        if (count < 2 * Width || !(variance > 0))
            return null;
        Span<float> explained = stackalloc float[Width * Height];
        explained.Clear();
        var best = 0f;
        for (var y = 0; y < Height; y++)
        {
            for (var x = Width / 8; x < Width - (Width / 8); x++)
            {
                if (y < top[x] || y > bottom[x])
                    continue;
                var between = Between(sums, counts, x, y, all, count);
                var aside = (x + 0.5f - (Width / 2)) / Width;
                best = MathF.Max(best, explained[(y * Width) + x] = between / variance * (1 - (Cornered * aside * aside)));
            }
        }
        if (best < LeastExplained)
            return null;
        var (middle, weights) = (Vector2.Zero, 0f);
        for (var i = 0; i < explained.Length; i++)
        {
            var weight = MathF.Max(0, explained[i] - best + Even);
            middle += weight * new Vector2(i % Width, i / Width);
            weights += weight;
        }
        return (map.Invert().Apply(middle / weights), best);
    }

    /// <summary>From the picture to the patch; a step is a column of the patch, in the picture.</summary>
    private static Homography ToPatch(Vector2 corner, Vector2 step)
    {
        // The patch's row 0 is half its height above the corners.
        var origin = corner + (0.5f * step) - ((Height / 2) * new Vector2(-step.Y, step.X));
        return Homography.Affine(step.X, -step.Y, origin.X, step.Y, step.X, origin.Y).Invert();
    }

    /// <summary>The first and the last row between the lids in each column.</summary>
    private static void Lids(ReadOnlySpan<Vector2> eye, in Homography map, Span<float> top, Span<float> bottom)
    {
        Span<Vector2> p = stackalloc Vector2[eye.Length];
        for (var i = 0; i < p.Length; i++)
            p[i] = map.Apply(eye[i]);
        for (var x = 0; x < top.Length; x++)
        {
            var (upper, lower) = (Across(x, p[0], p[1], p[2], p[3]), Across(x, p[0], p[5], p[4], p[3]));
            (top[x], bottom[x]) = (upper + (Shadow * (lower - upper)), lower);
        }

        static float Across(float x, Vector2 a, Vector2 b, Vector2 c, Vector2 d)
        {
            var (from, to) = x < b.X ? (a, b) : x < c.X ? (b, c) : (c, d);
            var share = (x - from.X) / MathF.Max(to.X - from.X, 1e-3f);
            return float.Lerp(from.Y, to.Y, Math.Clamp(share, 0, 1));
        }
    }

    /// <summary>The most variance that an ellipse about a pixel takes away; 0 where none is dark and of an iris's size.</summary>
    private static float Between(
        ReadOnlySpan<float> sums, ReadOnlySpan<float> counts, int x, int y, float all, float count)
    {
        // Shares of what is between the lids.
        const float LeastInside = 0.12f, LeastOutside = 0.2f;
        var most = 0f;
        foreach (var radius in Radii)
        {
            foreach (var height in Heights)
            {
                var (sum, inside) = Inside(sums, counts, x, y, radius * Width, radius * height * Width);
                var outside = count - inside;
                if (inside < LeastInside * count || outside < LeastOutside * count)
                    continue;
                var contrast = ((all - sum) / outside) - (sum / inside);
                if (contrast >= LeastContrast)
                    most = MathF.Max(most, inside * outside / count * contrast * contrast);
            }
        }
        return most;
    }

    private static (float Sum, float Count) Inside(
        ReadOnlySpan<float> sums, ReadOnlySpan<float> counts, int x, int y, float radius, float height)
    {
        var (sum, count) = (0f, 0f);
        var last = Math.Min(Height - 1, y + (int)height);
        for (var row = Math.Max(0, y - (int)height); row <= last; row++)
        {
            var dy = (row - y) / height;
            var half = radius * MathF.Sqrt(MathF.Max(0, 1 - (dy * dy)));
            var left = (row * (Width + 1)) + Math.Max(0, (int)MathF.Round(x - half));
            var right = (row * (Width + 1)) + Math.Min(Width, (int)MathF.Round(x + half) + 1);
            sum += sums[right] - sums[left];
            count += counts[right] - counts[left];
        }
        return (sum, count);
    }
}
