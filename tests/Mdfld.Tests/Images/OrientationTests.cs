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
    public void ValuesOutsideTheStandardMeanUpright(int orientation)
    {
        var jpeg = Pictures.Smooth(96, 70).EncodeJpeg();
        var tagged = Picture.Load(Pictures.JpegWithExif(jpeg, Pictures.Exif(orientation, littleEndian: true)));
        Assert.Equal(Picture.Load(jpeg).Data, tagged.Data);
    }

    [Fact]
    public void AnyCutOfTheBlockIsReadWithoutHarm()
    {
        var jpeg = Pictures.Smooth(20, 10).EncodeJpeg();
        var exif = Pictures.Exif(6, littleEndian: true);
        for (var kept = 0; kept < exif.Length; kept++)
            Assert.Contains(Picture.Load(Pictures.JpegWithExif(jpeg, exif[..kept])).Width, new[] { 10, 20 });
        exif.AsSpan(4, 4).Fill(0xFF);
        Assert.Equal(20, Picture.Load(Pictures.JpegWithExif(jpeg, exif)).Width);
    }

    /// <summary>A pixel of the reduced picture shows what the full one shows where the map says.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public void ReducedPicturesLieWhereTheMapSays(int orientation)
    {
        // No multiple of 8 either way: the last blocks reach over the border, which may be the seen left or top.
        var jpeg = Pictures.JpegWithExif(
            Pictures.Smooth(67, 45).EncodeJpeg(100), Pictures.Exif(orientation, littleEndian: false));
        var full = Picture.Load(jpeg);
        foreach (var reduction in new[] { 4, 8 })
        {
            var level = Picture.Open(new MemoryStream(jpeg)).BeginUse()!.Level(1.0 / reduction);
            Assert.Equal(
                ((full.Width + reduction - 1) / reduction, (full.Height + reduction - 1) / reduction),
                (level.Picture.Width, level.Picture.Height));
            for (var y = 1; y < level.Picture.Height - 1; y++)
            {
                for (var x = 1; x < level.Picture.Width - 1; x++)
                {
                    // The middle of a block lies between four pixels.
                    var at = level.FromFull.Invert().Apply(new(x, y)) - new System.Numerics.Vector2(0.5f);
                    var (left, top) = ((int)MathF.Round(at.X), (int)MathF.Round(at.Y));
                    Assert.Equal(at.X, left, 1e-3);
                    Assert.Equal(at.Y, top, 1e-3);
                    for (var c = 0; c < 3; c++)
                    {
                        var sum = Pictures.Pixel(full, left, top)[c] + Pictures.Pixel(full, left + 1, top + 1)[c];
                        Assert.InRange(Pictures.Pixel(level.Picture, x, y)[c] - (sum / 2f), -2.5f, 2.5f);
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void RowsAreReducedToMeans(int orientation)
    {
        var stored = Pictures.Noise(37, 21, 3);
        var means = Reduced(1);
        Assert.Equal((10, 6), (means.Width, means.Height));
        foreach (var (x, y, across, down) in new[] { (2, 3, 4, 4), (9, 5, 1, 1) })
        {
            for (var c = 0; c < 3; c++)
            {
                var sum = 0;
                for (var i = 0; i < across * down; i++)
                    sum += Pictures.Pixel(stored, (4 * x) + (i % across), (4 * y) + (i / across))[c];
                Assert.Equal((double)sum / (across * down), Pictures.Pixel(means, x, y)[c], 0.51);
            }
        }
        AssertSeen(means, Reduced(orientation), orientation);

        Picture Reduced(int value)
        {
            using var bitmap = stored.ToBitmap();
            ReadOnlySpan<byte> rgba = bitmap.GetPixelSpan();
            var rows = new RowSink(37, 21, new Orientation(value), isOpaque: true, reduction: 4);
            rows.Add(rgba[..(16 * 37 * 4)], 0);
            rows.Add(rgba[(16 * 37 * 4)..], 16);
            return rows.Picture;
        }
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
