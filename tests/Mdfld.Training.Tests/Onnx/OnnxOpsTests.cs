using Google.Protobuf;
using Mdfld.Training;

namespace Mdfld.Tests.Onnx;

/// <summary>Both back ends of <see cref="IOps{T}"/>, operator by operator.</summary>
public sealed class OnnxOpsTests
{
    [Fact]
    public void EveryOperatorMeansTheSameInBoth()
    {
        using var network = new EveryOperator();
        ExportedNetwork.Randomise(network, new Random(3));
        using var exported = new ExportedNetwork(network, 8, 12);
        foreach (var batch in new[] { 1, 2, 5 })
            Assert.InRange(exported.Difference(batch, seed: batch), 0, 1e-5f);
    }

    [Fact]
    public void TinyAttentionKeepsItsRelativePrecision()
    {
        // All of it far below the absolute error of ONNX Runtime's own Sigmoid; the sum to one brings it up.
        using var exported = new ExportedNetwork(new TinyAttention(), 8, 12);
        Assert.InRange(exported.Difference(batch: 2, seed: 1), 0, 1e-6f);
    }

    [Fact]
    public void NormsAreFoldedWhatNoOutputNeedsGoesAndEqualNetworksGiveEqualBytes()
    {
        using var network = new EveryOperator();
        var graph = OnnxExport.Graph(network, 8, 12);
        Assert.Single(graph.Node, node => node.OpType == "BatchNormalization");
        Assert.DoesNotContain(graph.Node, node => node.OpType == "Conv" && node.Input[1] == "unused.weight");
        Assert.DoesNotContain(graph.Initializer, constant => constant.Name == "unused.weight");
        Assert.Equal(graph.ToByteArray(), OnnxExport.Graph(network, 8, 12).ToByteArray());
        Assert.True(network.Training);
    }

    [Fact]
    public void ANetworkThatNeedsSizesIsNotExportedForAnySize()
    {
        using var network = new EveryOperator();
        Assert.Throws<NotSupportedException>(() => OnnxExport.Graph(network, 8, 12, anySize: true));
    }

    private sealed class EveryOperator : Network
    {
        public EveryOperator()
        {
            Conv("first", 3, 4, 3, bias: false);
            Norm("first_norm", 4);
            Conv("second", 4, 4, 5);
            Norm("second_norm", 4);
            Norm("alone", 4);
            Conv("unused", 4, 2);
        }

        internal override IReadOnlyList<(string Name, T Value)> Predict<T>(IOps<T> f, T images)
        {
            var x = f.Conv(images, "first", norm: "first_norm");
            x = f.Relu(f.Conv(f.MaxPool(f.Norm(x, "alone")), "second", norm: "second_norm"));
            f.Conv(x, "unused");
            var (height, width) = (f.Shape(x)[2], f.Shape(x)[3]);
            var row = f.Constant(x, [.. Enumerable.Range(0, (int)width).Select(i => 0.1 * i)], 1, 1, 1, width);
            var planes = f.Constant(
                x, [.. Enumerable.Range(0, (int)(height * width)).Select(i => 0.01 * i)], 1, 1, height, width);
            var mask = f.Greater(f.Slice(x, 1, 1, 3), 0.3);
            var share = f.Div(x, f.ClampMin(f.Reshape(f.Sum(x, 2, 3), -1, 4, 1, 1), 1));
            var joined = f.Concat(1, f.Mul(x, row), mask, f.Repeat(planes, x), f.Sub(share, f.Sigmoid(x)));
            var rows = f.Reshape(joined, -1, 11, height * width);
            var weights = f.Constant(
                x, [.. Enumerable.Range(0, (int)(2 * height * width)).Select(i => Math.Sin(i))], height * width, 2);
            return
            [
                ("moments", f.MatMul(f.Softmax(rows), weights)),
                ("enlarged", f.Upsample(f.Add(f.InstanceNorm(images), f.Slice(row, 3, 0, 1)))),
                ("sums", f.Sum(joined, 2)),
                ("strided", f.Conv(f.Relu(x), "second", stride: 2)),
            ];
        }
    }

    private sealed class TinyAttention : Network
    {
        internal override IReadOnlyList<(string Name, T Value)> Predict<T>(IOps<T> f, T images)
        {
            var four = f.Constant(images, [4], 1);
            var attention = f.Sigmoid(f.Sub(f.Mul(images, four), f.Constant(images, [20], 1)));
            return [("shares", f.Div(attention, f.Reshape(f.Sum(attention, 1, 2, 3), -1, 1, 1, 1)))];
        }
    }
}
