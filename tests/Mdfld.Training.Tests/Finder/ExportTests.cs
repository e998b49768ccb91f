using Mdfld.Tests.Onnx;
using Mdfld.Training;

namespace Mdfld.Tests.Finder;

public sealed class ExportTests
{
    [Fact]
    public void OnePictureSizeAfterTheOtherGivesWhatLibtorchGives()
    {
        using var network = new FinderNetwork();
        network.Initialise(new Random(5));
        using var exported = new ExportedNetwork(network, 32, 32, anySize: true);
        foreach (var (batch, height, width) in ((int, int, int)[])[(1, 64, 160), (2, 128, 96), (1, 32, 32)])
            Assert.InRange(exported.Difference(batch, seed: height, height, width), 0, 1e-4f);
    }

    [Fact]
    public void TheNetworkIsSmall()
    {
        using var network = new FinderNetwork();
        Assert.InRange(network.ParameterCount(), 100_000, 370_000);
    }
}
