using System.Numerics;
using Mdfld.Training;

namespace Mdfld.Tests.Star;

/// <summary>The whole of STAR learns: sample, network, loss, for schemes that have no golden network.</summary>
public sealed class LearningTests
{
    [Theory]
    [InlineData(98)]
    [InlineData(29)]
    public void NetworksOfOtherSchemesLearn(int points)
    {
        var scheme = LandmarkScheme.ForCount(points);
        using var outer = NewDisposeScope();
        using var network = new StarNetwork(new StarOptions(scheme, Channels: 8, Stacks: 2));
        WeightInitialisation.Uniform(network, new Random(7));
        using var optimiser = new NamedOptimiser(
            network, new OptimiserSettings { Kind = OptimiserKind.Adam, LearningRate = 2e-3 });
        var criterion = new StarCriterion(new StarLoss());
        var crop = new Picture(256, 256);
        new Random(5).NextBytes(crop.Data);
        var sample = StarSample.From(crop, Face(points), scheme);
        var picture = Tensor.From<float>(sample.Picture, 1, 3, 256, 256);
        var targets = new StarTargets(
            Tensor.From<float>(sample.Landmarks, 1, points, 2),
            Tensor.From<float>(sample.PointMaps, 1, points, 64, 64),
            Tensor.From<float>(sample.EdgeMaps, 1, scheme.Contours.Length, 64, 64));

        var losses = new List<double>();
        for (var step = 0; step < 6; step++)
        {
            using var scope = NewDisposeScope();
            var loss = criterion.Forward(network.Forward(picture), targets);
            losses.Add(loss.ToDouble());
            loss.backward();
            optimiser.Step();
        }

        Assert.All(losses, loss => Assert.True(double.IsFinite(loss)));
        Assert.True(losses[^1] < losses[0], $"the loss went from {losses[0]} to {losses[^1]}");
    }

    [Fact]
    public void ASampleRefusesAnotherNumberOfPointsOrAnotherCrop()
    {
        Assert.Throws<ArgumentException>(() => StarSample.From(new Picture(256, 256), Face(68), LandmarkScheme.Wflw98));
        Assert.Throws<ArgumentException>(() => StarSample.From(new Picture(128, 128), Face(98), LandmarkScheme.Wflw98));
    }

    /// <summary>Points on a spiral: no two coincide, no edge is straight.</summary>
    private static Vector2[] Face(int points) =>
        [.. Enumerable.Range(0, points).Select(i => OnSpiral(20 + (90f * i / points), i * 0.7f))];

    private static Vector2 OnSpiral(float radius, float angle) =>
        new(128 + (radius * MathF.Cos(angle)), 128 + (radius * MathF.Sin(angle)));
}
