using SkiaSharp;

namespace Mdfld;

public sealed partial class Picture
{
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
        var pixels = bitmap.GetPixelSpan();
        for (int i = 0, j = 0; i < _data.Length; i += Channels, j += 4)
        {
            pixels[j] = _data[i];
            pixels[j + 1] = _data[i + 1];
            pixels[j + 2] = _data[i + 2];
            pixels[j + 3] = 255;
        }
        return bitmap;
    }

    /// <summary>Draws on the picture. Skia counts from the corner: pixel (x, y) has its centre at (x + 0.5, y + 0.5).</summary>
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
        {
            var from = bitmap.GetPixelSpan(0, y)[..(4 * Width)];
            var to = Row(y);
            for (int i = 0, j = 0; j < to.Length; i += 4, j += Channels)
            {
                to[j] = from[i];
                to[j + 1] = from[i + 1];
                to[j + 2] = from[i + 2];
            }
        }
    }
}
