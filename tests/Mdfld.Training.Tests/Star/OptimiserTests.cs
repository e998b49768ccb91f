using System.Text.Json;
using Mdfld.Training;

namespace Mdfld.Tests.Star;

/// <summary>Adam and the moving average against adam_ema.json.</summary>
public sealed class OptimiserTests
{
    private const double Tolerance = 1e-6;

    private static readonly JsonElement Facts = StarGolden.Json("adam_ema.json");

    [Fact]
    public void TheAverageOfAFrozenWeightIsThatWeight()
    {
        using var scope = NewDisposeScope();
        using var toy = new Toy([0.1f, 0.2f, 0.3f, 0.7f, 1.1f, 1.9f]);
        toy.RequireGrad(false);
        using var average = new ExponentialMovingAverage(toy);
        for (var step = 0; step < 200; step++)
            average.Update(0.9985);

        Assert.Equal(
            toy.Weights.ToArray<float>(), average.StateDict().Single(t => t.Name == "weights").Tensor.ToArray<float>());
    }

    [Fact]
    public void FiveStepsOfAdamAndTheAverage()
    {
        using var scope = NewDisposeScope();
        using var toy = new Toy(Floats(Facts.GetProperty("initial")));
        using var optimiser = new NamedOptimiser(toy, new OptimiserSettings
        {
            Kind = OptimiserKind.Adam,
            LearningRate = Facts.GetProperty("lr").GetDouble(),
        });
        using var average = new ExponentialMovingAverage(toy);
        var decay = Math.Pow(0.5, 32 / 10_000.0);
        Assert.Equal(Facts.GetProperty("ema_decay").GetDouble(), decay, 1e-12);

        var gradients = Facts.GetProperty("gradients");
        for (var step = 0; step < gradients.GetArrayLength(); step++)
        {
            // d(p g)/dp = g
            (toy.Weights * Tensor.From<float>(Floats(gradients[step]), 6)).sum().backward();
            optimiser.Step();
            toy.Statistics.Overwrite<float>(Floats(Facts.GetProperty("buffer")[step]));
            toy.Counter.Overwrite<long>([step + 1]);
            average.Update(decay);

            Near.AssertWithin(
                Tolerance, Floats(Facts.GetProperty("param")[step]), toy.Weights.ToArray<float>(), "parameter");
            var averages = average.StateDict().ToDictionary(t => t.Name, t => t.Tensor);
            Near.AssertWithin(
                Tolerance, Floats(Facts.GetProperty("ema")[step]), averages["weights"].ToArray<float>(), "average");
            var statistics = averages["statistics"].ToArray<float>();
            Near.AssertWithin(Tolerance, Floats(Facts.GetProperty("ema_buffer")[step]), statistics, "buffer");
            Assert.Equal(Facts.GetProperty("ema_counter")[step].GetInt64(), averages["counter"].ToArray<long>()[0]);
        }
    }

    private static float[] Floats(JsonElement values) => [.. values.EnumerateArray().Select(v => (float)v.GetDouble())];

    private sealed class Toy : Module
    {
        public Toy(float[] initial)
        {
            AddParameter("weights", Tensor.From<float>(initial, initial.Length));
            AddBuffer("statistics", zeros([2]));
            AddBuffer("counter", zeros([1], dtype: ScalarType.Int64));
        }

        public Tensor Weights => this["weights"];

        public Tensor Statistics => this["statistics"];

        public Tensor Counter => this["counter"];
    }
}
