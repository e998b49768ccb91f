namespace Mdfld.Torch.Onnx;

/// <summary>
/// Folds a batch normalisation into the convolution before it: scale into the weights, shift into the bias. One that
/// follows anything else (a sum, a pooling) or shares its convolution's result with another user stays a node.
/// </summary>
internal static class FoldBatchNormalization
{
    public static void Apply(GraphProto graph)
    {
        var constants = graph.Initializer.ToDictionary(constant => constant.Name);
        var uses = Values.CountUses(graph);
        var convolutions = graph.Node.Where(node => node.OpType == "Conv").ToDictionary(node => node.Output[0]);
        var folded = new HashSet<string>();
        foreach (var norm in graph.Node.Where(node => node.OpType == "BatchNormalization"))
        {
            var foldable = convolutions.TryGetValue(norm.Input[0], out var conv)
                && uses[norm.Input[0]] == 1
                && conv.Input.Skip(1).Concat(norm.Input.Skip(1)).All(constants.ContainsKey);
            if (!foldable)
                continue;
            var (weight, bias) = Fold(conv!, norm, constants);
            // The norm's name is its own, so names made from it are, too.
            weight.Name = $"{norm.Name}.weight";
            bias.Name = $"{norm.Name}.bias";
            graph.Initializer.Add([weight, bias]);
            var input = conv!.Input[0];
            conv.Input.Clear();
            conv.Input.Add([input, weight.Name, bias.Name]);
            conv.Output[0] = norm.Output[0];
            folded.Add(norm.Name);
        }
        Values.Keep(graph.Node, node => !folded.Contains(node.Name));
    }

    // w' = w g / sqrt(v + eps), b' = (b - m) g / sqrt(v + eps) + beta, per output channel.
    private static (TensorProto Weight, TensorProto Bias) Fold(
        NodeProto conv, NodeProto norm, Dictionary<string, TensorProto> constants)
    {
        var old = constants[conv.Input[1]];
        var weight = old.AsFloats().ToArray();
        var gamma = constants[norm.Input[1]].AsFloats();
        var beta = constants[norm.Input[2]].AsFloats();
        var mean = constants[norm.Input[3]].AsFloats();
        var variance = constants[norm.Input[4]].AsFloats();
        var epsilon = norm.GetFloat("epsilon", absent: 1e-5f);

        var bias = new float[gamma.Length];
        if (conv.Input.Count > 2)
            constants[conv.Input[2]].AsFloats().CopyTo(bias);
        var perChannel = weight.Length / bias.Length;
        for (var c = 0; c < bias.Length; c++)
        {
            var scale = gamma[c] / Math.Sqrt((double)variance[c] + epsilon);
            bias[c] = (float)((bias[c] - (double)mean[c]) * scale + beta[c]);
            foreach (ref var w in weight.AsSpan(c * perChannel, perChannel))
                w = (float)(w * scale);
        }
        return (Constants.Floats(weight, [.. old.Dims]), Constants.Floats(bias, bias.Length));
    }
}
