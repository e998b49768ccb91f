using Google.Protobuf;
using Mdfld.Training.Onnx;
using static Mdfld.Training.Onnx.TensorProto.Types;

namespace Mdfld.Training;

/// <summary>A value of a graph.</summary>
/// <param name="Shape">Its sizes for the input that the graph is written for; -1 for a batch of any size.</param>
internal sealed record Value(string Name, long[] Shape);

/// <summary>
/// Writes an ONNX graph of what is computed, for a network in evaluation: a batch normalisation that follows a
/// convolution becomes part of its weights. All numbers are float32.
/// </summary>
internal sealed class OnnxOps : IOps<Value>
{
    private const double Epsilon = 1e-5;

    private readonly GraphBuilder _graph = new();
    private readonly Dictionary<string, Tensor> _parameters;
    private readonly bool _anySize;

    /// <param name="height">Of the input, pixels.</param>
    /// <param name="width">Of the input, pixels.</param>
    /// <param name="anySize">Whether the input may be any multiple of that height and width.</param>
    public OnnxOps(Module network, int height, int width, bool anySize = false)
    {
        _parameters = network.StateDict().ToDictionary(p => p.Name, p => p.Tensor);
        _anySize = anySize;
        Images = new Value(
            _graph.Input("image", DataType.Float, Picture.Channels, height, width),
            [-1, Picture.Channels, height, width]);
    }

    /// <summary>The graph's input, (N, 3, height, width).</summary>
    public Value Images { get; }

    /// <summary>The graph with these outputs.</summary>
    public GraphProto Build(IReadOnlyList<(string Name, Value Value)> outputs)
    {
        foreach (var (name, value) in outputs)
            _graph.Output(name, value.Name, DataType.Float, value.Shape.AsSpan(1));
        var graph = _graph.Build();
        if (_anySize)
        {
            foreach (var described in graph.Input.Concat(graph.Output))
            {
                var sizes = described.Type.TensorType.Shape.Dim;
                Free(sizes[2], "H", Images.Shape[2]);
                Free(sizes[3], "W", Images.Shape[3]);
            }
        }
        return graph;

        static void Free(TensorShapeProto.Types.Dimension size, string name, long full) =>
            size.DimParam = size.DimValue == full ? name : $"{name}*{size.DimValue}/{full}";
    }

    public long[] Shape(Value x) => !_anySize ? x.Shape
        : throw new NotSupportedException("a network that needs sizes cannot be exported for inputs of any size");

    public Value Conv(Value x, string name, int stride = 1, string? norm = null)
    {
        var weight = _parameters[$"{name}.weight"].shape;
        var (kernel, pad) = (weight[2], (weight[2] - 1) / 2);
        string[] inputs = norm is not null ? [x.Name, .. Folded(name, norm)]
            : _parameters.ContainsKey($"{name}.bias") ? [x.Name, Parameter($"{name}.weight"), Parameter($"{name}.bias")]
            : [x.Name, Parameter($"{name}.weight")];
        return new Value(
            _graph.Node(
                "Conv", inputs,
                Attributes.Ints("kernel_shape", kernel, kernel), Attributes.Ints("strides", stride, stride),
                Attributes.Ints("pads", pad, pad, pad, pad)),
            [x.Shape[0], weight[0], Size(x.Shape[2]), Size(x.Shape[3])]);

        long Size(long size) => ((size + (2 * pad) - kernel) / stride) + 1;
    }

    public Value Norm(Value x, string name) => Same(
        x, "BatchNormalization",
        [
            x.Name, Parameter($"{name}.weight"), Parameter($"{name}.bias"),
            Parameter($"{name}.running_mean"), Parameter($"{name}.running_var"),
        ],
        Attributes.Float("epsilon", Epsilon));

    public Value InstanceNorm(Value x)
    {
        var (one, zero) = (new float[x.Shape[1]], new float[x.Shape[1]]);
        Array.Fill(one, 1);
        var (scale, shift) = (Constants.Floats(one, one.Length), Constants.Floats(zero, zero.Length));
        return Same(
            x, "InstanceNormalization", [x.Name, _graph.Constant(scale), _graph.Constant(shift)],
            Attributes.Float("epsilon", Epsilon));
    }

    public Value Relu(Value x) => Same(x, "Relu", [x.Name]);

