using System.Text.Json;
using Mdfld.Training;

namespace Mdfld.Tests.Star;

/// <summary>
/// Golden section 9: four steps of the tiny network with the whole loss, Adam and the moving average. Rounding alone
/// moves the later losses; the tolerances are those the reference's own runs give.
/// </summary>
public sealed class TrainingStepTests
{
    private static readonly JsonElement Facts = StarGolden.Json("train_steps.json");

    [Theory]
    [InlineData("lr0.001.float32", 1e-3, new[] { 1e-5, 1e-3, 3e-3, 1e-2 })]
    [InlineData("lr1e-05.float32", 1e-5, new[] { 1e-5, 3e-4, 3e-4, 3e-4 })]
    public void FourStepsAreThoseOfTheOriginal(string name, double learningRate, double[] tolerances)
    {
        var run = Facts.GetProperty("runs").GetProperty(name);
        using var outer = NewDisposeScope();
        using var network = StarGolden.TinyNetwork();
        using var optimiser = new NamedOptimiser(
            network, new OptimiserSettings { Kind = OptimiserKind.Adam, LearningRate = learningRate });
        using var average = new ExponentialMovingAverage(network);
        var criterion = new StarCriterion(new StarLoss());
        var (input, targets) = (StarGolden.TinyInput(), Targets());

        for (var step = 0; step < tolerances.Length; step++)
        {
            using var scope = NewDisposeScope();
            var expected = run.GetProperty("steps")[step];
            var parts = criterion.Parts(network.Forward(input), targets);
            var loss = StarCriterion.Total(parts);
            var golden = expected.GetProperty("loss").GetDouble();
            AssertRelative(golden, loss.ToDouble(), tolerances[step], $"loss of step {step + 1}");
            loss.backward();
            if (step == 0)
            {
                AssertParts(expected.GetProperty("losses_by_output"), parts);
                AssertGradients(network);
            }

            optimiser.Step();
            average.Update(Math.Pow(0.5, 128 / 10_000.0));
        }

        var still = Names("parameters_whose_true_gradient_is_zero");
        AssertRelative(
            run.GetProperty("final_param_norm_without_zero_gradient_parameters").GetDouble(),
            Norm(network.StateDict().Where(p => p.Tensor.requires_grad && !still.Contains(p.Name))),
            1e-5,
            "parameter norm");
        AssertRelative(
            run.GetProperty("final_ema_param_norm").GetDouble(),
            Norm(average.StateDict().Where(t => network.Parameters().Any(p => p.Name == t.Name))),
            1e-5,
            "norm of the averages");
    }

    private static void AssertParts(JsonElement expected, IReadOnlyList<StackLoss> parts)
    {
        var actual = parts.SelectMany(p => new[] { p.Star, p.PointMaps, p.EdgeMaps }).Select(t => t.ToDouble())
            .ToArray();
        Assert.Equal(expected.GetArrayLength(), actual.Length);
        for (var i = 0; i < actual.Length; i++)
            AssertRelative(expected[i].GetDouble(), actual[i], 1e-5, $"part {i}");
    }

    private static void AssertGradients(StarNetwork network)
    {
        var norms = Facts.GetProperty("first_step_grad_norm_by_parameter_float64");
        var without = Names("parameters_without_gradient");
        var compared = 0;
        foreach (var (name, parameter) in network.Parameters())
        {
            using var gradient = parameter.grad;
            Assert.Equal(without.Contains(name), gradient is null);
            if (gradient is null || !norms.TryGetProperty(name, out var norm))
                continue;
            AssertRelative(norm.GetDouble(), Norm([(name, gradient)]), 1e-2, $"gradient of {name}");
            compared++;
        }

        Assert.Equal(norms.EnumerateObject().Count(), compared);
    }

    /// <summary>Targets by formula, as the setup of train_steps.json describes them; not the drawn ones.</summary>
    private static StarTargets Targets()
    {
        var landmarks = Facts.GetProperty("train_landmarks").EnumerateArray()
            .SelectMany(face => face.EnumerateArray())
            .SelectMany(point => point.EnumerateArray().Select(v => (float)v.GetDouble()))
            .ToArray();
        var scheme = LandmarkScheme.Ibug68;
        var pointMaps = new List<float>();
        var edgeMaps = new List<float>();
        for (var face = 0; face < 2; face++)
        {
            for (var point = 0; point < scheme.Count; point++)
                pointMaps.AddRange(Map(face, [point], sigma: 1.5));
            foreach (var edge in scheme.Contours)
                edgeMaps.AddRange(Map(face, [.. edge.Indices], sigma: 2));
        }

        return new StarTargets(
            Tensor.From<float>(landmarks, 2, 68, 2),
            Tensor.From<float>(pointMaps.ToArray(), 2, 68, 64, 64),
            Tensor.From<float>(edgeMaps.ToArray(), 2, 9, 64, 64));

        IEnumerable<float> Map(int face, int[] points, double sigma)
        {
            var centres = points.Select(p => (face * 68) + p)
                .Select(p => (X: (landmarks[2 * p] + 1.0) / 2 * 63, Y: (landmarks[(2 * p) + 1] + 1.0) / 2 * 63))
                .ToArray();
            for (var i = 0; i < 64 * 64; i++)
            {
                var (x, y) = (i % 64, i / 64);
                var nearest = centres.Min(c => ((x - c.X) * (x - c.X)) + ((y - c.Y) * (y - c.Y)));
                yield return (float)Math.Exp(-nearest / (2 * sigma * sigma));
            }
        }
    }

    private static HashSet<string> Names(string property) =>
        [.. Facts.GetProperty(property).EnumerateArray().Select(v => v.GetString()!)];

    private static double Norm(IEnumerable<(string Name, Tensor Tensor)> tensors) =>
        Math.Sqrt(tensors.Sum(t => t.Tensor.ToArray<float>().Sum(v => (double)v * v)));

    private static void AssertRelative(double expected, double actual, double tolerance, string what) =>
        Assert.True(
            Math.Abs(actual - expected) <= tolerance * Math.Abs(expected), $"{what}: {actual}, expected {expected}");
}
