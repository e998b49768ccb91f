using System.Numerics;

namespace Mdfld.Tests.Geometry;

public sealed class FaceCropTests
{
    private static readonly Vector2[] Upright = [new(-10, -10), new(10, -10), new(0, 0), new(-8, 12), new(8, 12)];

    [Theory]
    [InlineData(0f)]
    [InlineData(0.5f)]
    [InlineData(-1.2f)]
    [InlineData(3f)]
    public void ATurnedFaceStandsUprightInItsCrop(float roll)
    {
        var turn = Homography.Rotation(roll, 3, new Vector2(7, 5));
        Vector2[] face = [.. Upright.Select(turn.Apply)];
        Assert.Equal(roll, FaceCrop.RollOf(face), 1e-4f);
        var crop = FaceCrop.Around(face, 1.25f, roll);
        Assert.Equal(3 * 22 * 1.25f, crop.Side, 1e-2f);
        var seen = face.Select(crop.ToCrop(100).Apply).ToArray();
        var expected = Upright.Select(p => ((p - new Vector2(0, 1)) * 100 / (22 * 1.25f)) + new Vector2(49.5f));
        Assert.All(seen.Zip(expected), pair => Assert.True(Vector2.Distance(pair.First, pair.Second) < 0.01f));
    }

    [Fact]
    public void WithoutARollTheCropIsTheBoxes()
    {
        Assert.Equal(FaceBox.Around(Upright).ToCrop(1.5f), FaceCrop.Around(Upright, 1.5f, 0));
        Assert.Equal(
            new FaceCrop(new(30, 20), 64).ToCrop(32), new FaceCrop(new(30, 20), 64, 1e-12f).ToCrop(32), new Near());
    }

    [Fact]
    public void BoxesShareWhatTheyShare()
    {
        var box = new FaceBox(0, 0, 10, 10);
        Assert.Equal(1, box.IntersectionOverUnion(box));
        Assert.Equal(25f / 175, box.IntersectionOverUnion(new FaceBox(5, 5, 10, 10)), 1e-6f);
        Assert.Equal(0, box.IntersectionOverUnion(new FaceBox(10, 0, 10, 10)));
        Assert.Equal(0, box.IntersectionOverUnion(new FaceBox(float.NaN, 0, 10, 10)));
        Assert.Equal(0, default(FaceBox).IntersectionOverUnion(default));
    }

    [Fact]
    public void ACovarianceTurnsAsThePointsItComesFrom()
    {
        var random = new Random(3);
        Vector2[] points =
            [.. Enumerable.Range(0, 50).Select(_ => new Vector2(random.NextSingle() * 5, random.NextSingle()))];
        var turn = Homography.Rotation(0.7, 3, Vector2.Zero);
        var (expected, found) = (Of([.. points.Select(turn.Apply)]), Of(points).Turned(0.7f, 3));
        Assert.Equal(expected.XX, found.XX, 0.01f);
        Assert.Equal(expected.XY, found.XY, 0.01f);
        Assert.Equal(expected.YY, found.YY, 0.01f);

        static PointCovariance Of(Vector2[] p)
        {
            var (x, y) = (p.Average(v => v.X), p.Average(v => v.Y));
            return new PointCovariance(
                p.Average(v => (v.X - x) * (v.X - x)), p.Average(v => (v.X - x) * (v.Y - y)),
                p.Average(v => (v.Y - y) * (v.Y - y)));
        }
    }

    private sealed class Near : IEqualityComparer<Homography>
    {
        public bool Equals(Homography a, Homography b) =>
            Vector2.Distance(a.Apply(new(11, 17)), b.Apply(new(11, 17))) < 1e-4f;

        public int GetHashCode(Homography map) => 0;
    }
}
