using System.Numerics;

namespace Mdfld.Tests.Geometry;

public sealed class WarpTests
{
    private static readonly GoldenTensors Crop = GoldenTensors.Open("crop.safetensors");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void CropsOf64AreThoseOfTheReferenceByteForByte(int index) =>
        Assert.Equal(Crop.Bytes($"case{index}.crop64"), GoldenCrop($"case{index}.matrix64", 64).Data.ToArray());

    [Fact]
    public void CropOf256IsThatOfTheReferenceByteForByte() =>
        Assert.Equal(Crop.Bytes("case1.crop256"), GoldenCrop("case1.matrix", 256).Data.ToArray());

    [Theory]
    [InlineData(0, 25300280)]
    [InlineData(1, 25309756)]
    [InlineData(2, 11743363)]
    [InlineData(3, 8765733)]
    [InlineData(4, 27097247)]
    [InlineData(5, 25508746)]
    public void CropsOf256HaveTheSumsOfTheReference(int index, long sum) =>
        Assert.Equal(sum, Sum(GoldenCrop($"case{index}.matrix", 256)));

    [Fact]
    public void AProjectiveMapWithTheLastRowScaledIsTheAffineMap()
    {
        // Powers of 2 keep the scaled arithmetic exact, so the general path must agree to the byte.
        var source = Noise(57, 43, 1);
        var affine = new Homography(0.75, -0.25, 3, 0.5, 1, -2, 0, 0, 1);
        var scaled = new Homography(1.5, -0.5, 6, 1, 2, -4, 0, 0, 2);
        Assert.Equal(source.Warp(affine, 50, 60).Data, source.Warp(scaled, 50, 60).Data);
    }

    [Fact]
    public void PerspectivePutsALinearRampWhereTheMapSays()
    {
        var source = new Picture(200, 100);
        for (var y = 0; y < 100; y++)
        {
            for (var x = 0; x < 200; x++)
                source.Row(y)[x * 3] = (byte)x;
        }

        var map = new Homography(0.9, 0.1, 4, -0.05, 1.1, 3, 0.0008, -0.0005, 1);
        var back = map.Invert();
        var target = source.Warp(map, 150, 90);
        var inside = 0;
        for (var y = 0; y < target.Height; y++)
        {
            for (var x = 0; x < target.Width; x++)
            {
                var p = back.Apply(new Vector2(x, y));
                if (p.X < 1 || p.Y < 1 || p.X > 198 || p.Y > 98)
                    continue;
                inside++;
                Assert.InRange(target.Row(y)[x * 3], p.X - 0.55, p.X + 0.55);
            }
        }

        Assert.True(inside > 5000, $"only {inside} pixels were compared");
    }

    [Fact]
    public void IdentityCopiesAndTheOutsideIsBlack()
    {
        var source = Noise(7, 5, 2);
        Assert.Equal(source.Data, source.Warp(Homography.Identity, 7, 5).Data);

        var far = source.Warp(Homography.Translation(1e12, -1e12), 4, 4);
        Assert.Equal(0, Sum(far));
        var onePixel = (new Picture(1, 1, [255, 255, 255])).Warp(Homography.Translation(1.5, 1), 4, 3);
        Assert.Equal([0, 128, 128, 0], Enumerable.Range(0, 4).Select(x => (int)onePixel.Row(1)[x * 3]));
    }

    [Fact]
    public void EveryPixelOfAUsedTargetIsWritten()
    {
        var source = Noise(20, 20, 3);
        var used = Noise(30, 30, 4);
        var map = Homography.Rotation(0.4, 0.8, new Vector2(10, 10));
        source.WarpInto(map, used);
        Assert.Equal(source.Warp(map, 30, 30).Data, used.Data);
    }

    [Fact]
    public void MapsThatCannotBeFollowedAreRefused()
    {
        var picture = Noise(4, 4, 5);
        Assert.Throws<ArgumentException>(() => picture.WarpInto(Homography.Identity, picture));
        Assert.Throws<InvalidOperationException>(() => picture.Warp(Homography.Scale(0, 1), 4, 4));
        Assert.Throws<InvalidOperationException>(() => picture.Warp(Homography.Scale(double.NaN, 1), 4, 4));
    }

    private static Picture GoldenCrop(string matrix, int size)
    {
        var m = Crop.Doubles(matrix);
        var source = new Picture(200, 160, Crop.Bytes("image_hwc_bgr"));
        return source.Warp(new Homography(m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7], m[8]), size, size);
    }

    private static Picture Noise(int width, int height, int seed)
    {
        var picture = new Picture(width, height);
        new Random(seed).NextBytes(picture.Data);
        return picture;
    }

    private static long Sum(Picture picture) => picture.Data.ToArray().Sum(value => (long)value);
}
