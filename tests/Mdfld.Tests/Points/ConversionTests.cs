using System.Numerics;
using FsCheck.Xunit;

namespace Mdfld.Tests.Points;

public sealed class ConversionTests
{
    [Fact]
    public void NinetyEightPointsHoldSixtyEight()
    {
        var points = Enumerable.Range(0, 98).Select(i => new Vector2(i, 0)).ToArray();
        var converted = LandmarkScheme.Wflw98.Convert(points, LandmarkScheme.Ibug68);
        // Chin, brows' ends, nose tip, eye corners, upper lid, mouth corners, inner lips.
        Assert.Equal(
            [16f, 33, 37, 42, 46, 54, 60, 64, 68, 72, 63, 76, 82, 88, 95],
            new[] { 8, 17, 21, 22, 26, 30, 36, 39, 42, 45, 38, 48, 54, 60, 67 }.Select(i => converted[i].X));
        Assert.Equal(68, converted.Distinct().Count());
    }

    [Fact]
    public void GroupsStayGroups()
    {
        for (var group = 0; group < 5; group++)
        {
            var wflw = LandmarkScheme.Wflw98.Groups[group].Indices;
            var marked = Enumerable.Range(0, 98).Select(i => new Vector2(wflw.Contains(i) ? 1 : 0)).ToArray();
            var converted = LandmarkScheme.Wflw98.Convert(marked, LandmarkScheme.Ibug68);
            Assert.Equal(
                LandmarkScheme.Ibug68.Groups[group].Indices.Order(),
                Enumerable.Range(0, 68).Where(i => converted[i].X == 1));
        }
    }

    [Property]
    public bool AMirrorBeforeIsAMirrorAfter(int seed)
    {
        var random = new Random(seed);
        var points = Enumerable.Range(0, 98).Select(_ => new Vector2(random.Next(500), random.Next(500))).ToArray();
        var (from, to) = (LandmarkScheme.Wflw98, LandmarkScheme.Ibug68);
        return from.Convert(from.Mirror(points, 500), to).SequenceEqual(to.Mirror(from.Convert(points, to), 500));
    }

    [Property]
    public bool AnySchemeIsItself(int seed, byte which)
    {
        var scheme = ((LandmarkScheme[])[
            LandmarkScheme.Ibug68, LandmarkScheme.Wflw98, LandmarkScheme.Cofw29])[which % 3];
        var random = new Random(seed);
        var points = Enumerable.Range(0, scheme.Count).Select(_ => new Vector2(random.NextSingle())).ToArray();
        return scheme.Convert(points, scheme).SequenceEqual(points);
    }

    [Fact]
    public void WhatDoesNotFollowIsRefused()
    {
        (LandmarkScheme From, LandmarkScheme To)[] refused =
        [
            (LandmarkScheme.Ibug68, LandmarkScheme.Wflw98), (LandmarkScheme.Ibug68, LandmarkScheme.Cofw29),
            (LandmarkScheme.Wflw98, LandmarkScheme.Cofw29), (LandmarkScheme.Cofw29, LandmarkScheme.Ibug68),
            (LandmarkScheme.Cofw29, LandmarkScheme.Wflw98),
        ];
        foreach (var (from, to) in refused)
        {
            var refusal = Assert.Throws<ArgumentException>(() => from.Convert(new Vector2[from.Count], to));
            Assert.Contains("only 98 points hold 68", refusal.Message);
        }
    }

    [Property]
    public bool AMovedFaceIsTheSameFaceElsewhere(int seed, sbyte x, sbyte y)
    {
        var random = new Random(seed);
        var points = Enumerable.Range(0, 68).Select(_ => new Vector2(random.Next(999), random.Next(999))).ToArray();
        var face = LabelledFace.FromLandmarks("a.png", points, "ink");
        var moved = face.Moved(new Vector2(x, y));
        var anew = LabelledFace.FromLandmarks("a.png", [.. points.Select(p => p + new Vector2(x, y))], "ink");
        return moved.Landmarks.SequenceEqual(anew.Landmarks) && moved.FivePoints.SequenceEqual(anew.FivePoints)
            && moved.Centre == anew.Centre && moved.Scale == anew.Scale && moved.Style == anew.Style;
    }
}
