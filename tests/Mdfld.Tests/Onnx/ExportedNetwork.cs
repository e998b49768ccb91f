using Mdfld.Torch;

namespace Mdfld.Tests.Onnx;

/// <summary>Runs a network in libtorch and, exported, in ONNX Runtime.</summary>
internal sealed class ExportedNetwork : IDisposable
{
    private readonly Func<Tensor, IReadOnlyList<(string Name, Tensor Value)>> _forward;
    private readonly long[] _inputShape;
    private readonly OnnxRunner _runner;

    public ExportedNetwork(
        Module module, Func<Tensor, IReadOnlyList<(string Name, Tensor Value)>> forward, params long[] inputShape)
    {
        (_forward, _inputShape) = (forward, inputShape);
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "network.onnx");
        OnnxExport.Save(path, module, forward, inputShape);
        _runner = new OnnxRunner(path);
        module.Eval();
    }

    public ExportedNetwork(Func<Tensor, Tensor> forward, params long[] inputShape)
        : this(new NoParameters(), x => [("y", forward(x))], inputShape)
    {
    }

    /// <summary>The largest difference of any output, for inputs uniform in [-1, 1].</summary>
    public float Difference(int batch, int seed)
    {
        var random = new Random(seed);
        var count = _inputShape.Aggregate((long)batch, (a, b) => a * b);
        return Difference([.. Enumerable.Range(0, (int)count).Select(_ => random.NextSingle() * 2 - 1)], batch);
    }

    public float Difference(float[] input, int batch)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var outputs = _runner.Run(input, [batch, .. _inputShape.Select(size => (int)size)]);
        var largest = 0f;
        foreach (var (name, value) in _forward(Tensor.From<float>(input, [batch, .. _inputShape])))
        {
            Assert.Equal(value.Shape, outputs[name].Dimensions.ToArray().Select(size => (long)size));
            var differences = value.ToArray<float>().Zip(outputs[name].ToArray(), (a, b) => Math.Abs(a - b));
            // A NaN must not pass for a small difference.
            foreach (var difference in differences)
                largest = difference <= largest ? largest : difference;
        }
        return largest;
    }

    public void Dispose() => _runner.Dispose();

    private sealed class NoParameters : Module;
}
