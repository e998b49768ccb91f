using System.Numerics;
using Mdfld.Training.Augmentation;
using Mdfld.Training.Augmentation.Shapes;

namespace Mdfld.Tests.Augmentation;

/// <summary>
/// Other face shapes: the mean face, the map that makes the picture follow, and what must never happen.
/// </summary>
public sealed class CaricatureTests
{
    [Fact]
    public void MeanFaceIsFoundBackTurnedScaledAndMoved()
    {
        var turned = new Vector2[68];
        for (var i = 0; i < 68; i++)
            turned[i] =
                Vector2.Transform(MeanFace.Points[i], Matrix3x2.CreateRotation(0.4f) * Matrix3x2.CreateScale(37))
                + new Vector2(50, 60);
        var aligned = new Vector2[68];
        Assert.Equal(37, MeanFace.AlignTo(turned, aligned), 1e-2f);
        for (var i = 0; i < 68; i++)
            Assert.True(Vector2.Distance(turned[i], aligned[i]) < 1e-3f);
    }

    [Fact]
    public void MeanFaceIsItsOwnMirrorImage()
    {
        for (var i = 0; i < 68; i++)
        {
            var other = MeanFace.Points[LandmarkScheme.Ibug68.MirrorPermutation[i]];
            Assert.True(Vector2.Distance(MeanFace.Points[i], new(-other.X, other.Y)) < 2e-3f, $"landmark {i}");
        }
    }

    [Fact]
    public void WarpTakesPointsNearlyWhereTheyShallGoAndLeavesTheRest()
    {
        var random = new Random(4);
        Vector2[] from = [.. MeanFace.Points.ToArray().Select(p => (p * 30) + new Vector2(64, 50))];
        // A smooth change: the whole face wider, its lower half longer.
        Vector2[] to =
            [.. from.Select(p => new Vector2(64 + ((p.X - 64) * 1.15f), p.Y + (0.2f * MathF.Max(0, p.Y - 50))))];
        var warp = new PointWarp(68);
        warp.Fit(from, to, 20);
        for (var i = 0; i < 68; i++)
            Assert.True(
                Vector2.Distance(warp.At(from[i]), to[i]) < 0.6f, $"landmark {i}: {warp.At(from[i])}, not {to[i]}");
        var far = new Vector2(random.Next(4000, 5000), -3000);
        Assert.True(Vector2.Distance(warp.At(far), far) < 0.5f);
    }

    [Fact]
    public void TheMapNeverFoldsAndTheLandmarksFollowIt()
    {
        var face = new SyntheticFace();
        var toCrop = (face.Crop with { Side = face.Crop.Side * 1.25f }).ToCrop(128);
        Vector2[] points = [.. face.Landmarks.Select(p => toCrop.Apply(p))];
        var (mesh, caricature) = (new WarpMesh(128), new Caricature());
        var (moved, farthest) = (new Vector2[68], 0f);
        for (var seed = 0; seed < 200; seed++)
        {
            caricature.Draw(new Random(seed), points, 1);
            mesh.Fill(null, null, caricature);
            for (var i = 0; i < 68; i++)
            {
                moved[i] = mesh.Target(points[i]);
                var back = moved[i] + mesh.At(moved[i], out var dx, out var dy);
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
        var caricature = new Caricature();
        for (var seed = 0; seed < 20; seed++)
        {
            caricature.Draw(new Random(seed), [.. face.Landmarks], 0);
            for (var i = 0; i < 68; i++)
                Assert.True(
                    Vector2.Distance(caricature.Landmarks[i], face.Landmarks[i]) < 0.01f,
                    $"seed {seed}, landmark {i}");
        }
    }

    private static bool Cross(Vector2 a, Vector2 b, Vector2 c, Vector2 d) =>
        Side(a, b, c) * Side(a, b, d) < 0 && Side(c, d, a) * Side(c, d, b) < 0;

    private static float Side(Vector2 a, Vector2 b, Vector2 p) =>
        ((b.X - a.X) * (p.Y - a.Y)) - ((b.Y - a.Y) * (p.X - a.X));
}
