using System.Numerics;

namespace Mdfld;

/// <summary>
/// How much of each pixel a shape covers, 0 to 1, within the part of a picture where it covers anything. Pixel (x, y)
/// is the square of side 1 round the point (x, y).
/// </summary>
public sealed class Coverage
{
    private readonly float[] _values;

    private Coverage(int left, int top, int width, int height)
    {
        (Left, Top, Width, Height) = (left, top, width, height);
        _values = new float[width * height];
    }

    public int Left { get; }

    public int Top { get; }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Coverage of columns Left to Left + Width of row Top + <paramref name="row"/>.</summary>
    public ReadOnlySpan<float> Row(int row) => Values(row);

    /// <summary>The inside of a closed polygon that does not cross itself, with exact areas.</summary>
    /// <param name="polygon">Its corners; the last is joined to the first.</param>
    /// <param name="width">Columns of the picture.</param>
    /// <param name="height">Rows of the picture.</param>
    public static Coverage Fill(ReadOnlySpan<Vector2> polygon, int width, int height)
    {
        var mask = Around(polygon, 1, width, height);
        var origin = new Vector2(mask.Left - 0.5f, mask.Top - 0.5f);
        for (var i = 0; i < polygon.Length; i++)
            mask.AddEdge(polygon[i] - origin, polygon[(i + 1) % polygon.Length] - origin);
        // The edges left, in each pixel, the change of coverage from its left neighbour.
        for (var y = 0; y < mask.Height; y++)
        {
            var sum = 0f;
            foreach (ref var value in mask.Values(y))
            {
                sum += value;
                value = MathF.Min(MathF.Abs(sum), 1);
            }
        }
        return mask;
    }

    /// <summary>A line with round ends and joints.</summary>
    /// <param name="line">Its corners; one alone is a disc.</param>
    /// <param name="startWidth">Width at the first corner, pixels.</param>
    /// <param name="endWidth">Width at the last; between, it changes evenly from corner to corner.</param>
    /// <param name="width">Columns of the picture.</param>
    /// <param name="height">Rows of the picture.</param>
    public static Coverage Stroke(ReadOnlySpan<Vector2> line, float startWidth, float endWidth, int width, int height)
    {
        var mask = Around(line, (MathF.Max(startWidth, endWidth) / 2) + 1, width, height);
        var last = Math.Max(line.Length - 1, 1);
        for (var i = 0; i < last; i++)
        {
            var (from, to) = ((float)i / last, (float)(i + 1) / last);
            mask.AddSegment(
                line[i], line[Math.Min(i + 1, line.Length - 1)],
                float.Lerp(startWidth, endWidth, from) / 2, float.Lerp(startWidth, endWidth, to) / 2);
        }
        return mask;
    }

    /// <summary>This shape where <paramref name="other"/> is too.</summary>
    public Coverage Within(Coverage other) => Combine(other, static (a, b) => a * b);

    /// <summary>This shape where <paramref name="other"/> is not.</summary>
    public Coverage Without(Coverage other) => Combine(other, static (a, b) => a * (1 - b));

    /// <summary>The shape with soft edges: three box means, close to a Gaussian.</summary>
    /// <param name="sigma">Standard deviation, pixels.</param>
    /// <param name="width">Columns of the picture, beyond which nothing is kept.</param>
    /// <param name="height">Rows of the picture.</param>
    public Coverage Blurred(float sigma, int width, int height)
    {
        // Three boxes of 2 r + 1 have the variance r (r + 1).
        var radius = (int)MathF.Round(MathF.Sqrt((sigma * sigma) + 0.25f) - 0.5f);
        var margin = 3 * radius;
        var (left, top) = (Math.Max(Left - margin, 0), Math.Max(Top - margin, 0));
        var soft = new Coverage(
            left, top, Math.Min(Left + Width + margin, width) - left, Math.Min(Top + Height + margin, height) - top);
        for (var y = 0; y < Height; y++)
            Row(y).CopyTo(soft.Values(y + Top - top)[(Left - left)..]);
        var line = new float[Math.Max(soft.Width, soft.Height)];
        for (var pass = 0; pass < 3; pass++)
        {
            for (var y = 0; y < soft.Height; y++)
                BoxMean(soft._values, y * soft.Width, 1, soft.Width, radius, line);
            for (var x = 0; x < soft.Width; x++)
                BoxMean(soft._values, x, soft.Width, soft.Height, radius, line);
        }
        return soft;
    }

    private static Coverage Around(ReadOnlySpan<Vector2> points, float margin, int width, int height)
    {
        var box = FaceBox.Around(points);
        var left = Math.Clamp((int)MathF.Floor(box.Left - margin), 0, width);
        var top = Math.Clamp((int)MathF.Floor(box.Top - margin), 0, height);
        var right = Math.Clamp((int)MathF.Ceiling(box.Left + box.Width + margin) + 1, left, width);
        var bottom = Math.Clamp((int)MathF.Ceiling(box.Top + box.Height + margin) + 1, top, height);
        return new Coverage(left, top, right - left, bottom - top);
    }

