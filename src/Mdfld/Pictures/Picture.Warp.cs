using System.Runtime.InteropServices;

namespace Mdfld;

public sealed partial class Picture
{
    /// <summary>A new picture, warped from this one. What comes from outside is black.</summary>
    /// <param name="toTarget">Takes pixels of this picture to pixels of the new one.</param>
    /// <param name="width">Columns of the new picture.</param>
    /// <param name="height">Rows of the new picture.</param>
    /// <param name="antialias">
    /// For shrinking: the pixels are first reduced by box means of 2 x 2, as often as the map shrinks by 2. Without it
    /// the result is bilinear, byte for byte that of OpenCV's <c>warpPerspective</c>, and aliases when it shrinks by more.
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
