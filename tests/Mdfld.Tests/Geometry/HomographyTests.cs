using System.Numerics;
using FsCheck.Xunit;

namespace Mdfld.Tests.Geometry;

public sealed class HomographyTests
{
    [Property]
    public bool TheInverseLeadsBack(int seed)
    {
        var random = new Random(seed);
        var map = Map(random);
        var p = Point(random);
        return Vector2.Distance(map.Invert().Apply(map.Apply(p)), p) < 0.01f
            && Vector2.Distance(map.Apply(map.Invert().Apply(p)), p) < 0.01f;
    }

    [Property]
    public bool AProductIsOneAfterTheOther(int seed)
    {
        var random = new Random(seed);
        var (a, b, p) = (Map(random), Map(random), Point(random));
        return Vector2.Distance((a * b).Apply(p), a.Apply(b.Apply(p))) < 0.05f;
    }

    [Property]
    public bool ACropIsUndone(int seed)
    {
        var random = new Random(seed);
        var crop = new FaceCrop(Point(random), 1 + (500 * random.NextSingle()));
        var size = random.Next(16, 512);
        var map = crop.ToCrop(size);
        var corner = map.Apply(crop.Centre - new Vector2(crop.Side / 2));
        var p = Point(random);
        return Vector2.Distance(map.Apply(crop.Centre), new Vector2((size - 1) / 2f)) < 0.01f
            && Vector2.Distance(corner, new Vector2(-0.5f)) < 0.05f
            && Vector2.Distance(map.Invert().Apply(map.Apply(p)), p) < 0.05f;
    }

    [Property(MaxTest = 40)]
    public bool PointsGoWithThePicture(int seed)
    {
        // A spot of light is where the warped point is.
        var random = new Random(seed);
        var spot = new Vector2(random.Next(48, 80), random.Next(48, 80));
        var picture = new Picture(128, 128);
        // Smooth light: sampled at other places, it keeps its centre.
        for (var y = -9; y <= 9; y++)
        {
            for (var x = -9; x <= 9; x++)
            {
                var light = (byte)MathF.Round(255 * MathF.Exp(-((x * x) + (y * y)) / 12f));
                picture.Row((int)spot.Y + y).Slice(((int)spot.X + x) * Picture.Channels, Picture.Channels).Fill(light);
            }
        }
        var map = Homography.Rotation(
            (random.NextDouble() * 6) - 3, 0.7 + (0.8 * random.NextDouble()), new Vector2(64, 64));
        map = Homography.Translation(random.Next(-9, 9), random.Next(-9, 9)) * map;
        var warped = picture.Warp(map, 128, 128);
        var (sum, weight) = (Vector2.Zero, 0f);
        for (var y = 0; y < 128; y++)
        {
            for (var x = 0; x < 128; x++)
            {
                var light = warped.Row(y)[x * Picture.Channels];
                (sum, weight) = (sum + (light * new Vector2(x, y)), weight + light);
            }
        }
        return Vector2.Distance(sum / weight, map.Apply(spot)) < 0.1f;
    }

    [Fact]
    public void AFlatMapHasNoInverse() =>
        Assert.Throws<InvalidOperationException>(() => Homography.Scale(0, 1).Invert());

    /// <summary>Rotated, scaled unevenly, moved and a little in perspective.</summary>
    private static Homography Map(Random random)
    {
        double Draw(double low, double high) => low + ((high - low) * random.NextDouble());
        var map = Homography.Rotation(Draw(-3, 3), Draw(0.3, 3), Point(random))
            * Homography.Scale(Draw(0.5, 2), Draw(0.5, 2)) * Homography.Translation(Draw(-99, 99), Draw(-99, 99));
        return map with { M31 = Draw(-1e-4, 1e-4), M32 = Draw(-1e-4, 1e-4) };
    }

    private static Vector2 Point(Random random) => new(random.Next(500), random.Next(500));
}
