namespace Mdfld.Torch.Onnx;

/// <summary>Merges equal constants, and nodes that compute the same from the same values.</summary>
internal static class MergeDuplicates
{
    public static void Apply(GraphProto graph)
    {
        var replacements = new Dictionary<string, string>();

        // A message without its names is its own key: equality and hash of messages go by content.
        var constants = new Dictionary<TensorProto, string>();
        Values.Keep(graph.Initializer, constant =>
        {
            var key = constant.Clone();
            key.Name = "";
            if (constants.TryAdd(key, constant.Name))
                return true;
            replacements.Add(constant.Name, constants[key]);
            return false;
        });

        var nodes = new Dictionary<NodeProto, NodeProto>();
        Values.Keep(graph.Node, node =>
        {
            Values.Replace(node.Input, replacements);
            var key = node.Clone();
            key.Name = "";
            key.Output.Clear();
            if (nodes.TryAdd(key, node))
                return true;
            foreach (var (output, same) in node.Output.Zip(nodes[key].Output))
                replacements.Add(output, same);
            return false;
        });

        foreach (var output in graph.Output)
            output.Name = replacements.GetValueOrDefault(output.Name, output.Name);
    }
}
