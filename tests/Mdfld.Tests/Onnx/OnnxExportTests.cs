using Mdfld.Torch;

namespace Mdfld.Tests.Onnx;

public sealed class OnnxExportTests
{
    private static readonly Dictionary<string, Func<Tensor, Tensor>> Expressions = new()
    {
        ["numbers"] = x => 3 - (x * 2 + 1) / 4 - (-x) * (2 - x),
        ["scaled sums"] = x => Op("add", "Tensor").Call(Op("sub", "Scalar").Call(x, 2.0, 3.0), x, 0.5)
            + Op("rsub", "Scalar").Call(x, 2.0, 3.0),
        ["roots"] = x => (x.Abs() + 0.1).Sqrt() + (x.Abs() + 0.1).Log() + x.Exp() + x.Abs().Log1p()
            + (x + 2).Reciprocal(),
        ["powers"] = x => x.Pow(2) + (x + 2).Pow(x) + Tensor.Pow(2, x),
        ["activations"] = x => x.Relu() + x.Silu() + x.Hardswish() + x.Sigmoid() + Op("tanh").Call(x)
            + Op("gelu").Call(x) + Op("hardsigmoid").Call(x) + Op("leaky_relu").Call(x, 0.2) + Op("relu6").Call(x * 9)
            + Op("softplus").Call(x),
        ["limits"] = x => x.Clamp(-0.5, 0.5) + x.Clamp(max: 0.2) + x.Clamp(min: 0.1) + x.Maximum(x * x)
            + Op("clamp_min").Call(x, 0.3) + Op("clamp", "Tensor").Call(x, x * 0 - 0.1, x * 0 + 0.3),
        ["masks"] = x => x.Where(x.Greater(0.05), x * 10) + x.LessOrEqual(0).To(ScalarType.Float32)
            + x * x.GreaterOrEqual(0.5) + Op("masked_fill", "Scalar").Call(x, x.Less(0), 7.0),
        ["integers"] = x => (x * 9).To(ScalarType.Int64) * 2 + x
            + Op("eq", "Scalar").Call((x * 2).To(ScalarType.Int64), 0.0),
        ["sums"] = x => x.Sum([1], true) + x.Mean([2, 3], true) + x.Amax([-1], true) + x.Sum([-1]).Unsqueeze(3),
        ["positions"] = x => Op("argmax").Call(x, 1L, true).To(ScalarType.Float32)
            + Op("max", "dim").CallMany(x, 2L, true)[1]!,
        ["softmax"] = x => x.Softmax(1) + x.Reshape(x.Shape[0], 4, -1).Softmax(-1).Reshape(x.Shape),
        ["shapes"] = x => Tensor.Cat([
            x.Permute(0, 3, 1, 2).Reshape(-1, 24 * 6),
            Op("flatten", "using_ints").Call(x.Transpose(1, 2), 1L),
            x.Unsqueeze(1).Squeeze(1).Reshape(x.Shape[0], -1),
        ], 1),
        ["merged batch"] = x => x.Reshape(x.Shape[0] * 4, 1, 6, 6).MaxPool2d(2, 2).Reshape(-1, 4, 3, 3),
        ["middle batch"] = x => (x.Permute(1, 0, 2, 3).Reshape(2, 2, x.Shape[0], 36) * 2).Permute(2, 0, 1, 3),
        ["selections"] = x => x.Slice(2, 1, 4).Select(1, -1) + x.Select(1, 0).Slice(1, 0, 6, 2)
            + Op("narrow").Call(x.Select(1, 1), 1L, 2L, 3L)
            + Op("flip").Call(x, new long[] { 2, 3 }).Select(1, 2).Slice(1, 3, 6),
        ["splits"] = x => Op("chunk").CallMany(x, 2L, 1L)[1]! + Op("split", "Tensor").CallMany(x, 2L, 1L)[0]!
            + Op("unbind", "int").CallMany(x, 1L)[3]!.Unsqueeze(1),
        ["joins"] = x => Tensor.Cat([Tensor.Stack([x, x * 2], 2).Reshape(-1, 8, 6, 6), x], -3),
        ["likes"] = x => Op("full_like").Call(x, 2.5) + Op("ones_like").Call(x) * x
            + Op("constant_pad_nd").Call(x.Slice(3, 0, 5), new long[] { 1, 0 }, 3.0),
        ["constants for a batch"] = x => Tensor.Cat([x, Coordinates(6).Expand(x.Shape[0], 2, 6, 6)], 1),
        ["repeats"] = x => x.Select(2, 0).Unsqueeze(2).Expand(-1, -1, 6, -1)
            + Op("repeat").Call(x.Slice(3, 0, 2), new long[] { 1, 1, 1, 3 })
            + Op("repeat").Call(Coordinates(6).Select(0, 0), new long[] { x.Shape[0], 2, 1, 1 })
                .Reshape(x.Shape[0], 4, 6, 6),
        ["enlarged"] = x => x.UpsampleNearest2d(12, 18).AvgPool2d(2, 2) + x.UpsampleBilinear2d(6, 9),
        ["odd sizes"] = x => x.UpsampleBilinear2d(9, 11) + x.UpsampleNearest2d(9, 11),
        ["pooled"] = x => x.MaxPool2d(3, 2, 1) + x.AvgPool2d(3, 2, 1)
            + Op("adaptive_avg_pool2d").Call(x, new long[] { 3, 3 })
            + Op("adaptive_avg_pool2d").Call(x, new long[] { 1, 1 }),
        ["normalised"] = x => x.InstanceNorm() + Op("layer_norm").Call(x, new long[] { 6, 6 }),
        ["products"] = x => x.Matmul(x.Transpose(2, 3)).Linear(Numbers(5, 6), Numbers(5)).Reshape(x.Shape[0], -1)
            .Linear(Numbers(3, 120), Numbers(3)),
        ["shuffled"] = x => Op("pixel_shuffle").Call(x, 2L),
    };

