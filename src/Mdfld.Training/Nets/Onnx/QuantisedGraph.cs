using System.Runtime.InteropServices;
using static Mdfld.Training.Onnx.TensorProto.Types;

namespace Mdfld.Training.Onnx;

/// <summary>
/// Rewrites a network's graph so that its convolutions compute in 8-bit integers (Jacob et al. 2018), in the QDQ form that
/// ONNX Runtime fuses: activations uint8 with one scale a tensor, weights int8 with one scale an output channel, biases
/// int32. The first convolution, which sees the picture, and all from the last convolutions to the outputs (heat maps
/// and their soft-argmax, scores) stay in float.
/// </summary>
internal sealed class QuantisedGraph
{
    // 7 bits of weight: processors without VNNI add two products of uint8 x int8 in 16 bits, where 2 x 255 x 127 would
    // overflow and 2 x 255 x 63 does not.
    private const int LargestWeight = 63;

    private const int LargestActivation = byte.MaxValue;

    private readonly GraphProto _graph;
    private readonly Dictionary<string, TensorProto> _constants;
    private readonly Dictionary<string, int> _uses = [];

    // The nodes that a later convolution depends on, by the value that each makes.
    private readonly HashSet<string> _body = [];

    // The negative half of these is cut off by the quantisation that follows, which begins at 0.
    private readonly HashSet<string> _rectified = [];

    /// <param name="graph">Of <see cref="OnnxOps"/>: in order, one output a node.</param>
    public QuantisedGraph(GraphProto graph)
    {
        _graph = graph;
        _constants = graph.Initializer.ToDictionary(c => c.Name);
        foreach (var name in graph.Node.SelectMany(n => n.Input).Concat(graph.Output.Select(o => o.Name)))
            _uses[name] = _uses.GetValueOrDefault(name) + 1;
        var needed = new HashSet<string>();
        foreach (var node in graph.Node.Reverse())
        {
            var isNeeded = needed.Contains(node.Output[0]);
            if (isNeeded)
                _body.Add(node.Output[0]);
            if (isNeeded || node.OpType == "Conv")
                needed.UnionWith(node.Input);
        }
        foreach (var node in graph.Node.Where(n => n.OpType == "Relu" && _body.Contains(n.Output[0])))
        {
            if (_uses[node.Input[0]] == 1)
                _rectified.Add(node.Input[0]);
        }
    }

    /// <summary>The values whose ranges <see cref="Write"/> needs.</summary>
    public IReadOnlyList<string> Values => [.. _graph.Node.Where(HasRange).Select(n => n.Output[0])];

    /// <summary>The graph in integers.</summary>
    /// <param name="ranges">Least and largest number of each of <see cref="Values"/>.</param>
    public GraphProto Write(IReadOnlyDictionary<string, (float Low, float High)> ranges)
    {
        var target = new GraphProto { Name = _graph.Name };
        target.Input.Add(_graph.Input);
        target.Output.Add(_graph.Output);
        // How a value is called where it has gone through 8 bits, and what scale and zero point it has.
        var rounded = new Dictionary<string, (string Name, QuantisedScale Scale)>();
        foreach (var node in _graph.Node)
        {
            var (output, copy) = (node.Output[0], node.Clone());
            for (var i = 0; i < copy.Input.Count; i++)
                copy.Input[i] = rounded.TryGetValue(copy.Input[i], out var value) ? value.Name : copy.Input[i];
            if (node.OpType == "Conv" && _body.Contains(output) && rounded.TryGetValue(node.Input[0], out var from))
                RoundParameters(copy, from.Scale.Step, target);
            if (node.OpType != "Relu" || !_rectified.Contains(node.Input[0]))
                target.Node.Add(copy);
            var made = target.Node.Contains(copy) ? output : node.Input[0];
            if (HasRange(node))
                rounded[output] = Round(target, made, output, QuantisedScale.Of(ranges[output]));
            else if (_body.Contains(output) && node.OpType is "Resize" or "MaxPool"
                && rounded.TryGetValue(node.Input[0], out var same))
                rounded[output] = Round(target, made, output, same.Scale);
        }
        var used = target.Node.SelectMany(n => n.Input).ToHashSet();
        target.Initializer.Add(_graph.Initializer.Where(c => used.Contains(c.Name)));
        return target;
    }