    // ONNX Runtime's Sigmoid is exact to 1e-7 absolutely, not relatively. Attention maps that are tiny everywhere and
    // then normalised to a sum of one need the small values as well: 1 / (1 + exp(-x)) has them.
    public Value Sigmoid(Value x)
    {
        var exponential = _graph.Node("Exp", [_graph.Node("Neg", [x.Name])]);
        return Same(x, "Reciprocal", [_graph.Node("Add", [exponential, Number(1)])]);
    }

    public Value Softmax(Value x) => Same(x, "Softmax", [x.Name], Attributes.Int("axis", -1));

    public Value MaxPool(Value x) => new(
        _graph.Node("MaxPool", [x.Name], Attributes.Ints("kernel_shape", 2, 2), Attributes.Ints("strides", 2, 2)),
        [x.Shape[0], x.Shape[1], x.Shape[2] / 2, x.Shape[3] / 2]);

    public Value Upsample(Value x) => new(
        _graph.Node(
            "Resize", [x.Name, "", _graph.Constant(Constants.Floats([1, 1, 2, 2], 4))],
            Attributes.Text("mode", "nearest"), Attributes.Text("coordinate_transformation_mode", "asymmetric"),
            Attributes.Text("nearest_mode", "floor")),
        [x.Shape[0], x.Shape[1], 2 * x.Shape[2], 2 * x.Shape[3]]);

    public Value Add(Value a, Value b) => Both("Add", a, b);

    public Value Sub(Value a, Value b) => Both("Sub", a, b);

    public Value Mul(Value a, Value b) => Both("Mul", a, b);

    public Value Div(Value a, Value b) => Both("Div", a, b);

    public Value MatMul(Value a, Value b) => new(
        _graph.Node("MatMul", [a.Name, b.Name]), [.. a.Shape.AsSpan(..^1), b.Shape[^1]]);

    public Value ClampMin(Value x, double least) => Same(x, "Clip", [x.Name, Number(least)]);

    public Value Greater(Value x, double threshold) => Same(
        x, "Cast", [_graph.Node("Greater", [x.Name, Number(threshold)])], Attributes.Int("to", (long)DataType.Float));

    public Value Sum(Value x, params long[] dimensions) => new(
        _graph.Node("ReduceSum", [x.Name, Integers(dimensions)], Attributes.Int("keepdims", 0)),
        [.. x.Shape.Where((_, i) => !dimensions.Contains(i))]);

    public Value Concat(int dimension, params Value[] parts)
    {
        var shape = (long[])parts[0].Shape.Clone();
        shape[dimension] = parts.Sum(part => part.Shape[dimension]);
        return new Value(
            _graph.Node("Concat", [.. parts.Select(part => part.Name)], Attributes.Int("axis", dimension)), shape);
    }

    public Value Slice(Value x, int dimension, long start, long end)
    {
        var shape = (long[])x.Shape.Clone();
        shape[dimension] = end - start;
        return new Value(
            _graph.Node("Slice", [x.Name, Integers(start), Integers(end), Integers(dimension)]), shape);
    }

    public Value Reshape(Value x, params long[] shape) =>
        new(_graph.Node("Reshape", [x.Name, Integers(shape)]), shape);

    public Value Constant(Value like, double[] values, params long[] shape) =>
        new(_graph.Constant(Constants.Floats(Array.ConvertAll(values, v => (float)v), shape)), shape);

    public Value Repeat(Value constant, Value like)
    {
        var batch = _graph.Node("Shape", [like.Name], Attributes.Int("start", 0), Attributes.Int("end", 1));
        var shape = _graph.Node("Concat", [batch, Integers(constant.Shape.AsSpan(1))], Attributes.Int("axis", 0));
        return new Value(_graph.Node("Expand", [constant.Name, shape]), [like.Shape[0], .. constant.Shape.AsSpan(1)]);
    }

    private Value Same(
        Value x, string op, ReadOnlySpan<string> inputs, params ReadOnlySpan<AttributeProto> attributes) =>
        new(_graph.Node(op, inputs, attributes), x.Shape);

    /// <summary>Element by element; a size of one is repeated, and missing first ones are ones.</summary>
    private Value Both(string op, Value a, Value b)
    {
        var (longer, shorter) = a.Shape.Length >= b.Shape.Length ? (a.Shape, b.Shape) : (b.Shape, a.Shape);
        var skipped = longer.Length - shorter.Length;
        return new Value(
            _graph.Node(op, [a.Name, b.Name]),
            [.. longer.Select((size, i) => i >= skipped && size == 1 ? shorter[i - skipped] : size)]);
    }

