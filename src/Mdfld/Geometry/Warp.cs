using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mdfld;

/// <summary>Moves the pixels of a picture by a projective map. What comes from outside the source is black.</summary>
public static class Warp
{
    // A source position is a whole number of 1/32 pixels, as in OpenCV; the four weights then sum to 1024.
    private const int FractionBits = 5;
    private const int One = 1 << FractionBits;
    private const int WeightBits = 2 * FractionBits;
    private const int Half = 1 << (WeightBits - 1);

    /// <summary>A new picture of <paramref name="width"/> x <paramref name="height"/> pixels, warped from the source.</summary>
    /// <param name="source">The picture to read.</param>
    /// <param name="sourceToTarget">Takes pixels of the source to pixels of the new picture.</param>
    /// <param name="width">Columns of the new picture.</param>
    /// <param name="height">Rows of the new picture.</param>
    /// <param name="sampling">How the source is read between its pixels.</param>
    /// <exception cref="InvalidOperationException">The map is singular.</exception>
    public static Image Apply(
        Image source, Homography sourceToTarget, int width, int height, Sampling sampling = Sampling.Bilinear)
    {
        var target = new Image(width, height);
        Into(source, sourceToTarget, target, sampling);
        return target;
    }

    /// <summary>Warps the source into a picture that is already there; every pixel of it is written.</summary>
    /// <param name="source">The picture to read.</param>
    /// <param name="sourceToTarget">Takes pixels of the source to pixels of the target.</param>
    /// <param name="target">The picture to write; another one than the source.</param>
    /// <param name="sampling">How the source is read between its pixels.</param>
    /// <exception cref="ArgumentException">Source and target are the same picture.</exception>
    /// <exception cref="InvalidOperationException">The map is singular.</exception>
    public static void Into(Image source, Homography sourceToTarget, Image target, Sampling sampling)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        if (ReferenceEquals(source, target))
            throw new ArgumentException("a picture cannot be warped into itself", nameof(target));

        var targetToSource = sourceToTarget.Invert();
        if (sampling == Sampling.Antialiased
            && BoxReduction.For(source, targetToSource, target.Width, target.Height) is { } reduction)
        {
            source = reduction.Reduce(source);
            targetToSource = reduction.FromSource * targetToSource;
        }

        var positions = ArrayPool<int>.Shared.Rent(2 * target.Width);
        try
        {
            var xs = positions.AsSpan(0, target.Width);
            var ys = positions.AsSpan(target.Width, target.Width);
            for (var y = 0; y < target.Height; y++)
            {
                FillPositions(targetToSource, y, xs, ys);
                SampleRow(source, xs, ys, target.Row(y));
            }
        }
        finally
        {
            ArrayPool<int>.Shared.Return(positions);
        }
    }

    /// <summary>Source positions of row <paramref name="y"/> of the target, in 1/32 pixels, rounded half to even.</summary>
    private static void FillPositions(in Homography targetToSource, int y, Span<int> xs, Span<int> ys)
    {
        var m = targetToSource;
        var x0 = (m.M12 * y) + m.M13;
        var y0 = (m.M22 * y) + m.M23;
        if (m.M31 == 0 && m.M32 == 0 && m.M33 == 1)
        {
            for (var x = 0; x < xs.Length; x++)
            {
                xs[x] = (int)Math.Round(((m.M11 * x) + x0) * One);
                ys[x] = (int)Math.Round(((m.M21 * x) + y0) * One);
            }

            return;
        }

        var w0 = (m.M32 * y) + m.M33;
        for (var x = 0; x < xs.Length; x++)
        {
            var w = (m.M31 * x) + w0;
            var scale = w == 0 ? 0 : One / w;
            xs[x] = (int)Math.Round(((m.M11 * x) + x0) * scale);
            ys[x] = (int)Math.Round(((m.M21 * x) + y0) * scale);
        }
    }

    private static void SampleRow(Image source, ReadOnlySpan<int> xs, ReadOnlySpan<int> ys, Span<byte> target)
    {
        var (width, height) = (source.Width, source.Height);
        var stride = width * Image.Channels;
        ref var pixels = ref MemoryMarshal.GetReference(source.Data);
        ref var written = ref MemoryMarshal.GetReference(target);
        for (var i = 0; i < xs.Length; i++)
        {
            int x = xs[i] >> FractionBits, y = ys[i] >> FractionBits;
            int fx = xs[i] & (One - 1), fy = ys[i] & (One - 1);
            ref var to = ref Unsafe.Add(ref written, i * Image.Channels);
            if ((uint)x < (uint)(width - 1) && (uint)y < (uint)(height - 1))
            {
                ref var top = ref Unsafe.Add(ref pixels, (y * stride) + (x * Image.Channels));
                ref var bottom = ref Unsafe.Add(ref top, stride);
                for (var c = 0; c < Image.Channels; c++)
                {
                    Unsafe.Add(ref to, c) = Blend(
                        Unsafe.Add(ref top, c), Unsafe.Add(ref top, c + Image.Channels),
                        Unsafe.Add(ref bottom, c), Unsafe.Add(ref bottom, c + Image.Channels), fx, fy);
                }
            }
            else
            {
                var into = target.Slice(i * Image.Channels, Image.Channels);
                if (x < -1 || y < -1 || x >= width || y >= height)
                    into.Clear();
                else
                    SampleBorder(source, x, y, fx, fy, into);
            }
        }
    }

    /// <summary>A pixel with at least one neighbour in the picture and one outside, which counts as black.</summary>
    private static void SampleBorder(Image source, int x, int y, int fx, int fy, Span<byte> to)
    {
        for (var c = 0; c < to.Length; c++)
            to[c] = Blend(At(x, y, c), At(x + 1, y, c), At(x, y + 1, c), At(x + 1, y + 1, c), fx, fy);

        byte At(int column, int row, int channel) =>
            (uint)column < (uint)source.Width && (uint)row < (uint)source.Height
                ? source.Data[(((row * source.Width) + column) * Image.Channels) + channel]
                : (byte)0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte Blend(int topLeft, int topRight, int bottomLeft, int bottomRight, int fx, int fy)
    {
        var top = (topLeft << FractionBits) + ((topRight - topLeft) * fx);
        var bottom = (bottomLeft << FractionBits) + ((bottomRight - bottomLeft) * fx);
        return (byte)(((top << FractionBits) + ((bottom - top) * fy) + Half) >> WeightBits);
    }
}
