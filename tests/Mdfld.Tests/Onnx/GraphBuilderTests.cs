using Google.Protobuf;
using Mdfld.Torch.Onnx;
using static Mdfld.Torch.Onnx.TensorProto.Types;

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
            "Concat", [builder.SizeOf(Growth.Batch), builder.Constant(Constants.Integers(2))],
            Attributes.Int("axis", 0));
        var ones = builder.Node("Expand", [builder.Constant(Constants.Floats([1], 1, 1)), size]);
        builder.Output("y", builder.Node("Concat", [x, ones], Attributes.Int("axis", 1)), DataType.Float, [5]);

        using var runner = new OnnxRunner(ModelFile.Wrap(builder.Build(), NoMetadata));
        var values = Enumerable.Range(0, batch * 3).Select(i => (float)i).ToArray();
        var y = runner.Run(values, batch, 3)["y"];

        Assert.Equal([batch, 5], y.Dimensions.ToArray());
        Assert.Equal([values[^3], values[^2], values[^1], 1, 1], y.Buffer.ToArray()[^5..]);
    }

    [Fact]
    public void BatchNormalizationFoldsIntoItsConvolution()
    {
        var folded = ConvolutionAndNorm(showConvolution: false).Build();
        var kept = ConvolutionAndNorm(showConvolution: true).Build();
        Assert.Equal(["Conv"], folded.Node.Select(node => node.OpType));
        Assert.Equal(["Conv", "BatchNormalization"], kept.Node.Select(node => node.OpType));
        Assert.Equal(2, folded.Initializer.Count);

        var values = Numbers(new Random(3), 2 * 3 * 8 * 8);
        using var foldedRunner = new OnnxRunner(ModelFile.Wrap(folded, NoMetadata));
        using var keptRunner = new OnnxRunner(ModelFile.Wrap(kept, NoMetadata));
        AssertClose(
            keptRunner.Run(values, 2, 3, 8, 8)["y"].ToArray(), foldedRunner.Run(values, 2, 3, 8, 8)["y"].ToArray());
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

        Assert.Equal(["Mul", "Add"], graph.Node.Select(node => node.OpType));
        Assert.Single(graph.Initializer);
        using var runner = new OnnxRunner(ModelFile.Wrap(graph, NoMetadata));
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

        using var runner = new OnnxRunner(ModelFile.Wrap(builder.Build(), NoMetadata));
        var outputs = runner.Run([4, 9], 1, 2);

        Assert.Equal([2, 3], outputs["first"].ToArray());
        Assert.Equal([2, 3], outputs["second"].ToArray());
        Assert.Equal([4, 9], outputs["input"].ToArray());
    }

    [Fact]
    public void NamesAreUniqueAndEqualCallsGiveEqualBytes()
    {
        var model = ModelFile.Wrap(ConvolutionAndNorm(showConvolution: true).Build(), NoMetadata);
        var again = ModelFile.Wrap(ConvolutionAndNorm(showConvolution: true).Build(), NoMetadata);
        Assert.Equal(model.ToByteArray(), again.ToByteArray());
        var names = model.Graph.Node.SelectMany(node => node.Output)
            .Concat(model.Graph.Initializer.Select(t => t.Name));
        Assert.Equal(names.Count(), names.Distinct().Count());

        var builder = new GraphBuilder();
        var x = builder.Input("x", DataType.Float, [2]);
        Assert.Throws<ArgumentException>(() => builder.Output("x", x, DataType.Float, [2]));
    }

    [Fact]
    public void FileCarriesMetadataAndReplacesTheOldOneWhole()
    {
        var folder = Directory.CreateTempSubdirectory("mdfld");
        try
        {
            var path = Path.Combine(folder.FullName, "model.onnx");
            File.WriteAllText(path, "old");
            var model = ModelFile.Wrap(
                ConvolutionAndNorm(showConvolution: false).Build(),
                new Dictionary<string, string> { ["mdfld.points"] = "68", ["mdfld.name"] = "toy" });
            ModelFile.Write(model, path);

            using var runner = new OnnxRunner(path);
            Assert.Equal("68", runner.Session.ModelMetadata.CustomMetadataMap["mdfld.points"]);
            Assert.Equal("toy", runner.Session.ModelMetadata.CustomMetadataMap["mdfld.name"]);
            Assert.Equal([path], Directory.GetFiles(folder.FullName));
            Assert.Throws<DirectoryNotFoundException>(
                () => ModelFile.Write(model, Path.Combine(folder.FullName, "absent", "model.onnx")));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static GraphBuilder ConvolutionAndNorm(bool showConvolution)
    {
        var random = new Random(1);
        var builder = new GraphBuilder();
        var x = builder.Input("x", DataType.Float, [3, 8, 8]);
        var weight = builder.Constant(Constants.Floats(Numbers(random, 4 * 3 * 3 * 3), 4, 3, 3, 3), "conv.weight");
        var conv = builder.Node("Conv", [x, weight], Attributes.Ints("pads", 1, 1, 1, 1));
        string[] parameters = [.. Enumerable.Range(0, 4).Select(
            _ => builder.Constant(Constants.Floats([.. Numbers(random, 4).Select(v => Math.Abs(v) + 0.1f)], 4)))];
        var norm = builder.Node("BatchNormalization", [conv, .. parameters], Attributes.Float("epsilon", 1e-3));
        builder.Output("y", norm, DataType.Float, [4, 8, 8]);
        if (showConvolution)
            builder.Output("conv", conv, DataType.Float, [4, 8, 8]);
        return builder;
    }

    private static float[] Numbers(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.InRange(expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max(), 0, 1e-5f);
    }
}
