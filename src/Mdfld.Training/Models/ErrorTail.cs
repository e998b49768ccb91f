using Mdfld.Training.Onnx;

namespace Mdfld.Training;

/// <summary>
/// The end of a landmark model's graph that turns the covariances of heat maps into those of errors
/// (<see cref="PointErrors"/>): everyone who runs the file has them in its output <c>spread</c>.
/// </summary>
internal static class ErrorTail
{
    private const string Output = "spread";
    private const string Maps = "map_spread";
    private const string Prefix = "errors.";

    /// <summary>Adds it, in place of an earlier one.</summary>
    /// <param name="graph">Has the output <c>spread</c>, (N, P, 3).</param>
    public static void Set(GraphProto graph, PointErrors errors)
    {
        Remove(graph);
        Rename(graph, Output, Maps);
        var mean = Node("mean", "Mul", [Node("sum", "Add", [Part(0), Part(2)]), Number("half", 0.5)]);
        var floors = Node("floors", "Mul", [mean, Number("floor", 1 / errors.Floor)]);
        var doubt = Node("doubt", "Relu", [Node("excess", "Sub", [floors, Number("one", 1)])]);
        var face = Node(
            "mean_doubt", "ReduceMean", [doubt], Attributes.Ints("axes", 1), Attributes.Int("keepdims", 1));
        var own = Weighted("own", doubt, errors.Own);
        var shared = Weighted("face", face, errors.Face);
        var points = graph.AddConstant(
            $"{Prefix}points", Constants.Floats([.. errors.Points.Select(p => (float)p)], 1, errors.Points.Count, 1));
        var log = Node("log", "Add", [Node("doubts", "Add", [own, shared]), points]);
        var factor = Node("factor", "Div", [Node("variance", "Exp", [log]), mean]);
        graph.AddNode(Prefix + Output, "Mul", Output, [Maps, factor]);

        string Part(int column) => Node(
            $"part.{column}", "Slice", [Maps, Integer(column), Integer(column + 1), Integer(2)]);

        string Weighted(string name, string value, double weight)
        {
            var soft = Node($"{name}.soft", "Add", [value, Number("softness", PointErrors.Softness)]);
            return Node(
                $"{name}.weighted", "Mul", [Node($"{name}.log", "Log", [soft]), Number($"{name}.weight", weight)]);
        }

        string Integer(int value) => graph.AddConstant($"{Prefix}integer.{value}", Constants.Integers(value));

        string Number(string name, double value) =>
            graph.AddConstant(Prefix + name, Constants.Floats([(float)value]));

        string Node(
            string name, string op, ReadOnlySpan<string> inputs, params ReadOnlySpan<AttributeProto> attributes) =>
            graph.AddNode(Prefix + name, op, Prefix + name, inputs, attributes);
    }

    /// <summary>Takes it off where it is: the output is the heat maps' again.</summary>
    public static void Remove(GraphProto graph)
    {
        RemoveAll(graph.Node, node => node.Name);
        RemoveAll(graph.Initializer, constant => constant.Name);
        Rename(graph, Maps, Output);

        static void RemoveAll<T>(IList<T> parts, Func<T, string> name)
        {
            for (var i = parts.Count - 1; i >= 0; i--)
            {
                if (name(parts[i]).StartsWith(Prefix, StringComparison.Ordinal))
                    parts.RemoveAt(i);
            }
        }
    }

    /// <summary>Takes over the tail of another model, if it has one.</summary>
    public static void Copy(GraphProto from, GraphProto to)
    {
        var nodes = from.Node.Where(node => node.Name.StartsWith(Prefix, StringComparison.Ordinal)).ToArray();
        if (nodes.Length == 0)
            return;
        Remove(to);
        Rename(to, Output, Maps);
        to.Node.AddRange(nodes.Select(node => node.Clone()));
        to.Initializer.AddRange(from.Initializer
            .Where(constant => constant.Name.StartsWith(Prefix, StringComparison.Ordinal)).Select(c => c.Clone()));
    }

    private static void Rename(GraphProto graph, string from, string to)
    {
        foreach (var node in graph.Node.Where(n => n.Output[0] == from))
            node.Output[0] = to;
    }
}
