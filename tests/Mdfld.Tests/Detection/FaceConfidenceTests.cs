using System.Collections.Immutable;
using System.Numerics;

namespace Mdfld.Tests.Detection;

public sealed class FaceConfidenceTests
{
    [Fact]
    public void TheTextReadsBack()
    {
        var confidence = new FaceConfidence([1, -2.5, 1e-9, 4, 5, 6], [0.1, 0.2, 0.3, 0.4], 0.37f);
        var read = FaceConfidence.Parse(confidence.ToText())!;
        Assert.Equal(confidence.Found, read.Found);
        Assert.Equal(confidence.Given, read.Given);
        Assert.Equal(confidence.Threshold, read.Threshold);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"threshold\":0.5}")]
    [InlineData("{\"threshold\":0.5,\"found\":[1],\"given\":[1,2,3,4]}")]
    [InlineData("{\"threshold\":1.5,\"found\":[1,2,3,4,5,6],\"given\":[1,2,3,4]}")]
    [InlineData("{\"threshold\":0.5,\"found\":[1,2,3,4,5,\"6\"],\"given\":[1,2,3,4]}")]
    [InlineData("{\"threshold\":0.5,\"found\":[1,2,3,4,5,1e999],\"given\":[1,2,3,4]}")]
    [InlineData("{\"threshold\":0.5,\"found\":7,\"given\":[1,2,3,4]}")]
    public void OtherTextIsNone(string text) => Assert.Null(FaceConfidence.Parse(text));

    [Fact]
    public void DoubtGrowsWithSpreadAndWithMoves()
    {
        var confidence = new FaceConfidence([-1, -1, 0, 1, -1, -12], [-1, -1, 0, -4], 0.5f);
        var (sure, unsure) = (Face(0.1f), Face(20));
        Assert.InRange(confidence.Of(sure, null), 0.5f, 1);
        Assert.InRange(confidence.Of(unsure, null), 0, confidence.Of(sure, null) - 0.1f);
        var moved = sure with { Points = [.. sure.Points.Select(p => p + new Vector2(30))] };
        Assert.True(confidence.Of(sure, moved) < confidence.Of(sure, sure) - 0.01f);
    }

    [Fact]
    public void WhateverAModelSaysTheConfidenceIsAProbability()
    {
        var confidence = new FaceConfidence([-1, -1, 1, 1, -1, -6], [-1, -1, 1, -4], 0.5f);
        foreach (var variance in (float[])[0, -1, 1e30f, float.PositiveInfinity])
            Assert.InRange(confidence.Of(Face(variance), Face(1)), 0, 1);
        var point = Face(1) with { Points = [.. new Vector2[68]] };
        Assert.InRange(confidence.Of(point, point), 0, 1);
    }

    [Fact]
    public void ReliabilityIsWhatItSays()
    {
        (float, double)[] faces = [(0.95f, 0.05), (0.95f, 0.2), (0.15f, 0.3), (0.15f, double.PositiveInfinity)];
        var found = Reliability.Of(faces, 0.5f)!;
        // Two bins of two faces: 0.95 against 1 of 2, 0.15 against none.
        Assert.Equal((0.45 + 0.15) / 2, found.CalibrationError, 1e-6);
        Assert.Equal((0.5, 0.5), (found.Kept, found.FailureRate));
        Assert.Null(Reliability.Of([], 0.5f));
        Assert.Equal(0, Reliability.Of(faces, 1)!.FailureRate);
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
