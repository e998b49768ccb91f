using SkiaSharp;

namespace Mdfld.Tests.Images;

/// <summary>GIF and BMP, and ICC profiles in all formats that have them.</summary>
public sealed class OtherFormatsTests
{
    [Fact]
    public void OfAGifTheFirstFrameIsRead()
    {
        var first = Enumerable.Range(0, 30 * 20).Select(i => (byte)(i % 128)).ToArray();
        var gif = Pictures.Gif(30, 20, first, new byte[30 * 20]);
        var picture = Picture.Load(gif);
        Assert.Equal((30, 20), (picture.Width, picture.Height));
        Assert.Equal(first.SelectMany(v => Enumerable.Repeat((byte)(2 * v), 3)), picture.Data.ToArray());
    }

    [Fact]
    public void Bmp()
    {
        var picture = Pictures.Noise(13, 7, 1);
        Assert.Equal(picture.Data, Picture.Load(Pictures.Bmp(picture)).Data);
    }

    [Fact]
    public void ACutGifOrBmpIsRefused()
    {
        var gif = Pictures.Gif(30, 20, new byte[30 * 20]);
        var bmp = Pictures.Bmp(Pictures.Noise(30, 20, 2));
        foreach (var file in new[] { gif, bmp })
        {
            foreach (var kept in new[] { 12, file.Length / 2, file.Length - 100 })
                Assert.Throws<InvalidDataException>(() => Picture.Load(file.AsSpan(0, kept)));
        }
    }

    [Theory]
    [InlineData("jpg", 3)]
    [InlineData("png", 1)]
    [InlineData("webp", 1)]
    public void ColoursOfAProfileBecomeSrgb(string format, int tolerance)
    {
        using var p3 = SKColorSpace.CreateRgb(SKColorSpaceTransferFn.Srgb, SKColorSpaceXyz.DisplayP3);
        byte[] colour = [180, 90, 120];
        var picture = new Picture(16, 16);
        for (var i = 0; i < picture.Data.Length; i++)
            picture.Data[i] = colour[i % 3];
        using var bitmap = Pictures.InColoursOf(picture, p3);
        using var pixels = bitmap.PeekPixels();
        using var file = format switch
        {
            "jpg" => pixels.Encode(new SKJpegEncoderOptions(100)),
            "png" => pixels.Encode(SKPngEncoderOptions.Default),
            _ => pixels.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 50)),
        };
        var read = Pictures.Pixel(Picture.Load(file!.ToArray()), 8, 8);

        // Display P3 has sRGB's curve and white; this matrix takes its linear red, green and blue to sRGB's.
        var (r, g, b) = (Linear(colour[0]), Linear(colour[1]), Linear(colour[2]));
        int[] expected =
        [
            Stored((1.2249 * r) - (0.2249 * g)),
            Stored((-0.0421 * r) + (1.0421 * g)),
            Stored((-0.0196 * r) - (0.0786 * g) + (1.0983 * b)),
        ];
        Assert.True(expected[0] - colour[0] > 3 * tolerance);
        Assert.All(read.Zip(expected), pair => Assert.InRange(pair.First - pair.Second, -tolerance, tolerance));
    }

    private static double Linear(byte stored)
    {
        var v = stored / 255.0;
        return v <= 0.04045 ? v / 12.92 : Math.Pow((v + 0.055) / 1.055, 2.4);
    }

    private static int Stored(double linear)
    {
        var v = linear <= 0.0031308 ? 12.92 * linear : (1.055 * Math.Pow(linear, 1 / 2.4)) - 0.055;
        return (int)Math.Round(255 * v);
    }
}
