using Mdfld.Tests.Torch;

namespace Mdfld.Tests.Onnx;

/// <summary>Runs a network in libtorch and, exported, in ONNX Runtime.</summary>
internal sealed class ExportedNetwork : IDisposable
{
    private readonly Network _network;
    private readonly int _height;
    private readonly int _width;
    private readonly OnnxRunner _runner;

    public ExportedNetwork(Network network, int height, int width, bool anySize = false)
    {
        (_network, _height, _width) = (network, height, width);
        using var folder = new TemporaryFolder();
        OnnxExport.Save(folder["network.onnx"], network, height, width, anySize: anySize);
        _runner = new OnnxRunner(folder["network.onnx"]);
        network.Eval();
    }

    /// <summary>Gives every parameter and running statistic a value that is no default.</summary>
    public static void Randomise(Module module, Random random)
    {
        foreach (var (name, tensor) in module.StateDict().Where(entry => entry.Tensor.dtype == ScalarType.Float32))
        {
            // Weights keep the spread they were made with; variances and scales stay away from zero.
            var values = tensor.ToArray<float>();
            foreach (ref var value in values.AsSpan())
            {
                value = name.EndsWith("running_var", StringComparison.Ordinal) || (tensor.ndim == 1 && value == 1)
                    ? random.NextSingle() + 0.5f
                    : value + (random.NextSingle() - 0.5f) * (tensor.ndim == 1 ? 1 : 0.01f);
            }
            tensor.Overwrite<float>(values);
        }
    }

    /// <summary>Numbers uniform in [-1, 1].</summary>
    public static float[] Noise(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    /// <summary>The largest difference of any output, for inputs uniform in [-1, 1].</summary>
    public float Difference(int batch, int seed) => Difference(batch, seed, _height, _width);

    public float Difference(int batch, int seed, int height, int width) =>
        Difference(Noise(batch * Picture.Channels * height * width, seed), batch, height, width);

    public float Difference(float[] input, int batch) => Difference(input, batch, _height, _width);

    /// <summary>
    /// The largest difference for one picture, and how near any value comes to a threshold it is compared with.
    /// </summary>
    public (float Difference, float Margin) DifferenceAndMargin(float[] input)
    {
        var margin = float.PositiveInfinity;
        var ops = ObservedOps.Of(_network.Ops, (name, arguments, _) =>
        {
            if (name == nameof(IOps<Tensor>.Greater))
            {
                var threshold = (float)(double)arguments[1]!;
                margin = Math.Min(
                    margin, ((Tensor)arguments[0]!).ToArray<float>().Min(value => Math.Abs(value - threshold)));
            }
        });
        return (Difference(input, 1, _height, _width, ops), margin);
    }

    public void Dispose() => _runner.Dispose();

    private float Difference(
        float[] input, int batch, int height, int width, IOps<Tensor>? ops = null)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var outputs = _runner.Run(input, batch, Picture.Channels, height, width);
        var images = Tensor.From<float>(input, batch, Picture.Channels, height, width);
        var largest = 0f;
        foreach (var (name, value) in _network.Predict(ops ?? _network.Ops, images))
        {
            Assert.Equal(value.shape, outputs[name].Dimensions.ToArray().Select(size => (long)size));
            var differences = value.ToArray<float>().Zip(outputs[name].ToArray(), (a, b) => Math.Abs(a - b));
            // A NaN must not pass for a small difference.
            foreach (var difference in differences)
                largest = difference <= largest ? largest : difference;
        }
        return largest;
    }
}
