using System.Numerics;
using Mdfld.Torch;
using Mdfld.Training.Star;

namespace Mdfld.Tests.Star;

/// <summary>What the trainer uses: batches, targets, a loss that falls.</summary>
public sealed class TaskTests
{
    [Fact]
    public void TargetsOfABatchAreThoseOfItsSamples()
    {
        using var scope = new TensorScope();
        var crop = new Image(256, 256);
        var faces = new[] { Face(LandmarkScheme.Cofw29, 0), Face(LandmarkScheme.Cofw29, 40) };
        var (_, expected) = StarSample.Stack([.. faces.Select(f => StarSample.From(crop, f, LandmarkScheme.Cofw29))]);

        // Network units of pixels that may lie outside: not clamped.
        var units = faces.SelectMany(f => f).SelectMany(p => new[] { (((2 * p.X) + 1) / 256) - 1, (((2 * p.Y) + 1) / 256) - 1 });
        var targets = StarTargets.From(Tensor.From<float>(units.ToArray(), 2, 29, 2), LandmarkScheme.Cofw29);
        Near.AssertWithin(1e-6, expected.Landmarks.ToArray<float>(), targets.Landmarks.ToArray<float>(), "landmarks");
        Assert.Equal(expected.PointMaps.ToArray<float>(), targets.PointMaps.ToArray<float>());
        Near.AssertEdgeMaps(expected.EdgeMaps.ToArray<float>(), targets.EdgeMaps.ToArray<float>());
        Assert.Contains(faces[1], p => p.X > 255);
    }

    [Fact]
    public void TargetsRefuseAnotherNumberOfPoints()
    {
        using var scope = new TensorScope();
        Assert.Throws<ArgumentException>(() => StarTargets.From(Tensor.Zeros([1, 68, 2]), LandmarkScheme.Wflw98));
    }

    [Theory]
    [InlineData(98)]
    [InlineData(29)]
    public void NetworksOfOtherSchemesLearn(int points)
    {
        var scheme = LandmarkScheme.ForCount(points);
        using var outer = new TensorScope();
        using var network = new StarNetwork(new StarOptions(scheme, Channels: 8, Stacks: 2));
        using var optimiser = new Adam(network.Parameters(), learningRate: 2e-3);
        var task = new StarTask(network);
        var crop = new Image(256, 256);
        new Random(5).NextBytes(crop.Data);
        var (pictures, targets) = StarSample.Stack([StarSample.From(crop, Face(scheme, 0), scheme)]);

        var losses = new List<double>();
        for (var step = 0; step < 6; step++)
        {
            using var scope = new TensorScope();
            var loss = task.Loss(pictures, targets);
            losses.Add(loss.ToDouble());
            loss.Backward();
            optimiser.Step();
        }

        Assert.All(losses, loss => Assert.True(double.IsFinite(loss)));
        Assert.True(losses[^1] < losses[0], $"the loss went from {losses[0]} to {losses[^1]}");
        Assert.Equal([1, points, 2], task.Predict(pictures).Shape);
    }

    /// <summary>Points on a spiral: no two coincide, none of the edges is straight.</summary>
    private static Vector2[] Face(LandmarkScheme scheme, float shift) =>
    [
        .. Enumerable.Range(0, scheme.Count).Select(i => new Vector2(
            128 + shift + ((20 + (90f * i / scheme.Count)) * MathF.Cos(i * 0.7f)),
            128 + ((20 + (90f * i / scheme.Count)) * MathF.Sin(i * 0.7f)))),
    ];
}
