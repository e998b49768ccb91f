using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Mdfld;

public sealed partial class Picture
{
    /// <summary>A new picture, warped from this one. What comes from outside is black.</summary>
    /// <param name="toTarget">Takes pixels of this picture to pixels of the new one.</param>
    /// <param name="width">Columns of the new picture.</param>
    /// <param name="height">Rows of the new picture.</param>
    /// <param name="antialias">
    /// For shrinking: the pixels are first reduced by box means of 2 x 2, as often as the map shrinks by 2. Without it
    /// the result is bilinear, byte for byte that of OpenCV's <c>warpPerspective</c>, and aliases where it shrinks.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A side is less than 1, or too large.</exception>
    /// <exception cref="InvalidOperationException">The map is singular.</exception>
    public Picture Warp(Homography toTarget, int width, int height, bool antialias = false)
    {
        var target = new Picture(width, height);
        WarpInto(toTarget, target, antialias);
        return target;
    }

    /// <summary>Warps this picture into one that is already there; every pixel of that is written.</summary>
    /// <param name="toTarget">Takes pixels of this picture to pixels of the target.</param>
    /// <param name="target">The picture to write.</param>
    /// <param name="antialias">As in <see cref="Warp"/>.</param>
    /// <exception cref="ArgumentException">The target is this picture.</exception>
    /// <exception cref="InvalidOperationException">The map is singular.</exception>
    public void WarpInto(Homography toTarget, Picture target, bool antialias = false)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (ReferenceEquals(this, target))
            throw new ArgumentException("a picture cannot be warped into itself", nameof(target));
        var source = this;
        // An opened picture is decoded no larger than a shrinking map can see.
        if (antialias && toTarget.IsAffine && _file is { } file)
        {
            var level = file.Level(toTarget.LargestScale);
            (source, toTarget) = (level.Picture, toTarget * level.FromFull.Invert());
        }
        Mdfld.Warp.Into(source, toTarget, target, antialias);
    }

    /// <summary>The pixels as networks take them: a plane a channel, every byte through a table.</summary>
    /// <param name="planes">Receives three planes of Height x Width; all is written.</param>
    /// <param name="values">256 values: what each byte becomes.</param>
    /// <param name="isBgr">Whether the planes are blue, green, red.</param>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public void ToPlanes(Span<float> planes, ReadOnlySpan<float> values, bool isBgr)
    {
        var area = Width * Height;
        var (red, blue) = isBgr ? (2, 0) : (0, 2);
        var reds = planes.Slice(red * area, area);
        var greens = planes.Slice(area, area);
        var blues = planes.Slice(blue * area, area);
        values = values[..256];
        var pixels = MemoryMarshal.Cast<byte, Rgb>(_data)[..area];
        for (var i = 0; i < pixels.Length; i++)
        {
            var pixel = pixels[i];
            reds[i] = values[pixel.R];
            greens[i] = values[pixel.G];
            blues[i] = values[pixel.B];
        }
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private readonly struct Rgb
    {
        public readonly byte R;
        public readonly byte G;
        public readonly byte B;
    }
}

/// <summary>
/// Moves the pixels of a picture by a projective map. Bilinear: four neighbours with weights in 1/32 of a pixel, byte
/// for byte what OpenCV's <c>warpPerspective</c> gives with INTER_LINEAR and a black border.
/// </summary>
internal static class Warp
{
    // A source position is a whole number of 1/32 pixels, as in OpenCV; the four weights then sum to 1024.
    private const int FractionBits = 5;
    private const int One = 1 << FractionBits;
    private const int WeightBits = 2 * FractionBits;

    // Positions are computed in double precision, as in OpenCV, four at a time.
    private const int PositionsAtOnce = 4;

    // Red, green and blue are worked on together, in lanes of one 64-bit word that hold 255 * 1024 and the rounding.
    private const int LaneBits = 20;
    private const ulong HalfInLanes =
        (1UL << (WeightBits - 1)) * (1 | (1UL << LaneBits) | (1UL << (2 * LaneBits)));

    /// <summary>Warps the source into another picture; every pixel of that is written.</summary>
    /// <inheritdoc cref="Picture.WarpInto"/>
    public static void Into(Picture source, Homography sourceToTarget, Picture target, bool antialias)
    {
        var targetToSource = sourceToTarget.Invert();
        if (antialias
            && BoxReduction.For(source, targetToSource, target.Width, target.Height) is { } reduction)
        {
            source = reduction.Reduce(source);
            targetToSource = reduction.FromSource * targetToSource;
        }

        var count = (target.Width + PositionsAtOnce - 1) / PositionsAtOnce * PositionsAtOnce;
        var positions = ArrayPool<int>.Shared.Rent(2 * count);
        try
        {
            var xs = positions.AsSpan(0, count);
            var ys = positions.AsSpan(count, count);
            for (var y = 0; y < target.Height; y++)
            {
                FillPositions(targetToSource, y, xs, ys);
                SampleRow(source, xs[..target.Width], ys[..target.Width], target.Row(y));
            }
        }
        finally
        {
            ArrayPool<int>.Shared.Return(positions);
        }
    }

