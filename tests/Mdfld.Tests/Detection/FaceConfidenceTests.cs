using System.Collections.Immutable;
using System.Numerics;

namespace Mdfld.Tests.Detection;

public sealed class FaceConfidenceTests
{
    [Fact]
    public void TheTextReadsBack()
    {
        var confidence = new FaceConfidence(-2.5, 1e-9, 0.37f);
        Assert.Equal(confidence, FaceConfidence.Parse(confidence.ToText()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"threshold\":0.5}")]
    [InlineData("{\"threshold\":0.5,\"slope\":1}")]
    [InlineData("{\"threshold\":1.5,\"slope\":1,\"constant\":2}")]
    [InlineData("{\"threshold\":0.5,\"slope\":\"1\",\"constant\":2}")]
    [InlineData("{\"threshold\":0.5,\"slope\":1e999,\"constant\":2}")]
    [InlineData("{\"threshold\":0.5,\"slope\":[1],\"constant\":2}")]
    public void OtherTextIsNone(string text) => Assert.Null(FaceConfidence.Parse(text));

    [Fact]
    public void DoubtGrowsWithSpreadAndWithSmallEyes()
    {
        var confidence = new FaceConfidence(-1, -2, 0.5f);
        var (sure, unsure) = (Face(0.1f), Face(20));
        Assert.InRange(confidence.Of(sure), 0.5f, 1);
        Assert.InRange(confidence.Of(unsure), 0, confidence.Of(sure) - 0.1f);
        var corners = sure.Points.SetItem(36, sure.Points[45] + new Vector2(5, 0));
        Assert.True(confidence.Of(sure with { Points = corners }) < confidence.Of(sure) - 0.1f);
    }

    [Fact]
    public void AFaceOfAnySizeIsTrustedAlike()
    {
        var confidence = new FaceConfidence(-5, -9, 0.5f);
        var face = Face(4);
        var half = face with
        {
            Points = [.. face.Points.Select(p => p / 2)],
            Crop = new FaceCrop(face.Crop.Centre / 2, face.Crop.Side / 2),
            Uncertainty = [.. face.Uncertainty.Select(u => u.Turned(0, 0.5f))],
        };
        Assert.Equal(confidence.Of(face), confidence.Of(half), 1e-5f);
    }

    [Fact]
    public void WhateverAModelSaysTheConfidenceIsAProbability()
    {
        var confidence = new FaceConfidence(-1, -6, 0.5f);
        foreach (var variance in (float[])[0, -1, 1e30f, float.PositiveInfinity])
            Assert.InRange(confidence.Of(Face(variance)), 0, 1);
        Assert.InRange(confidence.Of(Face(1) with { Points = [.. new Vector2[68]] }), 0, 1);
    }

    [Fact]
    public void ReliabilityIsWhatItSays()
    {
        (float, double)[] faces = [(0.95f, 0.05), (0.95f, 0.2), (0.15f, 0.3), (0.15f, double.PositiveInfinity)];
        var found = Reliability.Of(faces, 0.5f)!;
        // Two bins of two faces: 0.95 against 1 of 2, 0.15 against none.
        Assert.Equal((0.45 + 0.15) / 2, found.CalibrationError, 1e-6);
        Assert.Equal((0.5, 0.5), (found.Kept, found.FailureRate));
        // The one that is right is kept, and one of the three that are wrong.
        Assert.Equal((1, 1 / 3.0), (found.RightKept, found.WrongKept));
        Assert.Null(Reliability.Of([], 0.5f));
        Assert.Equal(0, Reliability.Of(faces, 1)!.FailureRate);
        Assert.Equal(double.NaN, Reliability.Of(faces[..1], 0.5f)!.WrongKept);
    }

    [Fact]
    public void EllipsesOfAKnownDistributionHoldWhatTheyShould()
    {
        var random = new Random(3);
        var points = Enumerable.Range(0, 40_000).Select(i =>
        {
            // Long along a diagonal, of three sizes.
            var (size, a, b) = (1 << (i % 3), Normal(), Normal());
            var error = size * new Vector2((2 * a) + b, (2 * a) - b);
            return (new PointCovariance(5 * size * size, 3 * size * size, 5 * size * size), error);
        }).ToArray();
        var found = PointEllipses.Of(points)!;
        Assert.Equal(0.5, found.In50, 0.01);
        Assert.Equal(0.68, found.In68, 0.01);
        Assert.Equal(0.95, found.In95, 0.01);
        Assert.InRange(found.RankCorrelation, 0.4, 0.8);
        // Twice the standard deviation: 1 - exp(-4 log 2 ...) of the points.
        var wide = PointEllipses.Of([.. points.Select(p => (Times4(p.Item1), p.error))])!;
        Assert.Equal(1 - Math.Pow(0.5, 4), wide.In50, 0.01);
        Assert.Equal(found.RankCorrelation, wide.RankCorrelation, 1e-9);
        Assert.Null(PointEllipses.Of([]));

        float Normal() => MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle()))
            * MathF.Cos(2 * MathF.PI * random.NextSingle());

        static PointCovariance Times4(PointCovariance c) => new(4 * c.XX, 4 * c.XY, 4 * c.YY);
    }

    [Fact]
    public void RanksOfEqualNumbersAreShared()
    {
        (PointCovariance, Vector2)[] points =
            [(new(1, 0, 1), new(1, 0)), (new(1, 0, 1), new(3, 0)), (new(4, 0, 4), new(2, 0)), (new(9, 0, 9), new(4, 0))];
        // Ranks 0.5, 0.5, 2, 3 and 0, 2, 1, 3: by hand 3.5 / sqrt(4.5 x 5).
        Assert.Equal(3.5 / Math.Sqrt(22.5), PointEllipses.Of(points)!.RankCorrelation, 1e-9);
        Assert.Equal(0.5, PointEllipses.Of(points)!.In50);
    }

    private static Landmarks Face(float variance)
    {
        var points = Enumerable.Range(0, 68).Select(i => new Vector2(i % 9 * 12, i / 9 * 12)).ToImmutableArray();
        return new Landmarks(LandmarkScheme.Ibug68, points, new FaceCrop(new(50), 120))
        {
            Score = 0.7f,
            Uncertainty = [.. Enumerable.Repeat(new PointCovariance(variance, 0, variance), 68)],
        };
    }
}
