using Google.Protobuf.Collections;

namespace Mdfld.Torch.Onnx;

/// <summary>Who uses which value of a graph.</summary>
internal static class Values
{
    /// <summary>How often each value is an input of a node or an output of the graph.</summary>
    public static Dictionary<string, int> CountUses(GraphProto graph)
    {
        var uses = new Dictionary<string, int>();
        var inputs = graph.Node.SelectMany(node => node.Input);
        foreach (var value in inputs.Concat(graph.Output.Select(output => output.Name)))
            uses[value] = uses.GetValueOrDefault(value) + 1;
        return uses;
    }

    public static void Replace(RepeatedField<string> values, Dictionary<string, string> replacements)
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (replacements.TryGetValue(values[i], out var replacement))
                values[i] = replacement;
        }
    }

    /// <summary>Keeps only the elements wanted, in their order.</summary>
    public static void Keep<T>(RepeatedField<T> elements, Predicate<T> wanted)
    {
        var kept = elements.Where(element => wanted(element)).ToList();
        elements.Clear();
        elements.AddRange(kept);
    }
}
