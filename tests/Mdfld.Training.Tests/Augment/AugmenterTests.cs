using System.Numerics;
using Mdfld.Training.Augment;

namespace Mdfld.Tests.Augment;

/// <summary>What the augmenter promises beside exact labels.</summary>
public sealed class AugmenterTests
{
    private const int Size = 96;

    private static readonly SyntheticFace Face = new();

    [Fact]
    public void SameDrawsGiveTheSameBytesOnAnyThread()
    {
        var augmenter = new Augmenter(new AugmentationOptions(), LandmarkScheme.Ibug68, Size);
        var serial = Enumerable.Range(0, 60).Select(seed => Draw(augmenter, seed)).ToArray();
        var parallel = new (byte[] Pixels, Vector2[] Points)[serial.Length];
        Parallel.For(
            0, serial.Length, new ParallelOptions { MaxDegreeOfParallelism = 3 },
            seed => parallel[seed] = Draw(augmenter, seed));
        for (var seed = 0; seed < serial.Length; seed++)
        {
            Assert.Equal(serial[seed].Pixels, parallel[seed].Pixels);
            Assert.Equal(serial[seed].Points, parallel[seed].Points);
        }
        Assert.Equal(serial.Length, serial.Select(s => Convert.ToHexString(s.Pixels)).Distinct().Count());
    }

    [Fact]
    public void WithoutStrengthItIsThePlainCrop()
    {
        var picture = Gradient();
        var options = new AugmentationOptions { Strength = 0 };
        var target = new Picture(Size, Size);
        var points = new Vector2[68];
        var map = (Face.Crop with { Side = Face.Crop.Side * options.CropFactor }).ToCrop(Size);
        var expected = picture.Warp(map, Size, Size, antialias: true);
        for (var seed = 0; seed < 10; seed++)
        {
            new Augmenter(options, LandmarkScheme.Ibug68, Size)
                .Apply(picture, Face.Landmarks, Face.Crop, new Random(seed), target, points);
            for (var i = 0; i < points.Length; i++)
                Assert.True(Vector2.Distance(map.Apply(Face.Landmarks[i]), points[i]) < 1e-3f);
            for (var i = 0; i < expected.Data.Length; i++)
                Assert.InRange(target.Data[i] - expected.Data[i], -2, 2);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void LargePicturesAreReadWithoutAliasing(int enlarged)
    {
        // Stripes finer than the crop's pixels must average to grey, not to moire.
        var picture = new Picture(SyntheticFace.Side * enlarged, SyntheticFace.Side * enlarged);
        for (var y = 0; y < picture.Height; y++)
        {
            for (var x = 0; x < picture.Width; x++)
                picture.Row(y).Slice(3 * x, 3).Fill(x % 2 == 0 ? (byte)0 : (byte)255);
        }
        var target = new Picture(64, 64);
        var crop = new FaceCrop(Face.Crop.Centre * enlarged, Face.Crop.Side * enlarged);
        new Augmenter(new AugmentationOptions { Strength = 0 }, LandmarkScheme.Ibug68, 64)
            .Apply(
                picture, [.. Face.Landmarks.Select(p => p * enlarged)], crop, new Random(1), target, new Vector2[68]);
        foreach (var v in target.Data)
            Assert.InRange(v, 120, 135);
    }

    [Fact]
    public void BordersAreNotAlwaysBlack()
    {
        var white = new Picture(40, 40);
        white.Data.Fill(255);
        var scale = 40f / SyntheticFace.Side;
        var options = new AugmentationOptions
        {
            PlainProbability = 1,
            ToneProbability = 0,
            OcclusionProbability = 0,
            BorderProbability = 1,
            CropFactor = 3,
        };
        var augmenter = new Augmenter(options, LandmarkScheme.Ibug68, Size);
        var target = new Picture(Size, Size);
        Vector2[] points = [.. Face.Landmarks.Select(p => p * scale)];
        var corners = new HashSet<byte>();
        for (var seed = 0; seed < 20; seed++)
        {
            var crop = new FaceCrop(Face.Crop.Centre * scale, Face.Crop.Side * scale);
            augmenter.Apply(white, points, crop, new Random(seed), target, new Vector2[68]);
            corners.Add(target.Data[0]);
        }
        Assert.Contains((byte)255, corners);
        Assert.True(corners.Count > 3);
    }

    [Fact]
    public void WrongCallsAreRefused()
    {
        var options = new AugmentationOptions();
        Assert.Contains(
            "100", Assert.Throws<ArgumentException>(() => new Augmenter(options, LandmarkScheme.Ibug68, 100)).Message);
        var augmenter = new Augmenter(options, LandmarkScheme.Ibug68, Size);
        var random = new Random(1);
        Assert.Throws<ArgumentException>(() => augmenter.Apply(
            Face.Picture, Face.Landmarks, Face.Crop, random, new Picture(Size, Size + 1), new Vector2[68]));
        Assert.Throws<ArgumentException>(() => augmenter.Apply(
            Face.Picture, Face.Landmarks, Face.Crop, random, new Picture(Size, Size), new Vector2[67]));
        Assert.Throws<ArgumentException>(() => augmenter.Apply(
            Face.Picture, [.. Face.Landmarks.Take(29)], Face.Crop, random, new Picture(Size, Size), new Vector2[68]));
    }

    [Theory]
    [InlineData(98)]
    [InlineData(29)]
    public void OtherSchemesAreAugmentedToo(int count)
    {
        var scheme = LandmarkScheme.ForCount(count);
        var random = new Random(count);
        Vector2[] points =
            [.. Enumerable.Range(0, count).Select(_ => new Vector2(random.Next(100, 300), random.Next(100, 300)))];
        var options =
            new AugmentationOptions { PlainProbability = 0, ExaggerationProbability = 1, DrawingProbability = 1 };
        var augmenter = new Augmenter(options, scheme, Size);
        var moved = new Vector2[count];
        for (var seed = 0; seed < 20; seed++)
        {
            augmenter.Apply(
                Face.Picture, points, new FaceCrop(new(200, 200), 200), new Random(seed), new Picture(Size, Size), moved);
            Assert.All(moved, p => Assert.InRange(p.X, -2, Size + 1));
        }
    }

    private static (byte[] Pixels, Vector2[] Points) Draw(Augmenter augmenter, int seed)
    {
        var target = new Picture(Size, Size);
        var points = new Vector2[68];
        augmenter.Apply(Face.Picture, Face.Landmarks, Face.Crop, new Random(seed), target, points);
        return (target.Data.ToArray(), points);
    }

    private static Picture Gradient()
    {
        var picture = new Picture(SyntheticFace.Side, SyntheticFace.Side);
        for (var y = 0; y < picture.Height; y++)
        {
            for (var x = 0; x < picture.Width; x++)
            {
                var i = 3 * x;
                (picture.Row(y)[i], picture.Row(y)[i + 1], picture.Row(y)[i + 2]) =
                    ((byte)(x / 2), (byte)(y / 2), (byte)((x + y) / 4));
            }
        }
        return picture;
    }
}
