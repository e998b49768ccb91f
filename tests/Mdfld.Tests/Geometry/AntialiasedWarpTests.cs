using System.Numerics;

namespace Mdfld.Tests.Geometry;

public sealed class AntialiasedWarpTests
{
    [Theory]
    [InlineData(2, 64, 48)]
    [InlineData(4, 64, 48)]
    [InlineData(8, 61, 43)]
    [InlineData(4, 3, 2)]
    public void ShrinkingByAPowerOfTwoOnTheGridOfBoxesIsTheirMean(int box, int width, int height)
    {
        var source = Noise(width, height, 7);
        var middle = (box - 1) / 2.0;
        var map = Homography.Scale(1.0 / box, 1.0 / box) * Homography.Translation(-middle, -middle);
        var (columns, rows) = ((width + box - 1) / box, (height + box - 1) / box);
        var target = source.Warp(map, columns, rows, antialias: true);
        for (var i = 0; i < target.Data.Length; i++)
            Assert.Equal(BoxMean(source, i / 3 % columns, i / 3 / columns, i % 3, box), target.Data[i]);
    }

    [Fact]
    public void ACropDoesNotDependOnHowMuchIsSeenAroundIt()
    {
        // The same pixels, once as the middle of a large target and once alone.
        var source = Noise(300, 260, 8);
        var map = Homography.Rotation(0.3, 0.2, new Vector2(120, 100));
        var large = source.Warp(Homography.Translation(40, 40) * map, 200, 200, antialias: true);
        var small = source.Warp(Homography.Translation(-100, -80) * map, 30, 30, antialias: true);
        for (var y = 0; y < 30; y++)
        {
            for (var x = 0; x < 90; x++)
                Assert.InRange(small.Row(y)[x] - large.Row(y + 120)[x + 420], -9, 9);
        }
    }

    [Fact]
    public void WithoutMuchShrinkingItIsBilinear()
    {
        var source = Noise(90, 80, 9);
        var map = Homography.Rotation(-0.7, 0.51, new Vector2(45, 40));
        Assert.Equal(
            source.Warp(map, 64, 64).Data, source.Warp(map, 64, 64, antialias: true).Data);
    }

    [Fact]
    public void FineStripesBecomeGrey()
    {
        var source = new Picture(512, 512);
        for (var y = 0; y < 512; y++)
            source.Row(y).Fill((byte)(y % 2 * 255));
        var map = Homography.Scale(0.125, 0.124);
        var target = source.Warp(map, 62, 62, antialias: true);
        for (var y = 1; y < 62; y++)
            Assert.All(target.Row(y)[3..].ToArray(), value => Assert.InRange(value, 126, 129));
    }

    [Theory]
    [InlineData(1e-9)]
    [InlineData(1e-3)]
    [InlineData(0.3)]
    public void ExtremeMapsStayWithinThePicture(double scale)
    {
        var source = Noise(40, 30, 10);
        foreach (var shift in new[] { -1e15, -500, -2, 0, 2, 500, 1e15 })
        {
            var map = Homography.Translation(shift, shift) * Homography.Scale(scale, scale);
            var target = source.Warp(map, 16, 16, antialias: true);
            Assert.Equal(16, target.Width);
        }

        var horizon = new Homography(scale, 0, 0, 0, scale, 0, 0.05, -0.02, 0.1);
        Assert.Equal(9, source.Warp(horizon, 9, 9, antialias: true).Height);
    }

    private static int BoxMean(Picture source, int column, int row, int channel, int box)
    {
        var sum = box * box / 2;
        for (var y = row * box; y < Math.Min((row + 1) * box, source.Height); y++)
        {
            for (var x = column * box; x < Math.Min((column + 1) * box, source.Width); x++)
                sum += source.Row(y)[(x * 3) + channel];
        }

        return sum / (box * box);
    }

    private static Picture Noise(int width, int height, int seed)
    {
        var picture = new Picture(width, height);
        new Random(seed).NextBytes(picture.Data);
        return picture;
    }
}
