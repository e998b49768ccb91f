using static Mdfld.Torch.Onnx.TensorProto.Types;

namespace Mdfld.Torch.Onnx;

/// <summary>
/// Builds an ONNX graph node by node. Values are named after the operator that makes them and a running number,
/// so equal calls give equal graphs.
/// </summary>
internal sealed class GraphBuilder
{
    /// <summary>The name of the dimension that may differ from call to call: pictures in a batch.</summary>
    public const string Batch = "N";

    private readonly GraphProto _graph = new() { Name = "mdfld" };
    private readonly HashSet<string> _names = [];
    private readonly List<string> _outputNames = [];
    private readonly string?[] _sizes = new string?[Enum.GetValues<Growth>().Length];
    private (long Height, long Width) _least = (1, 1);

    /// <summary>The graph as it stands; outputs bear their inner names until <see cref="Build"/>.</summary>
    public GraphProto Graph => _graph;

    /// <summary>Adds an input of shape (N, ...).</summary>
    /// <param name="name">The name callers feed it by.</param>
    /// <param name="type">Element type.</param>
    /// <param name="sizes">Sizes after the batch dimension.</param>
    /// <returns>The value.</returns>
    public string Input(string name, DataType type, params ReadOnlySpan<Size> sizes)
    {
        if (!_names.Add(name))
            throw new ArgumentException($"the name '{name}' is taken", nameof(name));
        _graph.Input.Add(Describe(name, type, sizes));
        if (_graph.Input.Count == 1 && sizes.Length == 3)
            _least = (sizes[1].Value, sizes[2].Value);
        return name;
    }

    /// <summary>Declares a value of shape (N, ...) an output called <paramref name="name"/>.</summary>
    public void Output(string name, string value, DataType type, params ReadOnlySpan<Size> sizes)
    {
        if (!_names.Add(name))
            throw new ArgumentException($"the name '{name}' is taken", nameof(name));
        _outputNames.Add(name);
        _graph.Output.Add(Describe(value, type, sizes));
    }

    /// <summary>Adds an operator with one result.</summary>
    /// <param name="op">ONNX operator, such as "Conv".</param>
    /// <param name="inputs">Values; "" for an optional input left out.</param>
    /// <param name="attributes">Its constants.</param>
    /// <returns>The result.</returns>
    public string Node(string op, ReadOnlySpan<string> inputs, params ReadOnlySpan<AttributeProto> attributes) =>
        Node(op, 1, inputs, attributes)[0];

    /// <summary>Adds an operator with several results.</summary>
    public string[] Node(
        string op, int results, ReadOnlySpan<string> inputs, params ReadOnlySpan<AttributeProto> attributes)
    {
        var node = new NodeProto { OpType = op };
        // Optional inputs left out at the end are left out: ONNX Runtime crashes on some that are there but empty.
        foreach (var input in inputs.TrimEnd(""))
            node.Input.Add(input);
        foreach (var attribute in attributes)
            node.Attribute.Add(attribute);
        for (var i = 0; i < results; i++)
            node.Output.Add(Unique(op.ToLowerInvariant()));
        node.Name = node.Output[0];
        _graph.Node.Add(node);
        return [.. node.Output];
    }

    /// <summary>Adds a constant.</summary>
    /// <param name="tensor">Its elements; the name is set here.</param>
    /// <param name="name">The name wished for, such as a parameter's; numbered where taken.</param>
    /// <returns>The value.</returns>
    public string Constant(TensorProto tensor, string? name = null)
    {
        tensor.Name = name is not null && _names.Add(name) ? name : Unique(name ?? "constant");
        _graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    /// <summary>
    /// The first input's batch size, or how many times its height or width holds the least, as a list of one integer
    /// read when the graph runs.
    /// </summary>
    public string SizeOf(Growth growth) => _sizes[(int)growth] ??= growth switch
    {
        Growth.Batch => Dimension(0, 1),
        Growth.Height => Dimension(2, _least.Height),
        Growth.Width => Dimension(3, _least.Width),
        _ => throw new ArgumentOutOfRangeException(nameof(growth), growth, "a fixed size is a constant"),
    };

    private string Dimension(int axis, long least)
    {
        var size = Node(
            "Shape", [_graph.Input[0].Name], Attributes.Int("start", axis), Attributes.Int("end", axis + 1));
        return least == 1 ? size : Node("Div", [size, Constant(Constants.Integers(least))]);
    }

    /// <summary>Simplifies the graph, gives the outputs their names and returns it.</summary>
    public GraphProto Build()
    {
        FoldBatchNormalization.Apply(_graph);
        MergeDuplicates.Apply(_graph);
        RemoveUnused.Apply(_graph);
        NameOutputs();
        return _graph;
    }

    // A result takes the output's name. Inputs, constants and results that are outputs twice are copied first.
    private void NameOutputs()
    {
        var computed = _graph.Node.SelectMany(node => node.Output).ToHashSet();
        var renamed = new Dictionary<string, string>();
        for (var i = 0; i < _graph.Output.Count; i++)
        {
            var output = _graph.Output[i];
            var value = output.Name;
            output.Name = _outputNames[i];
            if (computed.Contains(value) && renamed.TryAdd(value, output.Name))
                continue;
            _graph.Node.Add(new NodeProto
            {
                Name = output.Name,
                OpType = "Identity",
                Input = { value },
                Output = { output.Name },
            });
        }
        foreach (var node in _graph.Node)
        {
            Values.Replace(node.Input, renamed);
            Values.Replace(node.Output, renamed);
        }
    }

    private string Unique(string stem)
    {
        for (var i = _names.Count; ; i++)
        {
            var name = $"{stem}_{i}";
            if (_names.Add(name))
                return name;
        }
    }

    private ValueInfoProto Describe(string name, DataType type, ReadOnlySpan<Size> sizes)
    {
        var shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = Batch } } };
        foreach (var size in sizes)
        {
            shape.Dim.Add(size.Of switch
            {
                Growth.None => new TensorShapeProto.Types.Dimension { DimValue = size.Value },
                Growth.Height => Named("H", size.Value, _least.Height),
                Growth.Width => Named("W", size.Value, _least.Width),
                _ => throw new ArgumentException("only the first dimension is the batch", nameof(sizes)),
            });
        }
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } },
        };

        // Inputs are described before the least sizes are known: their own are the least.
        TensorShapeProto.Types.Dimension Named(string dimension, long value, long least) => new()
        {
            DimParam = _graph.Input.Count == 0 || value == least ? dimension : $"{dimension}*{value}/{least}",
        };
    }
}