    private string Number(double value) => _graph.Constant(Constants.Floats([(float)value]));

    private string Integers(params ReadOnlySpan<long> values) => _graph.Constant(Constants.Integers(values));

    private string Parameter(string name) =>
        _graph.Parameter(name, Constants.Floats(Numbers(name), _parameters[name].shape));

    private float[] Numbers(string name) => _parameters[name].ToArray<float>();

    /// <summary>w' = w g / sqrt(v + eps), b' = (b - m) g / sqrt(v + eps) + beta, per output channel.</summary>
    private string[] Folded(string conv, string norm)
    {
        var weight = Numbers($"{conv}.weight");
        var (gamma, beta) = (Numbers($"{norm}.weight"), Numbers($"{norm}.bias"));
        var (mean, variance) = (Numbers($"{norm}.running_mean"), Numbers($"{norm}.running_var"));
        var bias = _parameters.ContainsKey($"{conv}.bias") ? Numbers($"{conv}.bias") : new float[gamma.Length];
        var perChannel = weight.Length / bias.Length;
        for (var c = 0; c < bias.Length; c++)
        {
            var scale = gamma[c] / Math.Sqrt(variance[c] + (double)(float)Epsilon);
            bias[c] = (float)(((bias[c] - (double)mean[c]) * scale) + beta[c]);
            foreach (ref var w in weight.AsSpan(c * perChannel, perChannel))
                w = (float)(w * scale);
        }
        return
        [
            _graph.Parameter($"{norm}.weight", Constants.Floats(weight, _parameters[$"{conv}.weight"].shape)),
            _graph.Parameter($"{norm}.bias", Constants.Floats(bias, bias.Length)),
        ];
    }
}

/// <summary>
/// Writes a network, as it is in evaluation, as an ONNX file (operator set 17); the batch size stays free, and with it,
/// where wanted, height and width.
/// </summary>
public static class OnnxExport
{
    /// <summary>Exports a network and replaces the file in one step. Equal networks give equal files.</summary>
    /// <param name="network">Has the parameters: float32, on the CPU.</param>
    /// <param name="height">Of the input <c>image</c>, (N, 3, height, width).</param>
    /// <param name="anySize">Whether the input may be any multiple of that height and width.</param>
    /// <exception cref="NotSupportedException">The network needs an input of one size.</exception>
    /// <exception cref="IOException">The file cannot be written; an older one is left as it was.</exception>
    public static void Save(
        string path,
        Network network,
        int height,
        int width,
        IReadOnlyDictionary<string, string>? properties = null,
        bool anySize = false)
    {
        var graph = Graph(network, height, width, anySize);
        var model = GraphBuilder.Wrap(graph, properties ?? new Dictionary<string, string>());
        AtomicFile.Write(path, model.WriteTo);
    }

    /// <summary>The graph of a network.</summary>
    internal static GraphProto Graph(Network network, int height, int width, bool anySize = false)
    {
        var f = new OnnxOps(network, height, width, anySize);
        return f.Build(network.Predict(f, f.Images));
    }

    /// <summary>Gives a file one property, in place of an older one of that name; all else stays as it is.</summary>
    /// <param name="path">The file to read.</param>
    /// <param name="target">The file to write, whole or not at all; null replaces <paramref name="path"/>.</param>
    /// <exception cref="InvalidDataException">The file is no ONNX model.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static void SetProperty(string path, string key, string value, string? target = null)
    {
        var model = Read(path);
        SetProperty(model, key, value);
        AtomicFile.Write(target ?? path, model.WriteTo);
    }

    /// <summary>Gives a model one property, in place of an older one of that name.</summary>
    internal static void SetProperty(ModelProto model, string key, string value)
    {
        RemoveProperty(model, key);
        model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
    }

    /// <summary>Takes a property away, if the model has it.</summary>
    internal static void RemoveProperty(ModelProto model, string key)
    {
        for (var i = model.MetadataProps.Count - 1; i >= 0; i--)
        {
            if (model.MetadataProps[i].Key == key)
                model.MetadataProps.RemoveAt(i);
        }
    }

    /// <summary>Reads a model's file whole.</summary>
    /// <exception cref="InvalidDataException">The file is no ONNX model.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    internal static ModelProto Read(string path)
    {
        try
        {
            return ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException($"{path}: not an ONNX model: {e.Message}", e);
        }
    }
}
