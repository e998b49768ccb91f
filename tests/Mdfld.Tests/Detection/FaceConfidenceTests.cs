using System.Collections.Immutable;
using System.Numerics;

namespace Mdfld.Tests.Detection;

public sealed class FaceConfidenceTests
{
    [Fact]
    public void TheTextReadsBack()
    {
        var confidence = new FaceConfidence([1, -2.5, 1e-9, 4], 0.37f);
        var read = FaceConfidence.Parse(confidence.ToText())!;
        Assert.Equal(confidence.Weights, read.Weights);
        Assert.Equal(confidence.Threshold, read.Threshold);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"threshold\":0.5}")]
    [InlineData("{\"threshold\":0.5,\"weights\":[1,2,3]}")]
    [InlineData("{\"threshold\":1.5,\"weights\":[1,2,3,4]}")]
    [InlineData("{\"threshold\":0.5,\"weights\":[1,2,3,\"4\"]}")]
    [InlineData("{\"threshold\":0.5,\"weights\":[1,2,3,1e999]}")]
    [InlineData("{\"threshold\":0.5,\"weights\":7}")]
    public void OtherTextIsNone(string text) => Assert.Null(FaceConfidence.Parse(text));

    [Fact]
    public void DoubtGrowsWithSpreadAndWithSmallEyes()
    {
        var confidence = new FaceConfidence([-1, 1, 0, -3], 0.5f);
        var (sure, unsure) = (Face(0.1f), Face(20));
        Assert.InRange(confidence.Of(sure), 0.5f, 1);
        Assert.InRange(confidence.Of(unsure), 0, confidence.Of(sure) - 0.1f);
        var corners = sure.Points.SetItem(36, sure.Points[45] + new Vector2(5, 0));
        Assert.True(confidence.Of(sure with { Points = corners }) < confidence.Of(sure) - 0.1f);
    }

    [Fact]
    public void AFaceOfAnySizeIsTrustedAlike()
    {
        var confidence = new FaceConfidence([-5, 3, 0, -9], 0.5f);
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
        var confidence = new FaceConfidence([-1, 1, 1, -6], 0.5f);
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
