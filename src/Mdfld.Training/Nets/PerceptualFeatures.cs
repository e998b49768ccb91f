using System.Runtime.InteropServices;
using Google.Protobuf;
using Mdfld.Training.Onnx;

namespace Mdfld.Training;

/// <summary>
/// What the first layers of a classifier of pictures see: a distance of pictures near to people's (Zhang et al. 2018),
/// which a decoder can be taught by. The classifier is the ResNet-18 of the NuGet package
/// <c>Microsoft.ML.DnnImageFeaturizer.ResNet18</c>, or any ONNX graph of convolutions, batch norms, ReLUs, max pooling and
/// sums that takes B, G, R from 0 to 255 less their means. It is frozen.
/// </summary>
public sealed class PerceptualFeatures : Module
{
    // Of ResNet-18: at a half, a quarter and an eighth of the picture's size. The later layers are half of its work.
    private const int Levels = 3;
    private const int MostBytes = 256 << 20;
    private const double Epsilon = 1e-10;

    private static readonly float[] Means = [103.06f, 115.90f, 123.15f];

    private readonly string _path;
    private readonly Dictionary<string, TensorProto> _constants;
    private readonly List<NodeProto> _nodes = [];
    private readonly List<string> _levels = [];
    private readonly string _input;

    private PerceptualFeatures(string path, GraphProto graph)
    {
        _path = path;
        _constants = graph.Initializer.DistinctBy(t => t.Name).ToDictionary(t => t.Name);
        _input = graph.Input.FirstOrDefault(i => !_constants.ContainsKey(i.Name))?.Name ?? throw Bad("no input");
        AddBuffer("means", Tensor.From<float>(Means, 1, 3, 1, 1));
        foreach (var node in graph.Node)
        {
            // What is about to be halved is all that is seen at its size.
            if (node.Input.Count > 0 && node.Input[0] != _input && !_levels.Contains(node.Input[0])
                && Numbers(node, "strides").Contains(2))
                _levels.Add(node.Input[0]);
            if (_levels.Count == Levels)
                break;
            Add(node);
        }
        if (_levels.Count == 0)
            throw Bad("no layers that halve the picture");
        _constants.Clear();
        RequireGrad(false);
    }

