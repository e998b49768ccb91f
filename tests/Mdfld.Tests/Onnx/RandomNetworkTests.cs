using Mdfld.Torch;

namespace Mdfld.Tests.Onnx;

public sealed class RandomNetworkTests
{
    // Ten layers of random scale carry rounding that differs from processor to processor (1.2e-5 was seen); a wrong
    // layer is off by a hundredth and more.
    private const float Tolerance = 1e-4f;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void OnnxRuntimeAgrees(int seed)
    {
        using var module = new RandomNetwork(seed);
        using var network = new ExportedNetwork(module, x => [("y", module.Forward(x))], 3, 16, 16);
        foreach (var batch in new[] { 1, 2, 5 })
            Assert.InRange(network.Difference(batch, seed), 0, Tolerance);
    }
}

/// <summary>
/// A chain of randomly chosen layers on (N, 3, 16, 16) with random parameters and running statistics, brought to the
/// range of a sigmoid at the end.
/// </summary>
internal sealed class RandomNetwork : Module
{
    private const int Channels = 8;
    private const int Layers = 10;

    private readonly List<Func<Tensor, Tensor>> _layers = [];

    public RandomNetwork(int seed)
    {
        var random = new Random(seed);
        var stem = Child("stem", new Conv2d(3, Channels, 3));
        _layers.Add(stem.Forward);
        for (var i = 0; i < Layers; i++)
            _layers.Add(Layer(random, $"layer{i}"));
        Randomise(this, random);
    }

    /// <summary>Gives every parameter and running statistic a value that is no default.</summary>
    public static void Randomise(Module module, Random random)
    {
        foreach (var (name, tensor) in module.StateDict().Where(entry => entry.Tensor.Type == ScalarType.Float32))
        {
            // Weights keep the spread they were made with; variances and scales stay away from zero.
            var values = tensor.ToArray<float>();
            foreach (ref var value in values.AsSpan())
            {
                value = name.EndsWith("running_var", StringComparison.Ordinal) || (tensor.Dimensions == 1 && value == 1)
                    ? random.NextSingle() + 0.5f
                    : value + (random.NextSingle() - 0.5f) * (tensor.Dimensions == 1 ? 1 : 0.01f);
            }
            tensor.Overwrite<float>(values);
        }
    }

    public Tensor Forward(Tensor x) => _layers.Aggregate(x, (value, layer) => layer(value)).Sigmoid();

    private Func<Tensor, Tensor> Layer(Random random, string name)
    {
        var norm = Child($"{name}.norm", new BatchNorm2d(Channels));
        switch (random.Next(7))
        {
            case 0:
                var conv = Child(name, new Conv2d(Channels, Channels, 3, groups: random.Next(2) == 0 ? 1 : 4));
                return x => norm.Forward(conv.Forward(x)).Relu();
            case 1:
                var inner = Child(name, new Conv2d(Channels, Channels, 1, bias: false));
                return x => inner.Forward(norm.Forward(x).Relu()) + x;
            case 2:
                return x => x.MaxPool2d(2, 2).UpsampleNearest2d(x.Shape[2], x.Shape[3]) + norm.Forward(x);
            case 3:
                var merge = Child(name, new Conv2d(2 * Channels, Channels, 1));
                return x => merge.Forward(Tensor.Cat([x, norm.Forward(x).Silu()], 1));
            case 4:
                var gate = Child(name, new Conv2d(Channels, Channels, 1));
                return x => norm.Forward(x) * gate.Forward(x.Mean([2, 3], true)).Sigmoid();
            case 5:
                var shared = Child(name, new Conv2d(Channels, Channels, 3, padding: 1));
                return x => norm.Forward(shared.Forward(shared.Forward(x))).Hardswish();
            default:
                return x => norm.Forward(x.InstanceNorm().Relu());
        }
    }
}
