using Google.Protobuf;
using Mdfld.Training.Onnx;
using static Mdfld.Training.Onnx.TensorProto.Types;

namespace Mdfld.Tests.Onnx;

public sealed class GraphBuilderTests
{
    private static readonly Dictionary<string, string> NoMetadata = [];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void BatchIsDynamic(int batch)
    {
        var builder = new GraphBuilder();
        var x = builder.Input("x", DataType.Float, [3]);
        var size = builder.Node(
            "Concat", [builder.Node("Shape", [x], Attributes.Int("end", 1)), builder.Constant(Constants.Integers(2))],
            Attributes.Int("axis", 0));
        var ones = builder.Node("Expand", [builder.Constant(Constants.Floats([1], 1, 1)), size]);
        builder.Output("y", builder.Node("Concat", [x, ones], Attributes.Int("axis", 1)), DataType.Float, [5]);

        using var runner = new OnnxRunner(GraphBuilder.Wrap(builder.Build(), NoMetadata));
        var values = Enumerable.Range(0, batch * 3).Select(i => (float)i).ToArray();
        var y = runner.Run(values, batch, 3)["y"];

        Assert.Equal([batch, 5], y.Dimensions.ToArray());
        Assert.Equal([values[^3], values[^2], values[^1], 1, 1], y.Buffer.ToArray()[^5..]);
    }

    [Fact]
    public void EqualNodesMergeAndUnusedOnesGo()
    {
        var builder = new GraphBuilder();
        var x = builder.Input("x", DataType.Float, [2]);
        var one = builder.Node("Mul", [x, builder.Constant(Constants.Floats([2], 1))]);
        var same = builder.Node("Mul", [x, builder.Constant(Constants.Floats([2], 1))]);
        builder.Node("Sqrt", [builder.Node("Mul", [x, builder.Constant(Constants.Floats([3], 1))])]);
        builder.Output("y", builder.Node("Add", [one, same]), DataType.Float, [2]);

        var graph = builder.Build();

        Assert.Equal(["Mul", "Add", "Identity"], graph.Node.Select(node => node.OpType));
        Assert.Single(graph.Initializer);
        using var runner = new OnnxRunner(GraphBuilder.Wrap(graph, NoMetadata));
        Assert.Equal([4, 12], runner.Run([1, 3], 1, 2)["y"].ToArray());
    }

    [Fact]
    public void OneValueMayBeSeveralOutputsAndAnInputMayBeOne()
    {
        var builder = new GraphBuilder();
        var x = builder.Input("x", DataType.Float, [2]);
        var root = builder.Node("Sqrt", [x]);
        builder.Output("first", root, DataType.Float, [2]);
        builder.Output("second", root, DataType.Float, [2]);
        builder.Output("input", x, DataType.Float, [2]);

        using var runner = new OnnxRunner(GraphBuilder.Wrap(builder.Build(), NoMetadata));
        var outputs = runner.Run([4, 9], 1, 2);

        Assert.Equal([2, 3], outputs["first"].ToArray());
        Assert.Equal([2, 3], outputs["second"].ToArray());
        Assert.Equal([4, 9], outputs["input"].ToArray());
    }

    [Fact]
    public void AParameterMayBeUsedAgainButItsNameNotForAnother()
    {
        var builder = new GraphBuilder();
        Assert.Equal("weight", builder.Parameter("weight", Constants.Floats([1], 1)));
        Assert.Equal("weight", builder.Parameter("weight", Constants.Floats([1], 1)));
        Assert.Throws<ArgumentException>(() => builder.Parameter("weight", Constants.Floats([2], 1)));
    }
}
