using Mdfld.Training;

namespace Mdfld.Tests.Star;

/// <summary>Losses and gradients against golden section 4.</summary>
public sealed class LossTests
{
    private const double LossTolerance = 1e-5;

    private static readonly GoldenTensors Golden = GoldenTensors.Open("losses.safetensors");

    [Fact]
    public void MomentsOfHeatmaps()
    {
        using var scope = NewDisposeScope();
        var moments = HeatmapMoments.Of(Golden.ToTensor("star.heatmap"));
        var (small, large, angle) = moments.PrincipalAxes();
        Near.AssertWithin(1e-6, Golden.Floats("star.means"), moments.Mean.ToArray<float>(), "means");

        var covariance = stack([moments.VarianceX, moments.Covariance, moments.Covariance, moments.VarianceY], -1);
        Near.AssertWithin(1e-6, Golden.Floats("star.covariance"), covariance.ToArray<float>(), "covariance");
        Near.AssertWithin(
            1e-6, Golden.Floats("star.eigenvalues"), stack([small, large], -1).ToArray<float>(), "eigenvalues");

        // An axis has no sign: compare |v0 . v1'|, which is 0 for the same axes.
        var vectors = Golden.Floats("star.eigenvectors");
        var angles = angle.ToArray<float>();
        for (var i = 0; i < angles.Length; i++)
        {
            var (sin, cos) = Math.SinCos(angles[i]);
            Assert.Equal(0, (vectors[4 * i] * cos) + (vectors[(4 * i) + 2] * sin), 1e-5);
        }
    }

    [Theory]
    [InlineData(StarLossVersion.Two, PointDistance.SmoothL1)]
    [InlineData(StarLossVersion.Two, PointDistance.L1)]
    [InlineData(StarLossVersion.Two, PointDistance.L2)]
    [InlineData(StarLossVersion.One, PointDistance.SmoothL1)]
    [InlineData(StarLossVersion.One, PointDistance.L1)]
    [InlineData(StarLossVersion.One, PointDistance.L2)]
    [InlineData(StarLossVersion.One, PointDistance.Wing)]
    public void StarLossAndGradient(StarLossVersion version, PointDistance distance)
    {
        using var scope = NewDisposeScope();
        var loss = version == StarLossVersion.One ? "STARLoss" : "STARLoss_v2";
        var name = $"{loss}.{distance.ToString().ToLowerInvariant()}";
        foreach (var weight in new[] { 1, 0.5 })
        {
            var maps = Golden.ToTensor("star.heatmap");
            maps.requires_grad = true;
            var value = new StarLoss(version, distance, weight).Forward(maps, Golden.ToTensor("star.groundtruth"));
            value.backward();

            var expected = StarGolden.Json("losses.json").GetProperty(FormattableString.Invariant($"{name}.w{weight}"));
            AssertRelative(expected.GetProperty("loss").GetDouble(), value.ToDouble());
            var gradient = maps.grad!.ToArray<float>();
            var norm = Math.Sqrt(gradient.Sum(g => (double)g * g));
            Assert.Equal(1, norm / expected.GetProperty("grad_norm").GetDouble(), 1e-4);
            if (weight == 1)
                AssertGradient(Golden.Floats($"{name}.grad_heatmap"), gradient);
        }
    }

    [Fact]
    public void StarVersionTwoRefusesWing() =>
        Assert.Throws<ArgumentException>(() => new StarLoss(StarLossVersion.Two, PointDistance.Wing));

    [Fact]
    public void AnEmptyHeatmapHasALossButNoGradient()
    {
        using var scope = NewDisposeScope();
        var expected = StarGolden.Json("losses.json").GetProperty("STARLoss_v2.smoothl1.w1.zero_heatmap");
        var maps = zeros([1, 1, 64, 64]);
        maps.requires_grad = true;
        var loss = new StarLoss().Forward(maps, Tensor.From<float>([0.1f, -0.2f], 1, 1, 2));
        loss.backward();
        AssertRelative(expected.GetProperty("loss").GetDouble(), loss.ToDouble());
        Assert.True(expected.GetProperty("gradient_is_nan").GetBoolean());
        Assert.Contains(maps.grad!.ToArray<float>(), float.IsNaN);
    }

    [Fact]
    public void AdaptiveWing()
    {
        using var scope = NewDisposeScope();
        var expected = StarGolden.Json("losses.json").GetProperty("AWingLoss");
        var prediction = Golden.ToTensor("awing.prediction");
        prediction.requires_grad = true;
        var target = Golden.ToTensor("awing.groundtruth");
        var loss = AdaptiveWingLoss.Forward(prediction, target);
        loss.backward();

        AssertRelative(expected.GetProperty("loss").GetDouble(), loss.ToDouble());
        AssertRelative(
            expected.GetProperty("loss_without_weight_map").GetDouble(),
            AdaptiveWingLoss.Forward(prediction, target, weighted: false).ToDouble());
        Near.AssertWithin(
            1e-6, Golden.Floats("awing.weight_map"), AdaptiveWingLoss.WeightMap(target).ToArray<float>(), "weight map");
        AssertGradient(Golden.Floats("awing.grad"), prediction.grad!.ToArray<float>());
    }

    [Theory]
    [InlineData(PointDistance.SmoothL1, "SmoothL1Loss")]
    [InlineData(PointDistance.Wing, "WingLoss")]
    [InlineData(PointDistance.L1, "F.l1_loss")]
    [InlineData(PointDistance.L2, "F.mse_loss")]
    public void CoordinateLosses(PointDistance distance, string name)
    {
        using var scope = NewDisposeScope();
        var prediction = Golden.ToTensor("coord.prediction");
        prediction.requires_grad = true;
        var distances = PointDistances.Of(prediction - Golden.ToTensor("coord.groundtruth"), distance);
        var loss = distances.mean();
        loss.backward();

        AssertRelative(
            StarGolden.Json("losses.json").GetProperty(name).GetProperty("loss").GetDouble(), loss.ToDouble());
        if (Golden.Has($"{name}.grad"))
            AssertGradient(Golden.Floats($"{name}.grad"), prediction.grad!.ToArray<float>());
        if (Golden.Has($"{name}.none"))
            Near.AssertWithin(1e-6, Golden.Floats($"{name}.none"), distances.ToArray<float>(), "distances");
    }

    [Theory]
    [InlineData("decoder")]
    [InlineData("decoder.nonsquare")]
    public void SoftArgmaxDecodes(string name)
    {
        using var scope = NewDisposeScope();
        var golden = GoldenTensors.Open("encoder.safetensors");
        var coordinates = SoftArgmax.Decode(new TorchOps(), golden.ToTensor($"{name}.heatmap"));
        Assert.Equal(golden.Shape($"{name}.coords"), coordinates.shape);
        Near.AssertWithin(1e-5, golden.Floats($"{name}.coords"), coordinates.ToArray<float>(), "coordinates");
    }

    private static void AssertRelative(double expected, double actual) =>
        Assert.True(
            Math.Abs(actual - expected) <= LossTolerance * Math.Abs(expected), $"loss {actual}, expected {expected}");

    private static void AssertGradient(float[] expected, float[] actual)
    {
        Near.AssertWithin(1e-5 * expected.Max(Math.Abs), expected, actual, "gradient");
        Assert.True(Near.RelativeL2(expected, actual) <= 1e-4);
    }
}
