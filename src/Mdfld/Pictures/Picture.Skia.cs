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
