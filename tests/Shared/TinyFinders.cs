using Google.Protobuf;
using Mdfld.Training.Onnx;
using static Mdfld.Training.Onnx.TensorProto.Types;

namespace Mdfld.Tests.Detection;

/// <summary>Face finders that take every bright cell of 8 x 8 pixels for the middle of a face.</summary>
internal static class TinyFinders
{
    /// <summary>Longest side of the boxes it makes, pixels of its input.</summary>
    public const float Side = 40;

    private static readonly int[] Strides = [8, 16, 32];

    /// <summary>A finder as ours.</summary>
    /// <param name="box">dx, dy, log width, log height of every box.</param>
    /// <param name="properties">What its file says.</param>
    /// <param name="side">Rows and columns of its input; 0 takes any.</param>
    public static byte[] Bright(
        float[]? box = null, IReadOnlyDictionary<string, string>? properties = null, int side = 0)
    {
        var (graph, image) = Begin(side);
        var all = new[] { "score", "box", "points" };
        foreach (var stride in Strides)
        {
            var score = Score(graph, image, stride, 1);
            Output(graph, $"score_{stride}", score, 1, side / stride);
            Output(graph, $"box_{stride}", Planes(graph, score, box ?? Box(stride)), 4, side / stride);
            Output(graph, $"points_{stride}", Planes(graph, score, Points(stride)), 10, side / stride);
        }
        return Finish(graph, properties ?? new Dictionary<string, string>
        {
            ["mdfld.finder"] = "1",
            ["mdfld.name"] = "bright",
            ["mdfld.threshold"] = "0.5",
            ["mdfld.min_face"] = "10",
            ["mdfld.max_face"] = "320",
        });
    }

    /// <summary>The same with outputs as YuNet's, whose input is bytes.</summary>
    public static byte[] BrightAsYuNet()
    {
        var (graph, image) = Begin(0);
        var half = graph.Constant(Constants.Floats([127.5f], 1));
        var centred = graph.Node("Div", [graph.Node("Sub", [image, half]), half]);
        foreach (var stride in Strides)
        {
            var score = Score(graph, centred, stride, 1);
            Output(graph, $"cls_{stride}", Rows(graph, score, 1), 1, 0);
            Output(graph, $"obj_{stride}", Rows(graph, score, 1), 1, 0);
            Output(graph, $"bbox_{stride}", Rows(graph, Planes(graph, score, Box(stride)), 4), 4, 0);
            Output(graph, $"kps_{stride}", Rows(graph, Planes(graph, score, Points(stride)), 10), 10, 0);
        }
        return Finish(graph, new Dictionary<string, string>());
    }

    private static (GraphBuilder Graph, string Picture) Begin(int side)
    {
        var graph = new GraphBuilder();
        return (graph, graph.Input("image", DataType.Float, [3, side, side]));
    }

    // Only cells of 8 pixels see anything.
    private static string Score(GraphBuilder graph, string image, int stride, float sight)
    {
        var grey = graph.Node("ReduceMean", [image], Attributes.Ints("axes", 1), Attributes.Int("keepdims", 1));
        var brightest = graph.Node(
            "MaxPool", [grey],
            Attributes.Ints("kernel_shape", stride, stride), Attributes.Ints("strides", stride, stride));
        return graph.Node("Relu", [graph.Node("Mul", [brightest, Plane(graph, stride == 8 ? sight : 0)])]);
    }

    private static float[] Box(int stride) => [0, 0, MathF.Log(Side / stride), MathF.Log(Side / stride)];

    // An upright face: eyes 10 pixels above the middle, mouth as far below.
    private static float[] Points(int stride) =>
        [.. new float[] { -10, -10, 10, -10, 0, 0, -10, 10, 10, 10 }.Select(p => p / stride)];

    private static string Planes(GraphBuilder graph, string score, float[] values) => graph.Node(
        "Add", [graph.Node("Mul", [score, Plane(graph, new float[values.Length])]), Plane(graph, values)]);

    private static string Rows(GraphBuilder graph, string planes, int count)
    {
        var last = graph.Node("Transpose", [planes], Attributes.Ints("perm", 0, 2, 3, 1));
        return graph.Node("Reshape", [last, graph.Constant(Constants.Integers(1, -1, count))]);
    }

    private static string Plane(GraphBuilder graph, params float[] values) =>
        graph.Constant(Constants.Floats(values, 1, values.Length, 1, 1));

    private static void Output(GraphBuilder graph, string name, string value, int count, int side) =>
        graph.Output(name, value, DataType.Float, [count, side, side]);

    private static byte[] Finish(GraphBuilder builder, IReadOnlyDictionary<string, string> properties)
    {
        var graph = builder.Build();
        // A size of 0 stands for any.
        foreach (var dimension in graph.Input[0].Type.TensorType.Shape.Dim.Where(d => d.DimValue == 0))
            dimension.ClearValue();
        foreach (var output in graph.Output)
            output.Type.TensorType.Shape = null;
        return GraphBuilder.Wrap(graph, properties).ToByteArray();
    }
}
