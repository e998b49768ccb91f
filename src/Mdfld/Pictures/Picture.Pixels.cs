using SkiaSharp;

namespace Mdfld;

public sealed partial class Picture
{
    /// <summary>A picture of pixels in memory, which are copied; what is transparent lies over white.</summary>
    /// <param name="pixels">
    /// Rows from the top; the last one may end with its last pixel. What follows is not read.
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
    public static unsafe Picture FromPixels(
        ReadOnlySpan<byte> pixels, int width, int height, int stride, PixelLayout layout)
    {
        var rowBytes = RowBytes(width, height, stride, layout);
        var needed = (stride * (height - 1L)) + rowBytes;
        if (pixels.Length < needed)
        {
            throw new ArgumentException(
                $"{height} rows of {width} {layout} pixels, {stride} bytes apart, are {needed} bytes; "
                + $"there are {pixels.Length}",
                nameof(pixels));
        }
        fixed (byte* first = pixels)
            return FromPixels((nint)first, width, height, stride, layout);
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
        var rowBytes = RowBytes(width, height, stride < 0 ? -(long)stride : stride, layout);
        var picture = Unwritten(width, height);
        for (var y = 0; y < height; y++)
        {
            var row = new ReadOnlySpan<byte>((byte*)pixels + ((nint)stride * y), rowBytes);
            PixelRows.ToRgb(row, layout, picture.Row(y));
        }
        return picture;
    }

    /// <summary>Bytes of a row's pixels, after all sizes were checked.</summary>
    private static int RowBytes(int width, int height, long stride, PixelLayout layout)
    {
        ByteCount(width, height);
        var bytes = (long)width * PixelRows.BytesOf(layout);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, Array.MaxLength, "width * bytes of a pixel");
        return stride >= bytes ? (int)bytes : throw new ArgumentOutOfRangeException(
            nameof(stride), stride, $"a row of {width} {layout} pixels has {bytes} bytes, the stride is {stride}");
    }

    /// <summary>A picture of a bitmap's pixels; what is transparent lies over white.</summary>
    /// <param name="bitmap">Of any colour type and alpha; it stays the caller's.</param>
    /// <exception cref="ArgumentException">The bitmap has no pixels.</exception>
    public static Picture FromBitmap(SKBitmap bitmap)
    {
        ArgumentNullException.ThrowIfNull(bitmap);
        if (bitmap.IsEmpty)
            throw new ArgumentException("the bitmap has no pixels", nameof(bitmap));
        using var opaque = new SKBitmap(new SKImageInfo(
            bitmap.Width, bitmap.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using (var canvas = new SKCanvas(opaque))
        {
            canvas.Clear(SKColors.White);
            canvas.DrawBitmap(bitmap, 0, 0, SKSamplingOptions.Default);
        }
        var picture = new Picture(bitmap.Width, bitmap.Height);
        picture.CopyFrom(opaque);
        return picture;
    }

    /// <summary>The pixels as a bitmap (RGBA, opaque); the caller disposes it.</summary>
    public SKBitmap ToBitmap()
    {
        var bitmap = new SKBitmap(new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        PixelRows.AddFourth(Data, bitmap.GetPixelSpan());
        return bitmap;
    }

    /// <summary>
    /// Draws on the picture. Skia counts from the corner: pixel (x, y) has its centre at (x + 0.5, y + 0.5).
    /// </summary>
    /// <param name="draw">Draws.</param>
    public void Draw(Action<SKCanvas> draw)
    {
        ArgumentNullException.ThrowIfNull(draw);
        using var bitmap = ToBitmap();
        using (var canvas = new SKCanvas(bitmap))
            draw(canvas);
        CopyFrom(bitmap);
    }

    /// <summary>Takes the pixels of a bitmap of the same size: RGBA, 4 bytes a pixel, opaque.</summary>
    private void CopyFrom(SKBitmap bitmap)
    {
        for (var y = 0; y < Height; y++)
            PixelRows.DropFourth(bitmap.GetPixelSpan(0, y)[..(4 * Width)], Row(y));
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