    private bool HasRange(NodeProto node) =>
        node.OpType is "Conv" or "Relu" or "Add" && _body.Contains(node.Output[0])
        && !_rectified.Contains(node.Output[0]);

    private static (string Name, QuantisedScale Scale) Round(
        GraphProto graph, string value, string name, QuantisedScale scale)
    {
        var step = graph.AddConstant($"{name}.step", Constants.Floats([scale.Step]));
        var zero = graph.AddConstant($"{name}.zero", Constants.Raw(DataType.Uint8, [], [scale.Zero]));
        var integer = Node(graph, "QuantizeLinear", $"{name}.integer", [value, step, zero]);
        return (Node(graph, "DequantizeLinear", $"{name}.rounded", [integer, step, zero]), scale);
    }

    /// <summary>A convolution's weight in 7 bits with a scale a channel, and its bias in the products' scale.</summary>
    private void RoundParameters(NodeProto conv, float inputStep, GraphProto graph)
    {
        var weight = _constants[conv.Input[1]];
        var numbers = Numbers(weight);
        var channels = (int)weight.Dims[0];
        var (each, steps) = (numbers.Length / channels, new float[channels]);
        var integers = new sbyte[numbers.Length];
        for (var c = 0; c < channels; c++)
        {
            var channel = numbers.Slice(c * each, each);
            var largest = 0f;
            foreach (var w in channel)
                largest = MathF.Max(largest, MathF.Abs(w));
            steps[c] = MathF.Max(largest, 1e-12f) / LargestWeight;
            for (var i = 0; i < each; i++)
                integers[(c * each) + i] = (sbyte)MathF.Round(channel[i] / steps[c]);
        }
        conv.Input[1] = Parameter(
            conv.Input[1], Constants.Raw(DataType.Int8, [.. weight.Dims], MemoryMarshal.AsBytes<sbyte>(integers)), steps);
        if (conv.Input.Count < 3)
            return;
        var bias = Numbers(_constants[conv.Input[2]]);
        var products = Array.ConvertAll(steps, s => s * inputStep);
        var sums = new int[channels];
        for (var c = 0; c < channels; c++)
            sums[c] = (int)Math.Clamp(Math.Round(bias[c] / (double)products[c]), int.MinValue, int.MaxValue);
        conv.Input[2] = Parameter(
            conv.Input[2], Constants.Raw(DataType.Int32, [channels], MemoryMarshal.AsBytes<int>(sums)), products);

        string Parameter(string name, TensorProto values, float[] scales) => Node(
            graph, "DequantizeLinear", $"{name}.rounded",
            [
                graph.AddConstant($"{name}.integer", values),
                graph.AddConstant($"{name}.step", Constants.Floats(scales, channels)),
            ],
            Attributes.Int("axis", 0));
    }

    private static string Node(
        GraphProto graph, string op, string name, ReadOnlySpan<string> inputs,
        params ReadOnlySpan<AttributeProto> attributes) => graph.AddNode(name, op, name, inputs, attributes);

    private static ReadOnlySpan<float> Numbers(TensorProto constant) =>
        MemoryMarshal.Cast<byte, float>(constant.RawData.Span);

    /// <summary>How numbers become uint8: number = step x (integer - zero).</summary>
    private readonly record struct QuantisedScale(float Step, byte Zero)
    {
        /// <summary>The scale of a range, widened to hold 0 exactly.</summary>
        public static QuantisedScale Of((float Low, float High) range)
        {
            var (low, high) = (MathF.Min(range.Low, 0), MathF.Max(range.High, 0));
            var step = MathF.Max(high - low, 1e-6f) / LargestActivation;
            return new QuantisedScale(step, (byte)MathF.Round(-low / step));
        }
    }
}
