using System.Runtime.InteropServices;

namespace Mdfld;

/// <summary>Pixels as networks want them.</summary>
public static class Pixels
{
    /// <summary>A plane a channel, every byte through a table.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="planes">Three planes of the picture's size; all is written.</param>
    /// <param name="values">What each byte becomes.</param>
    /// <param name="isBgr">Whether blue comes first.</param>
    public static void ToPlanes(Picture image, Span<float> planes, ReadOnlySpan<float> values, bool isBgr)
    {
        var area = image.Width * image.Height;
        var (red, blue) = isBgr ? (2, 0) : (0, 2);
        var reds = planes.Slice(red * area, area);
        var greens = planes.Slice(area, area);
        var blues = planes.Slice(blue * area, area);
        values = values[..256];
        var pixels = MemoryMarshal.Cast<byte, Rgb>(image.Data)[..area];
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
