namespace Mdfld.Tests.Images;

public sealed class PngTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(37, 29)]
    [InlineData(300, 2)]
    public void WhatIsWrittenIsReadBackExactly(int width, int height)
    {
        var picture = Pictures.Noise(width, height, 1);
        var read = Picture.Load(picture.EncodePng());
        Assert.Equal((width, height), (read.Width, read.Height));
        Assert.Equal(picture.Data, read.Data);
    }

    [Fact]
    public void Grey()
    {
        var eight = PngBuilder.Start(2, 1, 8, PngBuilder.Grey).Pixels([17, 200]);
        Assert.Equal([17, 17, 17, 200, 200, 200], Picture.Load(eight).Data.ToArray());
        var one = PngBuilder.Start(3, 1, 1, PngBuilder.Grey).Pixels([0b0100_0000]);
        Assert.Equal([0, 0, 0, 255, 255, 255, 0, 0, 0], Picture.Load(one).Data.ToArray());
    }

    [Fact]
    public void PaletteAndItsTransparency()
    {
        byte[] colours = [10, 20, 30, 200, 100, 0];
        var plain = PngBuilder.Start(2, 1, 8, PngBuilder.Palette).Chunk("PLTE", colours).Pixels([1, 0]);
        Assert.Equal([200, 100, 0, 10, 20, 30], Picture.Load(plain).Data.ToArray());

        var clear = PngBuilder.Start(2, 1, 8, PngBuilder.Palette)
            .Chunk("PLTE", colours).Chunk("tRNS", [255, 0]).Pixels([1, 0]);
        Assert.Equal([255, 255, 255, 10, 20, 30], Picture.Load(clear).Data.ToArray());
    }

    [Fact]
    public void AlphaIsLaidOverWhite()
    {
        var rgba = PngBuilder.Start(3, 1, 8, PngBuilder.Rgba).Pixels([9, 8, 7, 0, 9, 8, 7, 255, 0, 100, 255, 128]);
        Assert.Equal([255, 255, 255, 9, 8, 7, 127, 177, 255], Picture.Load(rgba).Data.ToArray());
        var grey = PngBuilder.Start(2, 1, 8, PngBuilder.GreyAlpha).Pixels([0, 51, 90, 255]);
        Assert.Equal([204, 204, 204, 90, 90, 90], Picture.Load(grey).Data.ToArray());
    }

    [Fact]
    public void SixteenBitsKeepTheirUpperEight()
    {
        var rgb = PngBuilder.Start(2, 1, 16, PngBuilder.Rgb)
            .Pixels([0x00, 0x10, 0x80, 0x80, 0xFF, 0xFF, 0x40, 0x40, 0x20, 0x20, 0xC8, 0xC8]);
        Pictures.AssertClose(new Picture(2, 1, [0, 128, 255, 64, 32, 200]), Picture.Load(rgb), 1);
        var rgba = PngBuilder.Start(1, 1, 16, PngBuilder.Rgba)
            .Pixels([0x20, 0x20, 0x40, 0x40, 0x60, 0x60, 0xFF, 0xFF]);
        Pictures.AssertClose(new Picture(1, 1, [32, 64, 96]), Picture.Load(rgba), 1);
        var grey = PngBuilder.Start(1, 1, 16, PngBuilder.Grey).Pixels([0x77, 0x77]);
        Pictures.AssertClose(new Picture(1, 1, [119, 119, 119]), Picture.Load(grey), 1);
    }

    [Fact]
    public void Interlaced()
    {
        // Adam7: of every 8 x 8 pixels the first, then those that halve the distance.
        var grey = Enumerable.Range(0, 11 * 13).Select(i => (byte)(i * 37)).ToArray();
        (int X, int Y, int StepX, int StepY)[] passes =
        [
            (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2),
        ];
        var rows =
            from pass in passes
            from y in Enumerable.Range(0, 13).Where(y => y % pass.StepY == pass.Y)
            let columns = Enumerable.Range(0, 11).Where(x => x % pass.StepX == pass.X)
            select columns.Select(x => grey[(11 * y) + x]).ToArray();
        var png = PngBuilder.Start(11, 13, 8, PngBuilder.Grey, isInterlaced: true).Pixels([.. rows]);
        Assert.Equal(grey.SelectMany(v => Enumerable.Repeat(v, 3)), Picture.Load(png).Data.ToArray());
        var cut = png.AsSpan(0, png.Length / 2).ToArray();
        Assert.Throws<InvalidDataException>(() => Picture.Load(cut));
    }

    [Theory]
    [InlineData(0, "claims 0 x 5|sound header")]
    [InlineData(100_000, "100000 x 5000")]
    public void SizesThatCannotBeAreRefused(int width, string oneOf)
    {
        var png = PngBuilder.Start(width, width == 0 ? 5 : 5000, 8, PngBuilder.Rgb).Pixels([1, 2, 3]);
        var error = Assert.Throws<InvalidDataException>(() => Picture.Load(png));
        Assert.Contains(oneOf.Split('|'), error.Message.Contains);
    }

    [Fact]
    public void ACutOrDamagedFileIsRefused()
    {
        var png = Pictures.Noise(40, 30, 2).EncodePng();
        Assert.Throws<InvalidDataException>(() => Picture.Load(png.AsSpan(0, png.Length / 2)));
        Assert.Throws<InvalidDataException>(() => Picture.Load(png.AsSpan(0, 20)));
        png[png.Length / 2] ^= 1;
        Assert.Throws<InvalidDataException>(() => Picture.Load(png));
    }
}
