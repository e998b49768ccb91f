using System.Numerics;

namespace Mdfld.Training.Augmentation;

/// <summary>Linear filters on square planes; borders are repeated.</summary>
internal static class PlaneFilters
{
    private const int LargestRadius = 32;

    /// <summary>Gaussian blur; source and target may be the same, scratch must be neither.</summary>
    /// <remarks><c>deviation</c>: Standard deviation, pixels; the kernel is cut at 2.5 of it.</remarks>
    public static void Gaussian(
        ReadOnlySpan<float> source, Span<float> target, Span<float> scratch, int size, float deviation)
    {
        var radius = Math.Clamp((int)MathF.Ceiling(2.5f * deviation), 1, LargestRadius);
        Span<float> kernel = stackalloc float[(2 * radius) + 1];
        var sum = 0f;
        for (var i = -radius; i <= radius; i++)
            sum += kernel[i + radius] = MathF.Exp(-i * i / (2 * deviation * deviation));
        for (var i = 0; i < kernel.Length; i++)
            kernel[i] /= sum;
        Rows(source, scratch, size, kernel);
        Columns(scratch, target, size, kernel);
    }

    /// <summary>
    /// Mean over a square of side 2 radius + 1; source and target may be the same, scratch must be neither.
    /// </summary>
    public static void Box(ReadOnlySpan<float> source, Span<float> target, Span<float> scratch, int size, int radius)
    {
        radius = Math.Min(radius, size - 1);
        var scale = 1f / ((2 * radius) + 1);
        for (var y = 0; y < size; y++)
        {
            var row = source.Slice(y * size, size);
            var output = scratch.Slice(y * size, size);
            var sum = row[0] * (radius + 1);
            for (var x = 1; x <= radius; x++)
                sum += row[x];
            for (var x = 0; x < size; x++)
            {
                output[x] = sum * scale;
                sum += row[Math.Min(x + radius + 1, size - 1)] - row[Math.Max(x - radius, 0)];
            }
        }
        Span<float> column = stackalloc float[size];
        var running = Canvas.Lanes(column);
        column.Clear();
        for (var y = -radius; y <= radius; y++)
            Add(running, Canvas.Lanes(scratch.Slice(Math.Clamp(y, 0, size - 1) * size, size)));
        for (var y = 0; y < size; y++)
        {
            var output = Canvas.Lanes(target.Slice(y * size, size));
            var entering = Canvas.Lanes(scratch.Slice(Math.Min(y + radius + 1, size - 1) * size, size));
            var leaving = Canvas.Lanes(scratch.Slice(Math.Max(y - radius, 0) * size, size));
            for (var i = 0; i < output.Length; i++)
            {
                output[i] = running[i] * scale;
                running[i] += entering[i] - leaving[i];
            }
        }
    }

    /// <summary>Convolution along the rows with an odd kernel.</summary>
    public static void Rows(ReadOnlySpan<float> source, Span<float> target, int size, ReadOnlySpan<float> kernel)
    {
        var radius = kernel.Length / 2;
        Span<float> padded = stackalloc float[size + (2 * radius)];
        for (var y = 0; y < size; y++)
        {
            var row = source.Slice(y * size, size);
            padded[..radius].Fill(row[0]);
            row.CopyTo(padded[radius..]);
            padded[(radius + size)..].Fill(row[^1]);
            var output = target.Slice(y * size, size);
            for (var x = 0; x < size; x += Vector<float>.Count)
            {
                var sum = Vector<float>.Zero;
                for (var k = 0; k < kernel.Length; k++)
                    sum += new Vector<float>(padded[(x + k)..]) * kernel[k];
                sum.CopyTo(output[x..]);
            }
        }
    }

    /// <summary>Convolution along the columns with an odd kernel.</summary>
    public static void Columns(Span<float> source, Span<float> target, int size, ReadOnlySpan<float> kernel)
    {
        var radius = kernel.Length / 2;
        for (var y = 0; y < size; y++)
        {
            var output = Canvas.Lanes(target.Slice(y * size, size));
            output.Clear();
            for (var k = 0; k < kernel.Length; k++)
            {
                var row = Canvas.Lanes(source.Slice(Math.Clamp(y + k - radius, 0, size - 1) * size, size));
                for (var i = 0; i < output.Length; i++)
                    output[i] += row[i] * kernel[k];
            }
        }
    }

    private static void Add(Span<Vector<float>> sum, ReadOnlySpan<Vector<float>> values)
    {
        for (var i = 0; i < sum.Length; i++)
            sum[i] += values[i];
    }
}
