namespace Mdfld.Tests.Images;

public sealed class JpegTests
{
    [Theory]
    [InlineData(92, 6)]
    [InlineData(100, 5)]
    [InlineData(80, 9)]
    public void WhatIsWrittenIsReadBackAlmost(int quality, int tolerance)
    {
        var picture = Pictures.Smooth(121, 67);
        Pictures.AssertClose(picture, Picture.Load(picture.EncodeJpeg(quality)), tolerance);
    }

    /// <summary>Halved colours, sizes that are no multiple of a block, restart markers, components alone.</summary>
    [Theory]
    [MemberData(nameof(Whole))]
    public void AWholeFileHasAllItsBlocks(byte[] jpeg)
    {
        Assert.True(JpegHuffman.IsComplete(jpeg));
        Assert.True(Picture.Load(jpeg).Width > 0);
        // Without the last bytes of the last scan.
        Assert.False(JpegHuffman.IsComplete([.. jpeg.AsSpan(0, jpeg.Length - 6), 0xFF, 0xD9]));
    }

    public static TheoryData<byte[]> Whole => new(
        Pictures.Noise(61, 35, 1).EncodeJpeg(),
        Pictures.Noise(61, 35, 2).EncodeJpeg(70),
        Pictures.Smooth(8, 8).EncodeJpeg(100),
        Pictures.Golden("grey.jpg"),
        Pictures.Golden("restarts.jpg"),
        Pictures.Golden("components-alone.jpg"),
        JpegBuilder.Flat(300, 200, [128, 20, 200]));

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
        var picture = Picture.Load(Pictures.Golden("grey.jpg"));
        Assert.Equal((32, 16), (picture.Width, picture.Height));
        for (var x = 0; x < 32; x++)
            Assert.All(Pictures.Pixel(picture, x, 7), value => Assert.InRange(value, (x * 8) - 3, (x * 8) + 3));
    }

    [Fact]
    public void Progressive() =>
        Pictures.AssertClose(Pictures.Smooth(50, 40), Picture.Load(Pictures.Golden("progressive.jpg")), 6);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void FlatColours(bool isProgressive)
    {
        // Y, Cb, Cr of JFIF: R = Y + 1.402 (Cr - 128) and so on.
        var picture = Picture.Load(JpegBuilder.Flat(30, 20, [100, 138, 148], isProgressive));
        for (var y = 0; y < 20; y++)
        {
            for (var x = 0; x < 30; x++)
            {
                Assert.All(
                    Pictures.Pixel(picture, x, y).Zip([128, 82, 118]),
                    pair => Assert.InRange(pair.First - pair.Second, -1, 1));
            }
        }
    }

    /// <summary>
    /// CMYK as Adobe stores it: what the ink leaves; also in a file without Adobe's marker, as browsers do.
    /// </summary>
    [Theory]
    [InlineData((byte)0)]
    [InlineData(null)]
    public void Cmyk(byte? adobe) =>
        Assert.All(
            Pictures.Pixel(Picture.Load(JpegBuilder.Flat(16, 16, [0, 127, 255, 204], adobe: adobe)), 8, 8)
                .Zip([0, 102, 204]),
            pair => Assert.InRange(pair.First - pair.Second, -2, 2));

    [Fact]
    public void Ycck()
    {
        // Y, Cb, Cr of the inks, that is of (128, 82, 118); of what they leave, black leaves 204 / 255.
        var picture = Picture.Load(JpegBuilder.Flat(16, 16, [100, 138, 148, 204], adobe: 2));
        Assert.All(
            Pictures.Pixel(picture, 8, 8).Zip([127 * 204 / 255, 173 * 204 / 255, 137 * 204 / 255]),
            pair => Assert.InRange(pair.First - pair.Second, -2, 2));
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

        // Cut, but with an end marker pasted on: the pixels still end too early. Or they are garbled.
        var garbled = jpeg.ToArray();
        garbled.AsSpan(jpeg.Length / 2, 40).Fill(0xFE);
        Assert.Throws<InvalidDataException>(() => Picture.Load(garbled));
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
        var jpeg = Pictures.Golden("progressive.jpg");
        Assert.Equal(50, Picture.Load(jpeg, maxPixels: 50 * 40).Width);
        var scan = jpeg.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]);
        byte[] again = [.. jpeg.AsSpan(scan, jpeg.Length - scan - 2)];
        byte[] many = [.. jpeg.AsSpan(0, scan), .. Enumerable.Repeat(again, 20).SelectMany(part => part), 0xFF, 0xD9];
        var error = Assert.Throws<InvalidDataException>(() => Picture.Load(many, maxPixels: 50 * 40));
        Assert.Contains("of 50 x 40", error.Message);
    }

    [Fact]
    public void FewerBytesThanThePixelsTakeAreRefusedBeforeDecoding()
    {
        var bomb = Pictures.Golden("progressive-65500x1526-16scans.jpg");
        var error = Assert.Throws<InvalidDataException>(() => Picture.Open(new MemoryStream(bomb)));
        Assert.Contains($"found {bomb.Length}: the file is cut", error.Message);

        // A file of one colour takes the least there is.
        Assert.Equal(900, Picture.Load(JpegBuilder.Flat(900, 700, [128], isProgressive: true)).Width);
    }

    [Fact]
    public void WhatAPhoneAppendsIsNoScan()
    {
        var film = Enumerable.Repeat<byte[]>([0xFF, 0xDA, 0, 8, 1], 5000).SelectMany(bytes => bytes);
        var progressive = Picture.Load([.. Pictures.Golden("progressive.jpg"), .. film], maxPixels: 50 * 40);
        Pictures.AssertClose(Pictures.Smooth(50, 40), progressive, 6);
        var picture = Pictures.Smooth(64, 64);
        Pictures.AssertClose(picture, Picture.Load([.. picture.EncodeJpeg(), .. film], maxPixels: 64 * 64), 6);
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
}
