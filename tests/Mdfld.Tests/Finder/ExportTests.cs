using Mdfld.Tests.Onnx;
using Mdfld.Torch;
using Mdfld.Training.Finder;

namespace Mdfld.Tests.Finder;

public sealed class ExportTests
{
    [Fact]
    public void OnePictureSizeAfterTheOtherGivesWhatLibtorchGives()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "finder.onnx");
        using var network = new FinderNetwork();
        network.Initialise(new Random(5));
        OnnxExport.Save(path, network, x => FinderExport.Outputs(network, x), [3, 32, 32], anySize: true);
        network.Eval();
        using var runner = new OnnxRunner(path);

        foreach (var (batch, height, width) in ((int, int, int)[])[(1, 64, 160), (2, 128, 96), (1, 32, 32)])
        {
            var random = new Random(height);
            float[] input =
                [.. Enumerable.Range(0, batch * 3 * height * width).Select(_ => (random.NextSingle() * 2) - 1)];
            var outputs = runner.Run(input, batch, 3, height, width);
            using var noGrad = Autograd.NoGrad();
            using var scope = new TensorScope();
            var expected = FinderExport.Outputs(network, Tensor.From<float>(input, batch, 3, height, width));
            Assert.Equal(9, expected.Count);
            foreach (var (name, value) in expected)
            {
                Assert.Equal(value.Shape, outputs[name].Dimensions.ToArray().Select(d => (long)d));
                var found = outputs[name].ToArray();
                Assert.All(value.ToArray<float>().Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
            }
        }
    }

    [Fact]
    public void TheNetworkIsSmall()
    {
        using var network = new FinderNetwork();
        Assert.InRange(network.ParameterCount(), 100_000, 370_000);
    }
}