    private static void BoxMean(float[] values, int start, int stride, int count, int radius, float[] line)
    {
        for (var i = 0; i < count; i++)
            line[i] = values[start + (i * stride)];
        var sum = 0f;
        for (var i = 0; i < Math.Min(radius, count); i++)
            sum += line[i];
        for (var i = 0; i < count; i++)
        {
            if (i + radius < count)
                sum += line[i + radius];
            values[start + (i * stride)] = MathF.Max(sum, 0) / ((2 * radius) + 1);
            if (i - radius >= 0)
                sum -= line[i - radius];
        }
    }

    private Span<float> Values(int row) => _values.AsSpan(row * Width, Width);

    private Coverage Combine(Coverage other, Func<float, float, float> rule)
    {
        var result = new Coverage(Left, Top, Width, Height);
        for (var y = 0; y < Height; y++)
        {
            var row = y + Top - other.Top;
            var target = result.Values(y);
            for (var x = 0; x < Width; x++)
            {
                var column = x + Left - other.Left;
                var inside = (uint)row < (uint)other.Height && (uint)column < (uint)other.Width;
                target[x] = rule(_values[(y * Width) + x], inside ? other._values[(row * other.Width) + column] : 0);
            }
        }
        return result;
    }

    // Pixel corners are whole numbers here. In each row an edge gives every pixel it meets the area to its right, and
    // the pixel after the rest, so that running sums along the row are coverages.
    private void AddEdge(Vector2 from, Vector2 to)
    {
        if (from.Y == to.Y)
            return;
        var direction = from.Y < to.Y ? 1f : -1f;
        var (upper, lower) = from.Y < to.Y ? (from, to) : (to, from);
        var slope = (lower.X - upper.X) / (lower.Y - upper.Y);
        var last = Math.Min(Height, (int)MathF.Ceiling(lower.Y));
        for (var y = Math.Max(0, (int)upper.Y); y < last; y++)
        {
            var (y0, y1) = (MathF.Max(y, upper.Y), MathF.Min(y + 1, lower.Y));
            if (y1 <= y0)
                continue;
            var (x0, x1) = (upper.X + ((y0 - upper.Y) * slope), upper.X + ((y1 - upper.Y) * slope));
            AddSlice(Values(y), x0, x1, direction * (y1 - y0));
        }
    }

    private void AddSlice(Span<float> row, float x0, float x1, float height)
    {
        var (low, high) = (Math.Clamp(MathF.Min(x0, x1), 0, Width), Math.Clamp(MathF.Max(x0, x1), 0, Width));
        var (first, last) = ((int)low, Math.Max((int)low, (int)MathF.Ceiling(high) - 1));
        for (var x = first; x <= last && x < Width; x++)
        {
            // The share of the edge that runs through this column, and where its middle lies in it.
            var (left, right) = (MathF.Max(low, x), MathF.Min(high, x + 1));
            var part = high > low ? height * (right - left) / (high - low) : height;
            var inside = part * (x + 1 - ((left + right) / 2));
            row[x] += inside;
            if (x + 1 < Width)
                row[x + 1] += part - inside;
        }
    }

    private void AddSegment(Vector2 from, Vector2 to, float startRadius, float endRadius)
    {
        var reach = MathF.Max(startRadius, endRadius) + 1;
        var (low, high) = (Vector2.Min(from, to), Vector2.Max(from, to));
        var firstX = Math.Max(Left, (int)MathF.Floor(low.X - reach));
        var lastX = Math.Min(Left + Width - 1, (int)MathF.Ceiling(high.X + reach));
        var firstY = Math.Max(Top, (int)MathF.Floor(low.Y - reach));
        var lastY = Math.Min(Top + Height - 1, (int)MathF.Ceiling(high.Y + reach));
        var along = to - from;
        var squared = along.LengthSquared();
        for (var y = firstY; y <= lastY; y++)
        {
            var row = Values(y - Top);
            for (var x = firstX; x <= lastX; x++)
            {
                var p = new Vector2(x, y);
                var t = squared > 0 ? Math.Clamp(Vector2.Dot(p - from, along) / squared, 0, 1) : 0;
                var radius = float.Lerp(startRadius, endRadius, t);
                // A line thinner than a pixel is as wide as one, and fainter.
                var strength = MathF.Min(1, 2 * radius);
                var value = strength * Math.Clamp(
                    MathF.Max(radius, 0.5f) - Vector2.Distance(p, from + (t * along)) + 0.5f, 0, 1);
                row[x - Left] = MathF.Max(row[x - Left], value);
            }
        }
    }
}
