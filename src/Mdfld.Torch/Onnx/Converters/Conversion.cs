using System.Runtime.InteropServices;

namespace Mdfld.Torch.Onnx;

/// <summary>Turns the calls of a traced network, one after the other, into nodes of a graph.</summary>
internal sealed class Conversion(GraphBuilder graph)
{
    private readonly Dictionary<Value, string> _names = [];

    public GraphBuilder Graph => graph;

    /// <summary>Says which value of the graph a tensor of the network is.</summary>
    public void Bind(Value tensor, string name) => _names[tensor] = name;

    /// <summary>The graph's value of a tensor; a constant is added on its first use.</summary>
    public string Find(Value tensor)
    {
        if (_names.TryGetValue(tensor, out var name))
            return name;
        if (tensor.Data is null)
            throw new InvalidOperationException("a tensor is used before it is made");
        var stored = tensor.Shape.Select(size => size.Grows ? 1 : size.Value).ToArray();
        name = graph.Constant(Constants.Raw(tensor.Type.ToOnnx(), stored, tensor.Data), tensor.Name);
        if (tensor.Shape.Any(size => size.Grows))
            name = graph.Node("Expand", [name, Sizes(tensor.Shape)]);
        Bind(tensor, name);
        return name;
    }

    /// <summary>A list of integers, computed when the graph runs where it grows with the input.</summary>
    public string Sizes(ReadOnlySpan<Size> sizes)
    {
        var parts = new List<string>();
        var run = new List<long>();
        foreach (var size in sizes)
        {
            if (!size.Grows)
            {
                run.Add(size.Value);
                continue;
            }
            Flush();
            var unit = graph.SizeOf(size.Of);
            parts.Add(size.Value == 1
                ? unit
                : graph.Node("Mul", [unit, graph.Constant(Constants.Integers(size.Value))]));
        }
        if (run.Count > 0 || parts.Count == 0)
            Flush(always: true);
        return parts.Count == 1 ? parts[0] : graph.Node("Concat", [.. parts], Attributes.Int("axis", 0));

        void Flush(bool always = false)
        {
            if (run.Count > 0 || always)
                parts.Add(graph.Constant(Constants.Integers(CollectionsMarshal.AsSpan(run))));
            run.Clear();
        }
    }

    /// <summary>Gives a value another shape with as many elements.</summary>
    public string Reshape(string value, ReadOnlySpan<Size> from, ReadOnlySpan<Size> to)
    {
        if (from.SequenceEqual(to))
            return value;
        // 0 keeps a dimension, one -1 takes what is left: with both, hardly a shape needs computing.
        var plan = new long[to.Length];
        var left = 0;
        for (var i = 0; i < to.Length; i++)
        {
            var kept = to[i].Grows && i < from.Length && from[i] == to[i];
            plan[i] = kept ? 0 : to[i].Grows ? -1 : to[i].Value;
            left += to[i].Grows && !kept ? 1 : 0;
        }
        var planned = left <= 1 && to.IndexOf(new Size(0)) < 0;
        return graph.Node("Reshape", [value, planned ? graph.Constant(Constants.Integers(plan)) : Sizes(to)]);
    }

    /// <summary>Another element type.</summary>
    public string Cast(string value, ScalarType from, ScalarType to) =>
        from == to ? value : graph.Node("Cast", [value], Attributes.Int("to", (long)to.ToOnnx()));
}
