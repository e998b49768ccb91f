namespace Mdfld.Tests.Images;

public sealed class WebpTests
{
    [Fact]
    public void LosslessIsExactAndLossyIsClose()
    {
        var noise = Pictures.Noise(33, 21, 1);
        Assert.Equal(noise.Data, Picture.Load(Pictures.WebpLossless(noise)).Data);
        var smooth = Pictures.Smooth(80, 60);
        Pictures.AssertClose(smooth, Picture.Load(Pictures.WebpLossy(smooth)), 12);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AlphaIsLaidOverWhite(bool lossless)
    {
        var rgba = Enumerable.Repeat<byte[]>([0, 100, 255, 128], 16 * 16).SelectMany(pixel => pixel).ToArray();
        var picture = Picture.Load(Pictures.WebpWithAlpha(rgba, 16, 16, lossless));
        var tolerance = lossless ? 0 : 5;
        Assert.All(
            Pictures.Pixel(picture, 8, 8).Zip([127, 177, 255]),
            pair => Assert.InRange(pair.First - pair.Second, -tolerance, tolerance));
    }

    [Fact]
    public void ACutFileIsRefused()
    {
        var webp = Pictures.WebpLossless(Pictures.Noise(64, 64, 2));
        foreach (var kept in new[] { 12, 21, webp.Length / 2, webp.Length - 4 })
            Assert.Throws<InvalidDataException>(() => Picture.Load(webp.AsSpan(0, kept)));
    }

    [Fact]
    public void OfAnAnimationTheFirstFrameIsRead()
    {
        var (first, second) = (Pictures.Noise(18, 11, 3), Pictures.Noise(18, 11, 4));
        Assert.Equal(first.Data, Picture.Load(Pictures.AnimatedWebp(first, second)).Data);
    }

    [Fact]
    public void TheSizeIsCheckedBeforeAnythingIsAllocated()
    {
        var still = Pictures.WebpLossless(Pictures.Noise(8, 8, 4));
        var huge = Pictures.WebpExtended(still, 16_000_000, 100, flags: 0x02, "ANIM", [0, 0, 0, 0, 0, 0]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<InvalidDataException>(() => Picture.Load(huge));
        Assert.Contains("sound header", error.Message);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    /// <summary>A pixel of the reduced picture shows what the full one shows where the scale says.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public unsafe void ReducedPicturesLieWhereTheScaleSays(bool lossless)
    {
        var full = Pictures.Smooth(67, 45);
        var webp = lossless ? Pictures.WebpLossless(full) : Pictures.WebpLossy(full);
        fixed (byte* bytes = webp)
        {
            using var codec = new PictureCodec(bytes, webp.Length, new PictureSource("a", 10_000));
            var reduced = codec.Decode(4);
            Assert.Equal((17, 12), (reduced.Width, reduced.Height));
            var (scaleX, scaleY) = codec.ScaleAt(4);
            for (var y = 1; y < 11; y++)
            {
                for (var x = 1; x < 16; x++)
                {
                    var (left, top) = ((int)((x + 0.5) / scaleX), (int)((y + 0.5) / scaleY));
                    for (var c = 0; c < 3; c++)
                    {
                        var (found, wanted) = (Pictures.Pixel(reduced, x, y)[c], Pictures.Pixel(full, left, top)[c]);
                        Assert.InRange(found - wanted, lossless ? -5 : -14, lossless ? 5 : 14);
                    }
                }
            }
        }
    }
}
