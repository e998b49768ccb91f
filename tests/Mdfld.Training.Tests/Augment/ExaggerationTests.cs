using System.Numerics;
using Mdfld.Training.Augment;

namespace Mdfld.Tests.Augment;

/// <summary>
/// Other face shapes: the mean head, the map that makes the picture follow, and what must never happen.
/// </summary>
public sealed class ExaggerationTests
{
    private static readonly Exaggeration Exaggeration = Exaggeration.For(LandmarkScheme.Ibug68)!;

    [Fact]
    public void MeanHeadIsItsOwnMirrorImage()
    {
        for (var i = 0; i < 68; i++)
        {
            var other = HeadPose.MeanHead[LandmarkScheme.Ibug68.MirrorPermutation[i]];
            Assert.True(
                Vector3.Distance(HeadPose.MeanHead[i], other with { X = -other.X }) < 2e-3f, $"landmark {i}");
        }
    }

    [Fact]
    public void WarpTakesPointsNearlyWhereTheyShallGoAndLeavesTheRest()
    {
        Vector2[] from = [.. HeadPose.MeanHead.ToArray().Select(p => (new Vector2(p.X, p.Y) * 30) + new Vector2(64, 50))];
        // A smooth change: the face wider, its lower half longer.
        Vector2[] to =
            [.. from.Select(p => new Vector2(64 + ((p.X - 64) * 1.15f), p.Y + (0.2f * MathF.Max(0, p.Y - 50))))];
        var warp = new PointWarp(from, to, 20);
        for (var i = 0; i < 68; i++)
            Assert.True(
                Vector2.Distance(warp.At(from[i]), to[i]) < 0.6f, $"landmark {i}: {warp.At(from[i])}, not {to[i]}");
        var far = new Vector2(4500, -3000);
        Assert.True(Vector2.Distance(warp.At(far), far) < 0.5f);
    }

    [Fact]
    public void TheMapNeverFoldsAndTheLandmarksFollowIt()
    {
        var face = new SyntheticFace();
        var toCrop = (face.Crop with { Side = face.Crop.Side * 1.25f }).ToCrop(128);
        Vector2[] points = [.. face.Landmarks.Select(p => toCrop.Apply(p))];
        var (moved, farthest) = (new Vector2[68], 0f);
        for (var seed = 0; seed < 200; seed++)
        {
            var mesh = new WarpMesh(128, Exaggeration.Draw(new Random(seed), points, 1, new Vector2[68]).At);
            for (var i = 0; i < 68; i++)
            {
                moved[i] = mesh.Target(points[i]);
                var back = moved[i] + mesh.Displacement(moved[i], out var dx, out var dy);
                Assert.True(
                    Vector2.Distance(back, points[i]) < 0.02f,
                    $"seed {seed}, landmark {i}: {points[i]} came back as {back}");
                Assert.True(((1 + dx.X) * (1 + dy.Y)) - (dx.Y * dy.X) > 0, $"seed {seed}, landmark {i}: a fold");
            }
            // The jaw stays a line that does not cross itself.
            for (var i = 0; i < 16; i++)
            {
                for (var j = i + 2; j < 16; j++)
                    Assert.False(
                        Cross(moved[i], moved[i + 1], moved[j], moved[j + 1]), $"seed {seed}: jaw {i} crosses {j}");
            }
            farthest = MathF.Max(farthest, Vector2.Distance(moved[8], points[8]));
        }
        Assert.True(farthest > 10, $"no chin moved farther than {farthest} pixels of 128");
    }

    [Fact]
    public void AtNoAmountNothingMoves()
    {
        var face = new SyntheticFace();
        var drawn = new Vector2[68];
        for (var seed = 0; seed < 20; seed++)
        {
            Exaggeration.Draw(new Random(seed), [.. face.Landmarks], 0, drawn);
            for (var i = 0; i < 68; i++)
                Assert.True(Vector2.Distance(drawn[i], face.Landmarks[i]) < 0.02f, $"seed {seed}, landmark {i}");
        }
    }

    /// <summary>Three schemes name the parts that are exaggerated; one of a user's own need not.</summary>
    [Fact]
    public void PartsAreFoundByTheirNames()
    {
        foreach (var count in (int[])[68, 98, 29])
            Assert.NotNull(Exaggeration.For(LandmarkScheme.ForCount(count)));
        Assert.Null(Exaggeration.For(new LandmarkScheme("mine", 5)));
    }

    [Theory]
    [InlineData(StyleShape.Anime)]
    [InlineData(StyleShape.Print)]
    [InlineData(StyleShape.Caricature)]
    public void PartsKeepTheirOrderFromTopToBottom(StyleShape shape)
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var p = new SyntheticFace().Landmarks.ToArray();
            Exaggeration.Reshape(shape, p, 1, new Random(seed));
            var heights = new[] { p[17..27].Average(q => q.Y), p[38].Y, p[33].Y, p[62].Y, p[57].Y, p[8].Y };
            Assert.Equal(heights.Order(), heights);
        }
    }

    private static bool Cross(Vector2 a, Vector2 b, Vector2 c, Vector2 d) =>
        Side(a, b, c) * Side(a, b, d) < 0 && Side(c, d, a) * Side(c, d, b) < 0;

    private static float Side(Vector2 a, Vector2 b, Vector2 p) =>
        ((b.X - a.X) * (p.Y - a.Y)) - ((b.Y - a.Y) * (p.X - a.X));
}
