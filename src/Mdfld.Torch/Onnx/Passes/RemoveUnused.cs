namespace Mdfld.Torch.Onnx;

/// <summary>Removes the nodes and constants that no output needs.</summary>
internal static class RemoveUnused
{
    public static void Apply(GraphProto graph)
    {
        var needed = graph.Output.Select(output => output.Name).ToHashSet();
        // Nodes stand before their users, so one walk from the end sees every use before the node itself.
        foreach (var node in graph.Node.Reverse())
        {
            if (node.Output.Any(needed.Contains))
                needed.UnionWith(node.Input);
        }
        Values.Keep(graph.Node, node => node.Output.Any(needed.Contains));
        Values.Keep(graph.Initializer, constant => needed.Contains(constant.Name));
    }
}
