namespace Mdfld.Tests.Images;

public sealed class OrientationTests
{
    public static TheoryData<int> All => [1, 2, 3, 4, 5, 6, 7, 8];

    [Theory]
    [MemberData(nameof(All))]
    public void JpegIsSeenUpright(int orientation)
    {
        var stored = Picture.Load(Pictures.Smooth(96, 70).EncodeJpeg());
        foreach (var little in new[] { true, false })
        {
            var tagged = Pictures.JpegWithExif(
                Pictures.Smooth(96, 70).EncodeJpeg(), Pictures.Exif(orientation, little));
            AssertSeen(stored, Picture.Load(tagged), orientation);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void PngIsSeenUpright(int orientation)
    {
        var stored = new Picture(3, 2, [.. Enumerable.Range(1, 18).Select(i => (byte)i)]);
        var png = PngBuilder.Start(3, 2, 8, PngBuilder.Rgb)
            .Chunk("eXIf", Pictures.Exif(orientation, littleEndian: false))
            .Pixels(stored.Row(0).ToArray(), stored.Row(1).ToArray());
        AssertSeen(stored, Picture.Load(png), orientation);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void WebpIsSeenUpright(int orientation)
    {
        var stored = Pictures.Noise(150, 67, 1);
        var webp = Pictures.WebpExtended(
            Pictures.WebpLossless(stored), 150, 67, flags: 0x08, "EXIF", Pictures.Exif(orientation, true));
        AssertSeen(stored, Picture.Load(webp), orientation);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(4000)]
    public void ValuesOutsideTheStandardMeanUpright(int orientation) =>
        Assert.Equal(1, Exif.ReadOrientation(Pictures.Exif(orientation, littleEndian: true)).Value);

    [Fact]
    public void AnyCutOfTheBlockIsReadWithoutHarm()
    {
        var exif = Pictures.Exif(6, littleEndian: true);
        for (var kept = 0; kept < exif.Length; kept++)
            Assert.Contains(Exif.ReadOrientation(exif.AsSpan(0, kept)).Value, new[] { 1, 6 });
        exif.AsSpan(4, 4).Fill(0xFF);
        Assert.Equal(1, Exif.ReadOrientation(exif).Value);
    }

    /// <summary>EXIF 2.3, tag 0x0112, in words: which side of the stored picture is the seen top and left.</summary>
    private static void AssertSeen(Picture stored, Picture seen, int orientation)
    {
        var (right, bottom) = (stored.Width - 1, stored.Height - 1);
        Assert.Equal(
            orientation < 5 ? (stored.Width, stored.Height) : (stored.Height, stored.Width), (seen.Width, seen.Height));
        for (var y = 0; y < seen.Height; y++)
        {
            for (var x = 0; x < seen.Width; x++)
            {
                var (fromX, fromY) = orientation switch
                {
                    1 => (x, y),
                    2 => (right - x, y),            // row 0 top, column 0 right
                    3 => (right - x, bottom - y),   // bottom, right
                    4 => (x, bottom - y),           // bottom, left
                    5 => (y, x),                    // left, top
                    6 => (y, bottom - x),           // right, top
                    7 => (right - y, bottom - x),   // right, bottom
                    _ => (right - y, x),            // left, bottom
                };
                Assert.Equal(Pictures.Pixel(stored, fromX, fromY), Pictures.Pixel(seen, x, y));
            }
        }
    }
}
