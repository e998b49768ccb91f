namespace Mdfld.Tests.Images;

public sealed class JpegTests
{
    private const int FormatGrey = 6;
    private const int SubsamplingGrey = 3;
    private const int FlagProgressive = 16384;

    [Theory]
    [InlineData(92, 6)]
    [InlineData(100, 5)]
    [InlineData(80, 9)]
    public void WhatIsWrittenIsReadBackAlmost(int quality, int tolerance)
    {
        var picture = Pictures.Smooth(121, 67);
        Pictures.AssertClose(picture, Picture.Load(picture.EncodeJpeg(quality)), tolerance);
    }

    [Fact]
    public void LowerQualityIsSmaller()
    {
        var picture = Pictures.Noise(64, 64, 1);
        Assert.True(picture.EncodeJpeg(30).Length < picture.EncodeJpeg(90).Length / 2);
        Assert.Throws<ArgumentOutOfRangeException>(() => picture.EncodeJpeg(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => picture.EncodeJpeg(101));
    }

    [Fact]
    public void TooWideToBeWritten() =>
        Assert.Throws<InvalidOperationException>(() => new Picture(65501, 1).EncodeJpeg());

    [Fact]
    public void Grey()
    {
        byte[] grey = [.. Enumerable.Range(0, 32 * 16).Select(i => (byte)(i % 32 * 8))];
        var picture = Picture.Load(Pictures.TurboJpeg(grey, 32, 16, 1, FormatGrey, SubsamplingGrey));
        for (var x = 0; x < 32; x++)
            Assert.All(Pictures.Pixel(picture, x, 7), value => Assert.InRange(value, (x * 8) - 3, (x * 8) + 3));
    }

    [Fact]
    public void Progressive()
    {
        var picture = Pictures.Smooth(50, 40);
        var jpeg = Pictures.TurboJpeg(
            picture.Data.ToArray(), 50, 40, 3,
            NativeCodecs.PixelFormatRgb, NativeCodecs.Subsampling420, FlagProgressive);
        Pictures.AssertClose(picture, Picture.Load(jpeg), 6);
    }

    [Fact]
    public void AdobeStoresCmykAsWhatTheInkLeaves() =>
        Assert.All(
            Pictures.Pixel(Picture.Load(Cmyk(0, 127, 255, 204)), 8, 8).Zip([0, 102, 204]),
            pair => Assert.InRange(pair.First - pair.Second, -4, 4));

    [Fact]
    public void WithoutAdobesMarkerCmykIsInk()
    {
        // TurboJPEG wrote YCCK: for equal C, M, Y of v that is 255 - v, 128, 128, K. Without the marker these four
        // numbers are the inks themselves.
        var adobe = Cmyk(55, 55, 55, 51);
        var marker = adobe.AsSpan().IndexOf("Adobe"u8);
        byte[] plain = [.. adobe.AsSpan(0, marker - 4), .. adobe.AsSpan(marker + 12)];
        Assert.All(
            Pictures.Pixel(Picture.Load(plain), 8, 8).Zip([55 * 204 / 255, 127 * 204 / 255, 127 * 204 / 255]),
            pair => Assert.InRange(pair.First - pair.Second, -4, 4));
    }

    [Fact]
    public void ACutFileIsRefusedAndNamed()
    {
        var jpeg = Pictures.Noise(64, 64, 3).EncodeJpeg();
        foreach (var kept in new[] { 4, 100, jpeg.Length / 2, jpeg.Length - 1 })
        {
            var error = Assert.Throws<InvalidDataException>(() => Picture.Load(new MemoryStream(jpeg, 0, kept)));
            Assert.StartsWith("stream: ", error.Message);
        }

        // Cut, but with an end marker pasted on: the pixels still end too early.
        Assert.Throws<InvalidDataException>(() => Picture.Load([.. jpeg.AsSpan(0, jpeg.Length / 2), 0xFF, 0xD9]));
    }

    [Fact]
    public void StrayBytesRoundAWholePictureAreLetPass()
    {
        var picture = Pictures.Smooth(40, 40);
        var jpeg = picture.EncodeJpeg();
        Pictures.AssertClose(picture, Picture.Load([.. jpeg, 1, 2, 3, 4]), 6);
        // Extraneous bytes before a segment make libjpeg warn.
        Pictures.AssertClose(picture, Picture.Load([.. jpeg.AsSpan(0, 20), 7, 7, 7, .. jpeg.AsSpan(20)]), 6);
    }

    [Fact]
    public void ScansThatOnlyCostTimeAreRefused()
    {
        var jpeg = Pictures.TurboJpeg(
            Pictures.Smooth(64, 64).Data.ToArray(), 64, 64, 3,
            NativeCodecs.PixelFormatRgb, NativeCodecs.Subsampling420, FlagProgressive);
        Assert.Equal(64, Picture.Load(jpeg, maxPixels: 64 * 64).Width);
        var scan = jpeg.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]);
        byte[] again = [.. jpeg.AsSpan(scan, jpeg.Length - scan - 2)];
        byte[] many = [.. jpeg.AsSpan(0, scan), .. Enumerable.Repeat(again, 20).SelectMany(part => part), 0xFF, 0xD9];
        var error = Assert.Throws<InvalidDataException>(() => Picture.Load(many, maxPixels: 64 * 64));
        Assert.Contains("of 64 x 64", error.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(FlagProgressive)]
    public void WhatAPhoneAppendsIsNoScan(int flags)
    {
        var picture = Pictures.Smooth(64, 64);
        var jpeg = Pictures.TurboJpeg(
            picture.Data.ToArray(), 64, 64, 3, NativeCodecs.PixelFormatRgb, NativeCodecs.Subsampling420, flags);
        var film = Enumerable.Repeat<byte[]>([0xFF, 0xDA, 0, 8, 1], 5000).SelectMany(bytes => bytes);
        Pictures.AssertClose(picture, Picture.Load([.. jpeg, .. film], maxPixels: 64 * 64), 6);
    }

    [Fact]
    public void TheSizeIsCheckedBeforeAnythingIsAllocated()
    {
        var jpeg = Pictures.Smooth(16, 16).EncodeJpeg();
        // SOF0: marker, length, precision, height, width.
        var frame = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        jpeg.AsSpan(frame + 5, 4).Fill(0xEE);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<InvalidDataException>(() => Picture.Load(jpeg));
        Assert.Contains("61166 x 61166", error.Message);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    private static byte[] Cmyk(byte cyan, byte magenta, byte yellow, byte black)
    {
        var stored = Enumerable.Repeat<byte[]>([cyan, magenta, yellow, black], 16 * 16).SelectMany(pixel => pixel);
        return Pictures.TurboJpeg(
            [.. stored], 16, 16, 4, NativeCodecs.PixelFormatCmyk, NativeCodecs.Subsampling444);
    }
}
