using System.Numerics;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Mdfld.Training.Onnx;
using static Mdfld.Training.Onnx.TensorProto.Types;

namespace Mdfld.Tests.Detection;

/// <summary>Landmark models of a few operators whose answers are known.</summary>
internal static class TinyModels
{
    public const int Size = 32;

    public static Dictionary<string, string> Properties { get; } = new()
    {
        ["mdfld.name"] = "tiny",
        ["mdfld.points"] = "68",
        ["mdfld.size"] = "32",
        ["mdfld.channels"] = "rgb",
        ["mdfld.mean"] = "127.5",
        ["mdfld.std"] = "127.5",
        ["mdfld.crop_factor"] = "1.25",
    };

    /// <summary>
    /// Finds the brightest place of the crop; its points lie round it at offsets, each as unsure as the other, in
    /// network units.
    /// </summary>
    public static byte[] Brightest(
        ReadOnlySpan<Vector2> offsets,
        IReadOnlyDictionary<string, string>? properties = null,
        PointCovariance? spread = null)
    {
        var grid = new Vector2[Size * Size];
        for (var i = 0; i < grid.Length; i++)
            grid[i] = (new Vector2(((i % Size) * 2) + 1, ((i / Size) * 2) + 1) / Size) - Vector2.One;
        var graph = new GraphBuilder();
        var image = graph.Input(OnnxLandmarkModel.Input, DataType.Float, [3, Size, Size]);
        var grey = graph.Node("ReduceMean", [image], Attributes.Ints("axes", 1), Attributes.Int("keepdims", 0));
        var flat = graph.Node("Reshape", [grey, graph.Constant(Constants.Integers(-1, Size * Size))]);
        var sharp = graph.Node("Mul", [flat, graph.Constant(Constants.Floats([40f]))]);
        var share = graph.Node("Softmax", [sharp], Attributes.Int("axis", 1));
        var place = graph.Node("MatMul", [share, graph.Constant(Floats(grid, grid.Length, 2))]);
        return Finish(graph, place, offsets, properties, spread);
    }

    /// <summary>Every point is (mean of the first channel, mean of the last).</summary>
    public static byte[] Means(IReadOnlyDictionary<string, string>? properties = null)
    {
        var graph = new GraphBuilder();
        var image = graph.Input(OnnxLandmarkModel.Input, DataType.Float, [3, Size, Size]);
        var means = graph.Node("ReduceMean", [image], Attributes.Ints("axes", 2, 3), Attributes.Int("keepdims", 0));
        var place = graph.Node("Gather", [means, graph.Constant(Constants.Integers(0, 2))], Attributes.Int("axis", 1));
        return Finish(graph, place, new Vector2[68], properties);
    }

    public static Dictionary<string, string> With(string key, string? value)
    {
        var changed = new Dictionary<string, string>(Properties);
        if (value is null)
            changed.Remove(key);
        else
            changed[key] = value;
        return changed;
    }

    private static byte[] Finish(
        GraphBuilder graph,
        string place,
        ReadOnlySpan<Vector2> offsets,
        IReadOnlyDictionary<string, string>? properties,
        PointCovariance? spread = null)
    {
        var one = graph.Node("Unsqueeze", [place, graph.Constant(Constants.Integers(1))]);
        var all = graph.Node("Add", [one, graph.Constant(Floats(offsets, 1, offsets.Length, 2))]);
        graph.Output(OnnxLandmarkModel.Output, all, DataType.Float, [offsets.Length, 2]);
        if (spread is { } s)
        {
            var column = graph.Node(
                "Gather", [all, graph.Constant(Constants.Integers(0))], Attributes.Int("axis", 2));
            var nothing = graph.Node("Mul", [column, graph.Constant(Constants.Floats([0], 1))]);
            var same = graph.Node("Add", [nothing, graph.Constant(Constants.Floats([s.XX, s.XY, s.YY], 1, 1, 3))]);
            graph.Output(OnnxLandmarkModel.Spread, same, DataType.Float, [offsets.Length, 3]);
        }
        return GraphBuilder.Wrap(graph.Build(), properties ?? Properties).ToByteArray();
    }

    private static TensorProto Floats(ReadOnlySpan<Vector2> values, params ReadOnlySpan<long> shape) =>
        Constants.Floats(MemoryMarshal.Cast<Vector2, float>(values), shape);
}