    /// <summary>Reads an .onnx file.</summary>
    /// <exception cref="InvalidDataException">It is absent, broken, or of another kind.</exception>
    public static PerceptualFeatures Load(string path)
    {
        if (new FileInfo(path) is not { Exists: true, Length: <= MostBytes })
            throw new InvalidDataException($"{path}: expected the .onnx file of a ResNet-18, found none");
        try
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            using var file = File.OpenRead(path);
            var features = new PerceptualFeatures(path, ModelProto.Parser.ParseFrom(file).Graph ?? new());
            _ = features.Forward(zeros([1, 3, 32, 32]));
            return features;
        }
        // The latter two for layers that do not fit together.
        catch (Exception e) when (e is InvalidProtocolBufferException or KeyNotFoundException or ExternalException)
        {
            throw new InvalidDataException($"{path}: expected the .onnx file of a ResNet-18: {e.Message}", e);
        }
    }

    /// <summary>Mean squared difference of what is seen in two batches, each pixel's channels of length 1.</summary>
    /// <param name="made">(N, 3, H, W) in [-1, 1], R, G, B; gradients flow into it.</param>
    /// <param name="picture">Same shape; none flow into this.</param>
    /// <returns>A scalar.</returns>
    public Tensor Distance(Tensor made, Tensor picture)
    {
        using var scope = NewDisposeScope();
        Tensor[] wanted;
        using (no_grad())
            wanted = Forward(picture);
        var levels = Forward(made).Zip(wanted, (a, b) => (Unit(a) - Unit(b)).square().sum(1).mean());
        return (levels.Aggregate((a, b) => a + b) / _levels.Count).MoveToOuterDisposeScope();

        static Tensor Unit(Tensor found)
        {
            var x = found.to(ScalarType.Float32);
            return x / (x.square().sum(1, keepdim: true) + Epsilon).sqrt();
        }
    }

    /// <summary>What is seen at each size, finest first: (N, C, h, w) each.</summary>
    /// <param name="picture">(N, 3, H, W) in [-1, 1], R, G, B.</param>
    internal Tensor[] Forward(Tensor picture)
    {
        var values = new Dictionary<string, Tensor> { [_input] = ((picture.flip(1) * 127.5 + 127.5) - this["means"]).to(this["means"].dtype).ChannelsLast() };
        foreach (var node in _nodes)
        {
            var x = values[node.Input[0]];
            values[node.Output[0]] = node.OpType switch
            {
                "Conv" => Convolved(x, node),
                "BatchNormalization" => (x * this[$"{node.Output[0]}.scale"]) + this[$"{node.Output[0]}.shift"],
                "Relu" => x.relu(),
                "MaxPool" => max_pool2d(
                    Padded(x, node, double.NegativeInfinity), Numbers(node, "kernel_shape")[0], stride: Stride(node)),
                _ => x + values[node.Input[1]],
            };
        }
        return [.. _levels.Select(l => values[l])];
    }

    private Tensor Convolved(Tensor x, NodeProto node)
    {
        var weight = this[node.Input[1]];
        // The same at every edge is the convolution's own, without a copy.
        return Numbers(node, "pads") is [var pad, ..] pads && pads.All(p => p == pad)
            ? x.Convolve(weight, stride: Stride(node), padding: pad) : Padded(x, node, 0).Convolve(weight, stride: Stride(node));
    }

    private static Tensor Padded(Tensor x, NodeProto node, double value) =>
        Numbers(node, "pads") is [var top, var left, var bottom, var right]
            ? pad(x, (left, right, top, bottom), value: value) : x;

    private static long Stride(NodeProto node) => Numbers(node, "strides") is [var first, ..] ? first : 1;

    private static IList<long> Numbers(NodeProto node, string attribute) =>
        node.Attribute.FirstOrDefault(a => a.Name == attribute)?.Ints ?? [];

    /// <summary>Adds a layer and what it has learnt.</summary>
    private void Add(NodeProto node)
    {
        var expected = node.OpType switch
        {
            "Conv" or "Add" => 2,
            "BatchNormalization" => 5,
            "Relu" or "MaxPool" => 1,
            _ => throw Bad($"a layer of the kind '{node.OpType}'"),
        };
        if (node.Input.Count != expected || node.Output.Count < 1
            || Numbers(node, "pads").Concat(Numbers(node, "kernel_shape")).Any(n => n is < 0 or > 64)
            || Numbers(node, "strides").Any(n => n is not (1 or 2)))
            throw Bad($"a {node.OpType} of {node.Input.Count} inputs, or of sizes that are not supported");
        if (node.OpType == "Conv" && Find(node.Input[1]) is null)
            AddBuffer(node.Input[1], Constant(node.Input[1]));
        if (node.OpType == "BatchNormalization")
        {
            var numbers = node.Input.Skip(1).Select(name => Constant(name).reshape(1, -1, 1, 1)).ToArray();
            var epsilon = node.Attribute.FirstOrDefault(a => a.Name == "epsilon")?.F ?? 1e-5f;
            var scale = numbers[0] / (numbers[3] + epsilon).sqrt();
            AddBuffer($"{node.Output[0]}.scale", scale);
            AddBuffer($"{node.Output[0]}.shift", numbers[1] - (numbers[2] * scale));
        }
        _nodes.Add(node);
    }

    /// <summary>A constant's elements; what it claims to have must be there.</summary>
    private Tensor Constant(string name)
    {
        var proto = _constants.GetValueOrDefault(name) ?? throw Bad($"no constant '{name}'");
        float[] values = proto.FloatData.Count > 0
            ? [.. proto.FloatData] : [.. MemoryMarshal.Cast<byte, float>(proto.RawData.Span)];
        return proto.DataType == (int)TensorProto.Types.DataType.Float && proto.Dims.All(d => d is > 0 and < 1 << 16)
            && proto.Dims.Aggregate(1.0, (a, b) => a * b) == values.Length
            ? Tensor.From<float>(values, [.. proto.Dims])
            : throw Bad($"a constant '{name}' of {values.Length} numbers that are not its shape's");
    }

    private InvalidDataException Bad(string found) =>
        new($"{_path}: expected the .onnx file of a ResNet-18, found {found}");
}
