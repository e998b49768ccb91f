using System.Numerics;

namespace Mdfld.Tests.Points;

/// <summary>The mean head fitted to faces some of whose points are missing, and to points that are no face's.</summary>
public sealed class HeadViewTests
{
    private static readonly FaceSet Samples = FaceSet.Read(Path.Combine(TestFiles.RepositoryRoot, "samples"));

    [Theory]
    [InlineData(0.4f, 0.1f, 2f)]
    [InlineData(-0.6f, -0.2f, -0.3f)]
    public void MissingPointsOfTheMeanHeadAreWhereItHasThem(float yaw, float pitch, float roll)
    {
        var pose = new HeadView(yaw, pitch, roll);
        Vector2[] seen = [.. HeadPose.MeanHead.ToArray().Select(p => new Vector2(300, 200) + (40 * pose.Rolled(pose.Upright(p))))];
        Vector2[] face = [.. seen.Select((p, i) => i % 3 == 0 ? LabelledFace.Missing : p)];
        Assert.All(HeadView.Complete(face).Zip(seen), p => Assert.InRange(Vector2.Distance(p.First, p.Second), 0, 0.02f));
    }

    [Fact]
    public void WhatIsThereStays()
    {
        Vector2[] face = [.. Samples.Faces[0].Landmarks];
        Assert.Equal(face, HeadView.Complete(face));
        (face[7], face[50]) = (LabelledFace.Missing, LabelledFace.Missing);
        var complete = HeadView.Complete(face);
        Assert.All(Enumerable.Range(0, 68).Except([7, 50]), i => Assert.Equal(face[i], complete[i]));
        var side = MathF.Max(Samples.Faces[0].Box.Width, Samples.Faces[0].Box.Height);
        Assert.All((int[])[7, 50], i =>
            Assert.InRange(Vector2.Distance(complete[i], Samples.Faces[0].Landmarks[i]), 0, 0.12f * side));
        // Too few for a head: in the middle of what there is.
        Vector2[] few = [.. Enumerable.Repeat(LabelledFace.Missing, 66), new(10, 20), new(30, 40)];
        Assert.Equal(new Vector2(20, 30), HeadView.Complete(few)[5]);
        Assert.Equal(new Vector2(2, 3), HeadView.Complete([new(1, 2), LabelledFace.Missing, new(3, 4)])[1]);
    }

    [Fact]
    public void ShapesInAWrongOrderAreToldFromFaces()
    {
        foreach (var face in Samples.Faces.Select(f => f.Landmarks.ToArray()))
        {
            Assert.InRange(HeadView.ShapeError(face), 0, 0.33);
            Assert.InRange(HeadView.ShapeError([.. face[1..], face[0]]), 0.38, 1);
            Assert.InRange(HeadView.ShapeError([.. face.Reverse()]), 0.6, 1);
        }
        Assert.Equal(double.NaN, HeadView.ShapeError(new Vector2[68].Select(_ => LabelledFace.Missing).ToArray()));
    }

    [Theory]
    [InlineData("jaw")]
    [InlineData("brows")]
    [InlineData("eyes")]
    [InlineData("mouth")]
    public void APartWhoseSidesAreExchangedIsNamed(string part)
    {
        var scheme = LandmarkScheme.Ibug68;
        var indices = scheme.Groups.Single(g => g.Name == part).Indices;
        var exchanged = Samples.Faces.Select(f => LabelledFace.FromLandmarks(
            f.ImagePath, [.. f.Landmarks.Select((p, i) => f.Landmarks[indices.Contains(i) ? scheme.MirrorPermutation[i] : i])]));
        var found = DatasetInspection.Of(Samples with { Faces = [.. exchanged] }).Problems;
        var named = found.Count(p => (p.Kind, p.Detail)
            == ("mirrored", $"left and right of the {part} of face 0 are exchanged"));
        // A mouth is small: of a face drawn as unlike a head as some of these it makes little difference.
        Assert.InRange(named, part == "mouth" ? 5 : 7, 7);
    }

    [Fact]
    public void TheOutlineErrorIsTheDistanceFromTheLine()
    {
        var scheme = LandmarkScheme.Ibug68;
        Vector2[] truth = [.. Samples.Faces[0].Landmarks];
        Vector2[] along = [.. truth];
        // Half way to the next point: on the line.
        for (var i = 0; i < 16; i++)
            along[i] = (truth[i] + truth[i + 1]) / 2;
        Assert.Equal(0, Metrics.OutlineError(along, truth, scheme), 1e-6);
        Assert.True(Metrics.Nme(along, truth, scheme, Normalisation.Ocular, scheme.Groups[0].Indices.AsSpan()) > 0.02);
        // Below the chin by 10 pixels: one point of 17.
        along = [.. truth];
        along[8] += new Vector2(0, 10);
        var length = scheme.EyeDistance(truth);
        Assert.InRange(Metrics.OutlineError(along, truth, scheme), 9 / 17.0 / length, 10 / 17.0 / length);
        truth[8] = LabelledFace.Missing;
        Assert.Equal(0, Metrics.OutlineError(along, truth, scheme));
    }

    [Fact]
    public void PairedIntervalsAreTheSameEachTimeAndHoldTheMean()
    {
        var random = new Random(1);
        double[] first = [.. Enumerable.Range(0, 40).Select(_ => 0.03 + (0.02 * random.NextDouble()))];
        double[] second = [.. first.Select(e => e + 0.002 + (0.002 * (random.NextDouble() - 0.5)))];
        var pairs = PairedComparison.Of([.. first, double.PositiveInfinity], [.. second, 0.1])!;
        Assert.Equal((40, 1.0, true), (pairs.Faces, pairs.BetterShare, pairs.IsSettled));
        Assert.Equal(-0.002, pairs.Difference, 2e-4);
        Assert.InRange(pairs.Difference, pairs.Low, pairs.High);
        // The standard error of the differences is 0.002 / sqrt(12) / sqrt(40).
        Assert.Equal(2 * 1.96 * 0.002 / Math.Sqrt(12 * 40), pairs.High - pairs.Low, 1.2e-4);
        Assert.Equal(pairs, PairedComparison.Of([.. first, double.PositiveInfinity], [.. second, 0.1]));
        Assert.False(PairedComparison.Of(first, [.. first.Reverse()])!.IsSettled);
        Assert.Null(PairedComparison.Of([double.PositiveInfinity], [0.1]));
    }
}
