using Mdfld.Torch.Onnx;

namespace Mdfld.Torch;

/// <summary>
/// Writes a network as an ONNX file (operator set 17) by watching two forward passes. The network runs in evaluation
/// mode; whatever it computes from its parameters alone becomes a constant; batch normalisations fold into the
/// convolutions before them; the batch size stays free, and with it, where wanted, height and width.
/// </summary>
/// <remarks>
/// The network must do the same for every input: no decisions on values. Arithmetic has to go through tensors, not
/// through numbers read out of them. A second pass on other values finds most violations.
/// </remarks>
public static class OnnxExport
{
    /// <summary>Exports a network and replaces the file in one step.</summary>
    /// <param name="path">Where to write.</param>
    /// <param name="module">Owns the parameters, which keep their names; set to evaluation mode for the passes.</param>
    /// <param name="forward">The pass: from an input (N, ...) to named outputs (N, ...), in the file's order.</param>
    /// <param name="inputShape">Sizes of one input without the batch: channels, height, width.</param>
    /// <param name="inputName">Name of the input in the file.</param>
    /// <param name="metadata">Text properties of the file.</param>
    /// <param name="anySize">
    /// Whether the input may be any multiple of the height and the width in <paramref name="inputShape"/>.
    /// </param>
    /// <exception cref="NotSupportedException">
    /// The network uses an operator, or does something, that cannot be exported; the message names it.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written; an older one is left as it was.</exception>
    public static void Save(
        string path,
        Module module,
        Func<Tensor, IReadOnlyList<(string Name, Tensor Value)>> forward,
        ReadOnlySpan<long> inputShape,
        string inputName = "image",
        IReadOnlyDictionary<string, string>? metadata = null,
        bool anySize = false)
    {
        var graph = Trace(module, forward, inputShape, inputName, anySize);
        ModelFile.Write(ModelFile.Wrap(graph, metadata ?? new Dictionary<string, string>()), path);
    }

    /// <summary>The graph of a network.</summary>
    internal static GraphProto Trace(
        Module module,
        Func<Tensor, IReadOnlyList<(string Name, Tensor Value)>> forward,
        ReadOnlySpan<long> inputShape,
        string inputName,
        bool anySize = false)
    {
        using var noGrad = Autograd.NoGrad();
        using var scope = new TensorScope();
        var parameters = new Dictionary<Tensor, TracedTensor>(ReferenceEqualityComparer.Instance);
        foreach (var (name, tensor) in module.StateDict())
            parameters[tensor] = TracedTensor.Constant(tensor, name);

        var training = module.Training;
        module.Eval();
        try
        {
            long[] one = [Size.FirstBatch, .. inputShape], other = [Size.SecondBatch, .. inputShape];
            if (anySize)
            {
                foreach (var (axis, growth) in ((int, Growth)[])[(2, Growth.Height), (3, Growth.Width)])
                {
                    var (times, otherTimes) = Size.TracesOf(growth);
                    one[axis] *= times;
                    other[axis] *= otherTimes;
                }
            }
            return Convert(
                Pass.Run(parameters, forward, one), Pass.Run(parameters, forward, other), inputName, anySize);
        }
        finally
        {
            module.Train(training);
        }
    }

    private static GraphProto Convert(Pass first, Pass second, string inputName, bool anySize)
    {
        var pair = new TracePair(anySize ? Growth.Width : Growth.Batch);
        var graph = new GraphBuilder();
        var conversion = new Conversion(graph);
        var input = pair.Merge(first.Input, second.Input);
        conversion.Bind(input, graph.Input(inputName, input.Type.ToOnnx(), input.Shape.AsSpan(1)));
        foreach (var call in pair.Merge(first.Calls, second.Calls))
            Converters.Convert(conversion, call);

        if (!first.Outputs.Select(o => o.Name).SequenceEqual(second.Outputs.Select(o => o.Name)))
            throw new NotSupportedException("the network gave other outputs for another input");
        foreach (var ((name, one), (_, other)) in first.Outputs.Zip(second.Outputs))
        {
            var output = pair.Merge(one, other);
            if (output.Shape is not [{ Value: 1, Of: Growth.Batch }, ..]
                || output.Shape[1..].Any(s => s.Of == Growth.Batch))
            {
                throw new NotSupportedException(
                    $"output '{name}' has the shape [{string.Join(", ", output.Shape)}], "
                    + "expected [N, ...] with fixed sizes after N");
            }
            graph.Output(name, conversion.Find(output), output.Type.ToOnnx(), output.Shape.AsSpan(1));
        }
        return graph.Build();
    }

    private sealed record Pass(
        TracedTensor Input, IReadOnlyList<TracedCall> Calls, IReadOnlyList<(string Name, TracedTensor Value)> Outputs)
    {
        public static Pass Run(
            IReadOnlyDictionary<Tensor, TracedTensor> parameters,
            Func<Tensor, IReadOnlyList<(string Name, Tensor Value)>> forward,
            ReadOnlySpan<long> shape)
        {
            using var scope = new TensorScope();
            // Other values each time: seeded by the batch size.
            var random = new Random((int)shape[0]);
            var values = new float[Count(shape)];
            foreach (ref var value in values.AsSpan())
                value = random.NextSingle() * 2 - 1;
            var input = Tensor.From<float>(values, shape);

            using var tracer = new Tracer(parameters);
            var traced = tracer.Input(input);
            var outputs = forward(input).Select(output => (output.Name, tracer.Find(output.Value))).ToList();
            return new Pass(traced, tracer.Calls, outputs);
        }

        private static long Count(ReadOnlySpan<long> shape)
        {
            var count = 1L;
            foreach (var size in shape)
                count *= size;
            return count;
        }
    }
}
