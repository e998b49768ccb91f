using System.Runtime.InteropServices;

namespace Mdfld.Training.Augment;

/// <summary>
/// A square picture that filters work on: colours as floats, 0..255, row by row, and planes of one float a pixel beside
/// them. Lengths are pixels of a picture of 128 and grow with the side.
/// </summary>
internal sealed class FilterPicture
{
    private static readonly Vector3 Rec601 = new(0.299f, 0.587f, 0.114f);

    /// <param name="size">Side in pixels, a multiple of 16, so that rows are made of full vectors.</param>
    public FilterPicture(int size) => (Size, Pixels) = (size, new Vector3[size * size]);

    public FilterPicture(Picture picture)
        : this(picture.Width) => CopyFrom(picture);

    public int Size { get; }
    public Vector3[] Pixels { get; }

    /// <summary>Pixels that a length of 1 is worth here.</summary>
    public float Unit => Size / 128f;

    public static float Luma(Vector3 colour) => Vector3.Dot(colour, Rec601);

    /// <summary>A colour within 0..255.</summary>
    public static Vector3 Clamped(Vector3 colour) => Vector3.Clamp(colour, Vector3.Zero, new Vector3(255));

    public static byte ToByte(float value) => (byte)Math.Clamp((int)(value + 0.5f), 0, 255);

    /// <summary>Luma of every pixel, a new plane.</summary>
    public float[] Grey() => Array.ConvertAll(Pixels, Luma);

    /// <summary>A new plane of noise, mean 0 and variance 1.</summary>
    public float[] Noise(Random random)
    {
        var (plane, source) = (new float[Pixels.Length], new NoiseSource(random));
        foreach (ref var v in plane.AsSpan())
            v = source.NextNormal();
        return plane;
    }

    /// <summary>Gives every pixel a colour, from its number and the one it has.</summary>
    public void Map(Func<int, Vector3, Vector3> colour)
    {
        for (var i = 0; i < Pixels.Length; i++)
            Pixels[i] = colour(i, Pixels[i]);
    }

    /// <summary>Blurs the colours with a Gaussian; borders are repeated.</summary>
    public void Blur(float deviation) => Blur(Pixels, deviation);

    public void Blur(Vector3[] colours, float deviation) =>
        Convolve(MemoryMarshal.Cast<Vector3, float>(colours.AsSpan()), 3, Gaussian(deviation));

    /// <summary>Blurs a plane in place and returns it.</summary>
    public float[] Blur(float[] plane, float deviation)
    {
        Convolve(plane, 1, Gaussian(deviation));
        return plane;
    }

    public float[] Blurred(float[] plane, float deviation) => Blur([.. plane], deviation);

    /// <summary>Replaces a plane by the means of squares; <paramref name="radius"/> in pixels.</summary>
    public void Mean(float[] plane, int radius) => Box(plane, 1, radius);

    public void Mean(Vector3[] colours, int radius) =>
        Box(MemoryMarshal.Cast<Vector3, float>(colours.AsSpan()), 3, radius);

    /// <summary>Pixels of a length, at least 1.</summary>
    public int Radius(float length) => Math.Max(1, (int)(length * Unit));

    public void CopyFrom(Picture source)
    {
        var data = source.Data;
        for (int i = 0, o = 0; i < Pixels.Length; i++, o += 3)
            Pixels[i] = new Vector3(data[o], data[o + 1], data[o + 2]);
    }

    /// <summary>Copies the colours to 8-bit pixels, rounded and clamped.</summary>
    public void CopyTo(Picture target)
    {
        var data = target.Data;
        for (int i = 0, o = 0; i < Pixels.Length; i++, o += 3)
        {
            var colour = Pixels[i];
            (data[o], data[o + 1], data[o + 2]) = (ToByte(colour.X), ToByte(colour.Y), ToByte(colour.Z));
        }
    }

    /// <summary>Replaces the colours by those of an 8-bit picture made from them.</summary>
    public void MapPicture(Func<Picture, Picture> change)
    {
        var picture = new Picture(Size, Size);
        CopyTo(picture);
        CopyFrom(change(picture));
    }

    private float[] Gaussian(float deviation)
    {
        deviation *= Unit;
        // Cut at 2.5 deviations.
        var radius = Math.Clamp((int)MathF.Ceiling(2.5f * deviation), 1, 64);
        var kernel = new float[(2 * radius) + 1];
        for (var i = -radius; i <= radius; i++)
            kernel[i + radius] = MathF.Exp(-i * i / (2 * deviation * deviation));
        var sum = kernel.Sum();
        return Array.ConvertAll(kernel, k => k / sum);
    }

    /// <summary>Means over squares by running sums, in place; borders are repeated.</summary>
    private void Box(Span<float> data, int channels, int radius)
    {
        var (stride, last) = (Size * channels, Size - 1);
        var rows = new float[data.Length];
        for (var i = 0; i < Size * channels; i++)
        {
            var row = data.Slice(i / channels * stride, stride);
            var (channel, sum) = (i % channels, 0f);
            for (var x = -radius; x <= radius; x++)
                sum += row[(Math.Clamp(x, 0, last) * channels) + channel];
            for (var x = 0; x < Size; x++)
            {
                rows[(i / channels * stride) + (x * channels) + channel] = sum;
                sum += row[(Math.Min(x + radius + 1, last) * channels) + channel]
                    - row[(Math.Max(x - radius, 0) * channels) + channel];
            }
        }
        Span<float> running = new float[stride];
        for (var y = -radius; y <= radius; y++)
            Add(running, rows.AsSpan(Math.Clamp(y, 0, last) * stride, stride), 1);
        data.Clear();
        var area = ((2f * radius) + 1) * ((2 * radius) + 1);
        for (var y = 0; y < Size; y++)
        {
            Add(data.Slice(y * stride, stride), running, 1 / area);
            Add(running, rows.AsSpan(Math.Min(y + radius + 1, last) * stride, stride), 1);
            Add(running, rows.AsSpan(Math.Max(y - radius, 0) * stride, stride), -1);
        }
    }

    /// <summary>Convolves rows, then columns, with an odd kernel, in place; borders are repeated.</summary>
    private void Convolve(Span<float> data, int channels, ReadOnlySpan<float> kernel)
    {
        var (radius, stride) = (kernel.Length / 2, Size * channels);
        var rows = new float[data.Length];
        Span<float> padded = new float[stride + (2 * radius * channels)];
        for (var y = 0; y < Size; y++)
        {
            var row = data.Slice(y * stride, stride);
            row.CopyTo(padded[(radius * channels)..]);
            for (var k = 0; k < radius; k++)
            {
                row[..channels].CopyTo(padded[(k * channels)..]);
                row[^channels..].CopyTo(padded[^((k + 1) * channels)..]);
            }
            for (var k = 0; k < kernel.Length; k++)
                Add(rows.AsSpan(y * stride, stride), padded.Slice(k * channels, stride), kernel[k]);
        }
        data.Clear();
        for (var y = 0; y < Size; y++)
        {
            for (var k = 0; k < kernel.Length; k++)
            {
                var from = Math.Clamp(y + k - radius, 0, Size - 1) * stride;
                Add(data.Slice(y * stride, stride), rows.AsSpan(from, stride), kernel[k]);
            }
        }
    }

    private static void Add(Span<float> sums, ReadOnlySpan<float> row, float factor)
    {
        var target = MemoryMarshal.Cast<float, Vector<float>>(sums);
        var source = MemoryMarshal.Cast<float, Vector<float>>(row);
        for (var i = 0; i < target.Length; i++)
            target[i] += source[i] * factor;
    }
}
