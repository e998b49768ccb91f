using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Mdfld;

/// <summary>Rows of pixels of other layouts to and from R, G, B.</summary>
internal static class PixelRows
{
    public static int BytesOf(PixelLayout layout) => layout switch
    {
        PixelLayout.Rgb or PixelLayout.Bgr => 3,
        PixelLayout.Rgba or PixelLayout.Bgra => 4,
        PixelLayout.Grey => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(layout), layout, "no such pixel layout"),
    };

    /// <summary>Turns pixels into R, G, B; what is transparent lies over white.</summary>
    public static void ToRgb(ReadOnlySpan<byte> from, PixelLayout layout, Span<byte> rgb)
    {
        switch (layout)
        {
            case PixelLayout.Rgb:
                from.CopyTo(rgb);
                break;
            case PixelLayout.Bgr:
                for (var i = 0; i + 2 < rgb.Length; i += 3)
                    (rgb[i], rgb[i + 1], rgb[i + 2]) = (from[i + 2], from[i + 1], from[i]);
                break;
            case PixelLayout.Rgba:
                OverWhite(from, 0, 2, rgb);
                break;
            case PixelLayout.Bgra:
                OverWhite(from, 2, 0, rgb);
                break;
            default:
                for (var i = 0; i < from.Length; i++)
                    rgb.Slice(3 * i, 3).Fill(from[i]);
                break;
        }
    }

    /// <summary>Leaves the fourth byte of every pixel out.</summary>
    public static void DropFourth(ReadOnlySpan<byte> rgbx, Span<byte> rgb)
    {
        var pixels = rgb.Length / 3;
        var i = 0;
        // Four pixels at a time, of which 16 bytes are written and 12 stay: the next four overwrite the rest.
        var order = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 255, 255, 255, 255);
        ref var source = ref MemoryMarshal.GetReference(rgbx[..(4 * pixels)]);
        ref var target = ref MemoryMarshal.GetReference(rgb);
        for (; i <= pixels - 6; i += 4)
        {
            Vector128.Shuffle(Vector128.LoadUnsafe(ref source, (nuint)(4 * i)), order)
                .StoreUnsafe(ref target, (nuint)(3 * i));
        }
        for (; i < pixels; i++)
            rgbx.Slice(4 * i, 3).CopyTo(rgb[(3 * i)..]);
    }

    /// <summary>Adds a fourth byte of 255 to every pixel.</summary>
    public static void AddFourth(ReadOnlySpan<byte> rgb, Span<byte> rgbx)
    {
        var pixels = rgb.Length / 3;
        var i = 0;
        // 16 bytes are read, of which four pixels are 12.
        var order = Vector128.Create((byte)0, 1, 2, 255, 3, 4, 5, 255, 6, 7, 8, 255, 9, 10, 11, 255);
        var opaque = Vector128.Create(0xFF000000).AsByte();
        ref var source = ref MemoryMarshal.GetReference(rgb);
        ref var target = ref MemoryMarshal.GetReference(rgbx[..(4 * pixels)]);
        for (; i <= pixels - 6; i += 4)
        {
            (Vector128.Shuffle(Vector128.LoadUnsafe(ref source, (nuint)(3 * i)), order) | opaque)
                .StoreUnsafe(ref target, (nuint)(4 * i));
        }
        for (; i < pixels; i++)
        {
            rgb.Slice(3 * i, 3).CopyTo(rgbx[(4 * i)..]);
            rgbx[(4 * i) + 3] = 255;
        }
    }

    /// <summary>The mixing is done on the stored values, as browsers do, not in linear light.</summary>
    private static void OverWhite(ReadOnlySpan<byte> from, int red, int blue, Span<byte> rgb)
    {
        for (int i = 0, j = 0; i + 3 < from.Length; i += 4, j += 3)
        {
            int alpha = from[i + 3];
            var white = (255 * (255 - alpha)) + 127;
            rgb[j] = (byte)(((from[i + red] * alpha) + white) / 255);
            rgb[j + 1] = (byte)(((from[i + 1] * alpha) + white) / 255);
            rgb[j + 2] = (byte)(((from[i + blue] * alpha) + white) / 255);
        }
    }
}
