using System.Numerics;
using System.Text.Json;

namespace Mdfld.Tests.Points;

public class MetricsTests
{
    private static readonly JsonElement Golden = JsonDocument.Parse(
        File.ReadAllText(TestFiles.Golden("metrics.json"))).RootElement;

    [Theory]
    [InlineData("300W")]
    [InlineData("WFLW")]
    [InlineData("COFW")]
    public void NmeAgreesWithTheReference(string name)
    {
        var cases = Golden.GetProperty("nme").EnumerateArray()
            .Where(c => c.GetProperty("scheme").GetString() == name).ToArray();
        Assert.Equal(3, cases.Length);
        var found = ReadPoints(cases[0].GetProperty("prediction"));
        var truth = ReadPoints(cases[0].GetProperty("ground_truth"));
        var scheme = LandmarkScheme.ByName(name);
        foreach (var c in cases)
        {
            var norm = Enum.Parse<Normalisation>(c.GetProperty("norm_type").GetString()!, ignoreCase: true);
            Assert.Equal(c.GetProperty("nme").GetDouble(), Metrics.Nme(found, truth, scheme, norm), 1e-6);
        }
        var byEvaluate = cases[0].GetProperty("evaluate_py_nme").GetDouble();
        Assert.Equal(byEvaluate, Metrics.Nme(found, truth, scheme, Normalisation.Default), 1e-6);
    }

    [Fact]
    public void FailureRateAndAucFollowStarsRules()
    {
        var section = Golden.GetProperty("fr_auc");
        var nmes = section.GetProperty("nmes").EnumerateArray().Select(v => v.GetDouble()).ToArray();
        foreach (var c in section.GetProperty("results").EnumerateArray())
        {
            var threshold = c.GetProperty("threshold").GetDouble();
            Assert.Equal(c.GetProperty("grid_points").GetInt32(), StarMetrics.GridPoints(threshold));
            var (fr, auc) = StarMetrics.FailureRateAndAuc(nmes, threshold);
            Assert.Equal(c.GetProperty("fr").GetDouble(), fr);
            Assert.Equal(c.GetProperty("auc").GetDouble(), auc);
            (fr, auc) = StarMetrics.FailureRateAndAuc(nmes, threshold, rounded: false);
            Assert.Equal(c.GetProperty("fr_unrounded").GetDouble(), fr, 1e-6);
            Assert.Equal(c.GetProperty("auc_unrounded").GetDouble(), auc, 1e-6);
        }
    }

    [Fact]
    public void PlainMeasuresAreExactAreas()
    {
        // Half of the faces perfect, a quarter at 5 %, a quarter lost.
        double[] errors = [0, 0, 0.05, 0.2];
        Assert.Equal(0.25, Metrics.FailureRate(errors));
        Assert.Equal((1 + 1 + 0.5) / 4, Metrics.Auc(errors), 1e-12);
        Assert.Equal(0.5, Metrics.FailureRate([0.1, double.NaN]));
    }

    [Fact]
    public void PlainAreaIsWhereStarsGridConverges()
    {
        var random = new Random(1);
        var errors = Enumerable.Range(0, 500).Select(_ => random.NextDouble() * 0.15).ToArray();
        Assert.Equal(StarMetrics.FailureRateAndAuc(errors, 0.1, rounded: false).Auc, Metrics.Auc(errors), 1e-3);
    }

    [Fact]
    public void AGroupCountsItsOwnPointsOnly()
    {
        var truth = new Vector2[68];
        (truth[36], truth[45]) = (new(0, 0), new(100, 0));
        var found = (Vector2[])truth.Clone();
        found[30] += new Vector2(3, 4);
        var nose = LandmarkScheme.Ibug68.Groups[2].Indices;
        Assert.Equal(0.05 / 9, Metrics.Nme(found, truth, LandmarkScheme.Ibug68, points: nose.AsSpan()), 1e-12);
        Assert.Equal(0.05 / 68, Metrics.Nme(found, truth, LandmarkScheme.Ibug68), 1e-12);
    }

    [Fact]
    public void AFaceWithoutEyeDistanceIsRefused()
    {
        var flat = new Vector2[68];
        Assert.Contains("ocular distance is 0", Assert.Throws<InvalidDataException>(
            () => Metrics.Nme(flat, flat, LandmarkScheme.Ibug68)).Message);
        Assert.Throws<ArgumentException>(() => Metrics.Nme(new Vector2[5], flat, LandmarkScheme.Ibug68));
        Assert.Throws<ArgumentException>(() => Metrics.Auc([]));
    }

    private static Vector2[] ReadPoints(JsonElement e) =>
        [.. e.EnumerateArray().Select(p => new Vector2(p[0].GetSingle(), p[1].GetSingle()))];
}