    /// <summary>
    /// Source positions of row <paramref name="y"/> of the target, in 1/32 pixels, rounded half to even; four at a
    /// time, up to the length of the spans.
    /// </summary>
    private static void FillPositions(in Homography targetToSource, int y, Span<int> xs, Span<int> ys)
    {
        var m = targetToSource;
        var isAffine = m.IsAffine;
        var x0 = Vector256.Create((m.M12 * y) + m.M13);
        var y0 = Vector256.Create((m.M22 * y) + m.M23);
        var w0 = Vector256.Create((m.M32 * y) + m.M33);
        var scale = Vector256.Create((double)One);
        var columns = Vector256.Create(0.0, 1, 2, 3);
        for (var i = 0; i < xs.Length; i += PositionsAtOnce)
        {
            if (!isAffine)
            {
                var w = (columns * m.M31) + w0;
                scale = Vector256.ConditionalSelect(
                    Vector256.Equals(w, Vector256<double>.Zero), w, Vector256.Create((double)One) / w);
            }

            Round(((columns * m.M11) + x0) * scale).CopyTo(xs[i..]);
            Round(((columns * m.M21) + y0) * scale).CopyTo(ys[i..]);
            columns += Vector256.Create((double)PositionsAtOnce);
        }
    }

    /// <summary>To whole numbers, half to even; what does not fit becomes the nearest that does.</summary>
    private static Vector128<int> Round(Vector256<double> values)
    {
        // Adding 1.5 * 2^52 leaves no room for a fraction: the sum is rounded and its low bits are the whole number.
        var clamped = Vector256.Min(Vector256.Max(values, Vector256.Create((double)int.MinValue)),
            Vector256.Create((double)int.MaxValue));
        var bits = (clamped + Vector256.Create(6755399441055744.0)).AsInt64();
        return Vector128.Narrow(bits.GetLower(), bits.GetUpper());
    }

    private static void SampleRow(Picture source, ReadOnlySpan<int> xs, ReadOnlySpan<int> ys, Span<byte> target)
    {
        var (width, height) = (source.Width, source.Height);
        var stride = width * Picture.Channels;
        ReadOnlySpan<byte> pixels = source.Data;
        // A pair of pixels is read as 8 bytes, 2 more than it has: the last column is left to the careful path.
        var (pairs, rows) = ((uint)Math.Max(0, width - 2), (uint)(height - 1));
        for (var i = 0; i < xs.Length; i++)
        {
            int x = xs[i] >> FractionBits, y = ys[i] >> FractionBits;
            int fx = xs[i] & (One - 1), fy = ys[i] & (One - 1);
            var to = target.Slice(i * Picture.Channels, Picture.Channels);
            if ((uint)x < pairs && (uint)y < rows)
            {
                var offset = (y * stride) + (x * Picture.Channels);
                var top = BinaryPrimitives.ReadUInt64LittleEndian(pixels[offset..]);
                var bottom = BinaryPrimitives.ReadUInt64LittleEndian(pixels[(offset + stride)..]);
                Blend(Lanes(top), Lanes(top >> 24), Lanes(bottom), Lanes(bottom >> 24), fx, fy, to);
            }
            else if (x < -1 || y < -1 || x >= width || y >= height)
            {
                to.Clear();
            }
            else
            {
                Blend(
                    At(source, x, y), At(source, x + 1, y), At(source, x, y + 1), At(source, x + 1, y + 1), fx, fy, to);
            }
        }
    }

    /// <summary>A pixel in lanes; black outside the picture.</summary>
    private static ulong At(Picture source, int x, int y)
    {
        if ((uint)x >= (uint)source.Width || (uint)y >= (uint)source.Height)
            return 0;
        var pixel = source.Row(y).Slice(x * Picture.Channels, Picture.Channels);
        return pixel[0] | ((ulong)pixel[1] << LaneBits) | ((ulong)pixel[2] << (2 * LaneBits));
    }

    /// <summary>Three neighbouring bytes moved to the three lanes of a word.</summary>
    private static ulong Lanes(ulong bytes) =>
        (bytes & 0xFF) | ((bytes & 0xFF00) << (LaneBits - 8)) | ((bytes & 0xFF0000) << (2 * (LaneBits - 8)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Blend(
        ulong topLeft, ulong topRight, ulong bottomLeft, ulong bottomRight, int fx, int fy, Span<byte> to)
    {
        var top = (topLeft * (uint)(One - fx)) + (topRight * (uint)fx);
        var bottom = (bottomLeft * (uint)(One - fx)) + (bottomRight * (uint)fx);
        var sum = (top * (uint)(One - fy)) + (bottom * (uint)fy) + HalfInLanes;
        to[0] = (byte)(sum >> WeightBits);
        to[1] = (byte)(sum >> (WeightBits + LaneBits));
        to[2] = (byte)(sum >> (WeightBits + (2 * LaneBits)));
    }
}
