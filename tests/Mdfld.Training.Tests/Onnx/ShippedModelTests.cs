using Mdfld.Training;

namespace Mdfld.Tests.Onnx;

/// <summary>
/// The float models in models/ are what is exported now of the weights beside them: to 1e-6 network units, and 1e-6 of
/// a cell of the finder's maps. The default ones, in integers, were made of those.
/// </summary>
public sealed class ShippedModelTests
{
    private const float Tolerance = 1e-6f;

    [Fact]
    public void CompactNetworkIsTheShippedOne()
    {
        var sizes = Enumerable.Range(0, 20).Select(seed => (Batch: 1 + (seed % 2), Height: 128, Width: 128));
        AssertSame("compact", sizes);
    }

    [Fact]
    public void FinderIsTheShippedOneAtAnySize() =>
        AssertSame("finder", [(1, 320, 320), (2, 96, 160), (1, 32, 64)]);

    [Theory]
    [InlineData("compact")]
    [InlineData("finder")]
    public void ExportsHaveEqualBytes(string model)
    {
        using var folder = new TemporaryFolder();
        Export(model, folder["a.onnx"]);
        Export(model, folder["b.onnx"]);
        Assert.Equal(File.ReadAllBytes(folder["a.onnx"]), File.ReadAllBytes(folder["b.onnx"]));
    }

    private static void AssertSame(string model, IEnumerable<(int Batch, int Height, int Width)> sizes)
    {
        using var folder = new TemporaryFolder();
        Export(model, folder["again.onnx"]);
        using var shipped = new OnnxRunner(Path.Combine(TestFiles.RepositoryRoot, "models", $"{model}-float.onnx"));
        using var exported = new OnnxRunner(folder["again.onnx"]);
        Assert.Equal(shipped.Session.OutputNames, exported.Session.OutputNames);
        foreach (var name in exported.Session.OutputNames)
        {
            Assert.Equal(
                shipped.Session.OutputMetadata[name].SymbolicDimensions,
                exported.Session.OutputMetadata[name].SymbolicDimensions);
        }
        foreach (var (i, (batch, height, width)) in sizes.Index())
        {
            var input = ExportedNetwork.Noise(batch * Picture.Channels * height * width, seed: i);
            var expected = shipped.Run(input, batch, Picture.Channels, height, width);
            foreach (var (name, found) in exported.Run(input, batch, Picture.Channels, height, width))
            {
                Assert.Equal(expected[name].Dimensions.ToArray(), found.Dimensions.ToArray());
                // A calibrated model's spread is no more that of its heat maps.
                if (name == "spread")
                    continue;
                Assert.All(
                    expected[name].ToArray().Zip(found.ToArray()),
                    pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, Tolerance));
            }
        }
    }

    private static void Export(string model, string path) =>
        DetectorExport.Save(Path.Combine(TestFiles.RepositoryRoot, "models", $"{model}.safetensors"), path);
}
