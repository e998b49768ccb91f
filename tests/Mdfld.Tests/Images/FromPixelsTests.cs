using System.Runtime.InteropServices;

namespace Mdfld.Tests.Images;

public sealed class FromPixelsTests
{
    // Two rows of two pixels; alpha is full, or half over white.
    public static TheoryData<PixelLayout, byte[]> Layouts => new()
    {
        { PixelLayout.Rgb, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] },
        { PixelLayout.Bgr, [3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10] },
        { PixelLayout.Rgba, [1, 2, 3, 255, 4, 5, 6, 255, 7, 8, 9, 255, 10, 11, 12, 255] },
        { PixelLayout.Bgra, [3, 2, 1, 255, 6, 5, 4, 255, 9, 8, 7, 255, 12, 11, 10, 255] },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void EachLayoutWithAndWithoutPadding(PixelLayout layout, byte[] pixels)
    {
        byte[] expected = [.. Enumerable.Range(1, 12).Select(i => (byte)i)];
        var row = pixels.Length / 2;
        Assert.Equal(expected, Picture.FromPixels(pixels, 2, 2, row, layout).Data.ToArray());
        byte[] padded = [.. pixels[..row], 99, 98, 97, .. pixels[row..]];
        Assert.Equal(expected, Picture.FromPixels(padded, 2, 2, row + 3, layout).Data.ToArray());
        Assert.Equal(expected, FromPointer(padded, 0, row + 3, layout).Data.ToArray());

        // From the bottom up: the second row lies first.
        byte[] upwards = [.. pixels[row..], 99, .. pixels[..row]];
        Assert.Equal(expected, FromPointer(upwards, row + 1, -(row + 1), layout).Data.ToArray());
    }

    [Fact]
    public void GreyAndAlpha()
    {
        Assert.Equal(
            [7, 7, 7, 200, 200, 200], Picture.FromPixels([7, 200], 2, 1, 2, PixelLayout.Grey).Data.ToArray());
        byte[] half = [0, 100, 255, 128];
        Assert.Equal([127, 177, 255], Picture.FromPixels(half, 1, 1, 4, PixelLayout.Rgba).Data.ToArray());
        Assert.Equal([255, 177, 127], Picture.FromPixels(half, 1, 1, 4, PixelLayout.Bgra).Data.ToArray());
        Assert.Equal([255, 255, 255], Picture.FromPixels([9, 9, 9, 0], 1, 1, 4, PixelLayout.Rgba).Data.ToArray());
    }

    [Fact]
    public void ManyPixelsToABitmapAndBack()
    {
        for (var width = 1; width < 40; width++)
        {
            var picture = Pictures.Noise(width, 3, width);
            using var bitmap = picture.ToBitmap();
            var copy = Picture.FromPixels(bitmap.GetPixelSpan(), width, 3, 4 * width, PixelLayout.Rgba);
            Assert.Equal(picture.Data, copy.Data);
            Assert.Equal(picture.Data, Picture.FromBitmap(bitmap).Data);
        }
    }

    [Theory]
    [InlineData(0, 1, 3, "width")]
    [InlineData(1, -1, 3, "height")]
    [InlineData(4, 2, 11, "stride")]
    [InlineData(4, 2, -12, "stride")]
    [InlineData(4, 2, int.MinValue, "stride")]
    public void SizesAndStrides(int width, int height, int stride, string parameter)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(
            () => Picture.FromPixels(new byte[100], width, height, stride, PixelLayout.Rgb));
        Assert.Equal(parameter, error.ParamName);
    }

    [Fact]
    public void TooFewBytesAndNoPointer()
    {
        // The last row needs no padding.
        Assert.Equal(2, Picture.FromPixels(new byte[22], 2, 2, 16, PixelLayout.Rgb).Height);
        var error = Assert.Throws<ArgumentException>(
            () => Picture.FromPixels(new byte[21], 2, 2, 16, PixelLayout.Rgb));
        Assert.Contains("are 22 bytes; there are 21", error.Message);
        Assert.Throws<ArgumentException>(
            () => Picture.FromPixels(new byte[100], 2, 2, int.MaxValue, PixelLayout.Rgb));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => Picture.FromPixels(new byte[100], 1, 1, 4, (PixelLayout)7));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => Picture.FromPixels(new byte[100], 50_000, 50_000, 150_000, PixelLayout.Rgb));
        Assert.Throws<ArgumentNullException>(() => Picture.FromPixels(0, 2, 2, 6, PixelLayout.Rgb));
        Assert.Throws<ArgumentOutOfRangeException>(() => Picture.FromPixels(1, 2, 2, -5, PixelLayout.Rgb));
    }

    private static Picture FromPointer(byte[] pixels, int start, int stride, PixelLayout layout)
    {
        var pin = GCHandle.Alloc(pixels, GCHandleType.Pinned);
        try
        {
            return Picture.FromPixels(pin.AddrOfPinnedObject() + start, 2, 2, stride, layout);
        }
        finally
        {
            pin.Free();
        }
    }
}
