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
        Assert.InRange(network.ParameterCount(), 100_000, 430_000);
    }

    [Fact]
    public void AGrownNetworkBeginsAsTheSmallerOne()
    {
        using FinderNetwork one = new(), other = new();
        one.Initialise(new Random(1));
        other.Initialise(new Random(2));
        var values = one.StateDict().Where(t => !FinderNetwork.IsGrown(t.Name)).ToDictionary(t => t.Name, t => t.Tensor);
        other.LoadStateDict(name => values.GetValueOrDefault(name)?.clone(), "the smaller", FinderNetwork.IsGrown);
        one.Eval();
        other.Eval();
        using var scope = NewDisposeScope();
        var picture = zeros(1, 3, 64, 64) + 0.3f;
        Assert.Equal(one.Forward(picture)[0].ToArray<float>(), other.Forward(picture)[0].ToArray<float>());
    }
}