    public static TheoryData<string> ExpressionNames => [.. Expressions.Keys];

    [Theory]
    [MemberData(nameof(ExpressionNames))]
    public void OperatorsMeanTheSameInOnnx(string expression)
    {
        using var network = new ExportedNetwork(Expressions[expression], 4, 6, 6);
        foreach (var batch in new[] { 1, 2, 5 })
            Assert.InRange(network.Difference(batch, seed: batch), 0, 1e-5f);
    }

    [Fact]
    public void TinyAttentionKeepsItsRelativePrecision()
    {
        // All of it far below the absolute error of ONNX Runtime's own Sigmoid; the sum to one brings it up.
        using var network = new ExportedNetwork(
            x => (x * 4 - 20).Sigmoid() / (x * 4 - 20).Sigmoid().Sum([1, 2, 3], true), 4, 6, 6);
        Assert.InRange(network.Difference(batch: 2, seed: 1), 0, 1e-6f);
    }

    [Fact]
    public void SeveralOutputsKeepTheirNamesAndOrder()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "two.onnx");
        using var module = new RandomNetwork(0);
        OnnxExport.Save(
            path, module, x => [("last", module.Forward(x)), ("first", x * 2)], [3, 16, 16], "picture",
            new Dictionary<string, string> { ["mdfld.size"] = "16" });

        using var runner = new OnnxRunner(path);
        Assert.Equal(["picture"], runner.Session.InputNames);
        Assert.Equal(["last", "first"], runner.Session.OutputNames);
        Assert.Equal([-1, 3, 16, 16], runner.Session.InputMetadata["picture"].Dimensions);
        Assert.Equal("16", runner.Session.ModelMetadata.CustomMetadataMap["mdfld.size"]);
    }

    [Fact]
    public void EqualNetworksGiveEqualFiles()
    {
        using var folder = new TemporaryFolder();
        using var module = new RandomNetwork(5);
        var files = new[] { "a.onnx", "b.onnx" }.Select(name => Path.Combine(folder.Path, name)).ToArray();
        foreach (var file in files)
            OnnxExport.Save(file, module, x => [("y", module.Forward(x))], [3, 16, 16]);

        Assert.Equal(File.ReadAllBytes(files[0]), File.ReadAllBytes(files[1]));
    }

    [Fact]
    public void NetworkIsTracedInEvaluationModeAndTrainsOn()
    {
        using var conv = new Conv2d(3, 4, 3);
        using var norm = new BatchNorm2d(4);
        norm.Train();

        var graph = OnnxExport.Trace(norm, x => [("y", norm.Forward(conv.Forward(x)).Relu())], [3, 16, 16], "image");

        Assert.Equal(["Conv", "Relu"], graph.Node.Select(node => node.OpType));
        Assert.True(norm.Training);
    }

    [Theory]
    [InlineData("acosh", "aten::acosh")]
    [InlineData("in place", "aten::add_")]
    [InlineData("value", "the input's values")]
    [InlineData("batch", "multiples of the batch size")]
    [InlineData("other calls", "aten::relu")]
    [InlineData("no batch", "expected [N, ...]")]
    [InlineData("dropout", "call Eval first")]
    public void WhatCannotBeExportedIsNamed(string network, string named)
    {
        Func<Tensor, Tensor> forward = network switch
        {
            "acosh" => x => Op("acosh").Call(x + 2),
            "in place" => AddToItself,
            "value" => x => x + Tensor.From<float>([x.ToArray<float>()[0]], 1),
            "batch" => x => x.Slice(1, 0, x.Shape[0] - 1),
            "other calls" => x => x.Shape[0] == 2 ? x.Relu() : x.Sigmoid(),
            "no batch" => x => x.Sum(),
            _ => x => Op("dropout").Call(x, 0.5, true),
        };
        var error = Assert.Throws<NotSupportedException>(() => new ExportedNetwork(forward, 4, 6, 6));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);

        static Tensor AddToItself(Tensor x)
        {
            x.AddInPlace(x);
            return x;
        }
    }

    private static Operator Op(string name, string overload = "") => new($"aten::{name}", overload);

    private static Tensor Coordinates(long size)
    {
        var line = Tensor.Arange(0, size) / size;
        var (rows, columns) = (line.Unsqueeze(1).Expand(size, size), line.Unsqueeze(0).Expand(size, size));
        return Tensor.Stack([rows, columns], 0).Unsqueeze(0);
    }

    private static Tensor Numbers(params long[] shape)
    {
        var random = new Random(1);
        var count = shape.Aggregate(1L, (a, b) => a * b);
        return Tensor.From<float>([.. Enumerable.Range(0, (int)count).Select(_ => random.NextSingle() - 0.5f)], shape);
    }
}
