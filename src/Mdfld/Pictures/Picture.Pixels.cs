namespace Mdfld;

public sealed partial class Picture
{
    /// <summary>A picture of pixels in memory, which are copied; what is transparent lies over white.</summary>
    /// <param name="pixels">
    /// Rows from the top; the last one may end with its last pixel. What follows is not looked at.
    /// </param>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="stride">
    /// Bytes from the start of one row to that of the next, at least those of a row's pixels.
    /// </param>
    /// <param name="layout">Bytes of a pixel.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A size is less than 1, the stride is shorter than a row, the picture exceeds 2 GiB, or there is no such layout.
    /// </exception>
    /// <exception cref="ArgumentException">There are too few bytes.</exception>
    public static Picture FromPixels(
        ReadOnlySpan<byte> pixels, int width, int height, int stride, PixelLayout layout)
    {
        ByteCount(width, height);
        var rowBytes = RowBytes(width, layout);
        if (stride < rowBytes)
        {
            throw new ArgumentOutOfRangeException(nameof(stride), stride,
                $"a row of {width} {layout} pixels has {rowBytes} bytes, the stride is {stride}");
        }
        var needed = (stride * (height - 1L)) + rowBytes;
        if (pixels.Length < needed)
        {
            throw new ArgumentException(
                $"{height} rows of {width} {layout} pixels, {stride} bytes apart, are {needed} bytes; "
                + $"there are {pixels.Length}",
                nameof(pixels));
        }
        var picture = Unwritten(width, height);
        for (var y = 0; y < height; y++)
            PixelRows.ToRgb(pixels.Slice((int)((long)y * stride), rowBytes), layout, picture.Row(y));
        return picture;
    }

    /// <summary>A picture of pixels in native memory, a camera's frame for instance; they are copied.</summary>
    /// <param name="pixels">
    /// The top row's first pixel. All rows must be readable: nothing can check that.
    /// </param>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="stride">
    /// Bytes from the start of one row to that of the next, at least those of a row's pixels; negative where the rows
    /// lie from the bottom up in memory.
    /// </param>
    /// <param name="layout">Bytes of a pixel.</param>
    /// <exception cref="ArgumentNullException">The pointer is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A size is less than 1, the stride is shorter than a row, the picture exceeds 2 GiB, or there is no such layout.
    /// </exception>
    public static unsafe Picture FromPixels(nint pixels, int width, int height, int stride, PixelLayout layout)
    {
        if (pixels == 0)
            throw new ArgumentNullException(nameof(pixels));
        ByteCount(width, height);
        var rowBytes = RowBytes(width, layout);
        if (Math.Abs((long)stride) < rowBytes)
        {
            throw new ArgumentOutOfRangeException(nameof(stride), stride,
                $"a row of {width} {layout} pixels has {rowBytes} bytes, the stride is {stride}");
        }
        var picture = Unwritten(width, height);
        for (var y = 0; y < height; y++)
        {
            var row = new ReadOnlySpan<byte>((byte*)pixels + ((nint)stride * y), rowBytes);
            PixelRows.ToRgb(row, layout, picture.Row(y));
        }
        return picture;
    }

    private static int RowBytes(int width, PixelLayout layout)
    {
        var bytes = (long)width * PixelRows.BytesOf(layout);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, Array.MaxLength, "width * bytes of a pixel");
        return (int)bytes;
    }
}

/// <summary>Order of the bytes of a pixel, 8 bits a channel; alpha is not multiplied into the colours.</summary>
public enum PixelLayout
{
    /// <summary>Red, green, blue: 3 bytes, as in a <see cref="Picture"/>.</summary>
    Rgb,

    /// <summary>Blue, green, red: 3 bytes, as in OpenCV.</summary>
    Bgr,

    /// <summary>Red, green, blue, alpha: 4 bytes.</summary>
    Rgba,

    /// <summary>Blue, green, red, alpha: 4 bytes, as in Windows bitmaps.</summary>
    Bgra,

    /// <summary>One byte.</summary>
    Grey,
}
