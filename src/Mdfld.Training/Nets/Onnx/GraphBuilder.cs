using System.Runtime.InteropServices;
using Google.Protobuf;
using static Mdfld.Training.Onnx.AttributeProto.Types;
using static Mdfld.Training.Onnx.TensorProto.Types;

namespace Mdfld.Training.Onnx;

/// <summary>
/// Builds an ONNX graph node by node. Values are named after the operator that makes them and a running number, so
/// equal calls give equal graphs.
/// </summary>
internal sealed class GraphBuilder
{
    /// <summary>The name of the dimension that may differ from call to call: pictures in a batch.</summary>
    public const string Batch = "N";

    private const long FormatVersion = 8;
    private const long OperatorSet = 17;

    private readonly GraphProto _graph = new() { Name = "mdfld" };
    private readonly HashSet<string> _names = [];
    private readonly Dictionary<ByteString, string> _made = [];

    /// <summary>Adds an input of shape (N, ...).</summary>
    /// <param name="sizes">Sizes after the batch dimension.</param>
    public string Input(string name, DataType type, params ReadOnlySpan<long> sizes)
    {
        _graph.Input.Add(Describe(name, type, sizes));
        return name;
    }

    /// <summary>Declares a value of shape (N, ...) an output called <paramref name="name"/>.</summary>
    public void Output(string name, string value, DataType type, params ReadOnlySpan<long> sizes)
    {
        _graph.Node.Add(new NodeProto { Name = name, OpType = "Identity", Input = { value }, Output = { name } });
        _graph.Output.Add(Describe(name, type, sizes));
    }

    /// <summary>Adds an operator with one result; one that is there already is not added again.</summary>
    /// <param name="op">ONNX operator, such as "Conv".</param>
    /// <param name="inputs">Values; "" for an optional input left out.</param>
    public string Node(string op, ReadOnlySpan<string> inputs, params ReadOnlySpan<AttributeProto> attributes)
    {
        var node = new NodeProto { OpType = op };
        foreach (var input in inputs)
            node.Input.Add(input);
        foreach (var attribute in attributes)
            node.Attribute.Add(attribute);
        var key = node.ToByteString();
        if (_made.TryGetValue(key, out var made))
            return made;
        node.Name = Unique(op.ToLowerInvariant());
        node.Output.Add(node.Name);
        _graph.Node.Add(node);
        return _made[key] = node.Name;
    }

    /// <summary>Adds a nameless constant; one that is there already is not added again.</summary>
    public string Constant(TensorProto tensor)
    {
        var key = tensor.ToByteString();
        if (_made.TryGetValue(key, out var made))
            return made;
        tensor.Name = Unique("constant");
        _graph.Initializer.Add(tensor);
        return _made[key] = tensor.Name;
    }

    /// <summary>Adds a constant with a name, such as a parameter; an equal one may be added again.</summary>
    /// <exception cref="ArgumentException">Another constant has that name.</exception>
    public string Parameter(string name, TensorProto tensor)
    {
        tensor.Name = name;
        if (_names.Add(name))
            _graph.Initializer.Add(tensor);
        else if (!_graph.Initializer.Any(tensor.Equals))
            throw new ArgumentException($"the name '{name}' is taken", nameof(name));
        return name;
    }

    /// <summary>The graph without what no output needs.</summary>
    public GraphProto Build()
    {
        var used = _graph.Output.Select(output => output.Name).ToHashSet();
        var nodes = new Stack<NodeProto>();
        foreach (var node in _graph.Node.Reverse().Where(node => used.Contains(node.Output[0])))
        {
            used.UnionWith(node.Input);
            nodes.Push(node);
        }
        var constants = _graph.Initializer.Where(constant => used.Contains(constant.Name)).ToList();
        _graph.Node.Clear();
        _graph.Node.Add(nodes);
        _graph.Initializer.Clear();
        _graph.Initializer.Add(constants);
        return _graph;
    }

    /// <summary>The model around a graph. Equal graphs and properties give equal bytes.</summary>
    public static ModelProto Wrap(GraphProto graph, IReadOnlyDictionary<string, string> properties)
    {
        var model = new ModelProto
        {
            IrVersion = FormatVersion,
            ProducerName = "mdfld",
            Graph = graph,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = OperatorSet } },
        };
        foreach (var (key, value) in properties.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        return model;
    }

    private string Unique(string stem)
    {
        var name = $"{stem}_{_names.Count}";
        _names.Add(name);
        return name;
    }

    private static ValueInfoProto Describe(string name, DataType type, ReadOnlySpan<long> sizes)
    {
        var shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = Batch } } };
        foreach (var size in sizes)
            shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = size });
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } },
        };
    }
}

/// <summary>Adds parts to a graph that is there.</summary>
internal static class GraphEditing
{
    /// <summary>Adds a constant; one of that name stays.</summary>
    /// <returns>Its name.</returns>
    public static string AddConstant(this GraphProto graph, string name, TensorProto tensor)
    {
        tensor.Name = name;
        if (graph.Initializer.All(c => c.Name != name))
            graph.Initializer.Add(tensor);
        return name;
    }

    /// <summary>Adds an operator with one result, which is called <paramref name="output"/>.</summary>
    /// <returns>The result's name.</returns>
    public static string AddNode(
        this GraphProto graph, string name, string op, string output, ReadOnlySpan<string> inputs,
        params ReadOnlySpan<AttributeProto> attributes)
    {
        var node = new NodeProto { Name = name, OpType = op, Output = { output } };
        foreach (var input in inputs)
            node.Input.Add(input);
        foreach (var attribute in attributes)
            node.Attribute.Add(attribute);
        graph.Node.Add(node);
        return output;
    }
}

/// <summary>Makes the named constants of an operator.</summary>
internal static class Attributes
{
    public static AttributeProto Int(string name, long value) =>
        new() { Name = name, Type = AttributeType.Int, I = value };

    public static AttributeProto Float(string name, double value) =>
        new() { Name = name, Type = AttributeType.Float, F = (float)value };

    public static AttributeProto Text(string name, string value) =>
        new() { Name = name, Type = AttributeType.String, S = ByteString.CopyFromUtf8(value) };

    public static AttributeProto Ints(string name, params IEnumerable<long> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeType.Ints };
        attribute.Ints.AddRange(values);
        return attribute;
    }
}

/// <summary>Makes the constant tensors of a graph. Names are given by the graph.</summary>
internal static class Constants
{
    /// <summary>A constant of any element type from its little-endian bytes in C order.</summary>
    public static TensorProto Raw(DataType type, ReadOnlySpan<long> shape, ReadOnlySpan<byte> data)
    {
        var tensor = new TensorProto { DataType = (int)type, RawData = ByteString.CopyFrom(data) };
        foreach (var size in shape)
            tensor.Dims.Add(size);
        return tensor;
    }

    public static TensorProto Floats(ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) =>
        Raw(DataType.Float, shape, MemoryMarshal.AsBytes(values));

    /// <summary>A list of integers: a shape, axes, starts and ends.</summary>
    public static TensorProto Integers(params ReadOnlySpan<long> values) =>
        Raw(DataType.Int64, [values.Length], MemoryMarshal.AsBytes(values));
}
