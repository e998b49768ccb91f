using Mdfld.Tests.Star;
using Mdfld.Training;

namespace Mdfld.Tests.Onnx;

/// <summary>The exported networks of STAR against libtorch: 1e-4 of the crop, which is 2 network units wide.</summary>
public sealed class StarExportTests
{
    private const float Tolerance = 2e-4f;
    private const float SmallestMargin = 2e-5f;
    private const int Crops = 20;
    private const int Size = StarOptions.CropSize;

    [Fact]
    public void TinyNetworkAgreesOnRandomCrops()
    {
        using var network = StarGolden.TinyNetwork();
        AssertAgreesOnRandomCrops(network);
    }

    [Fact]
    public void FullNetworkAgreesOnRandomCrops()
    {
        using var network = new StarNetwork(new StarOptions(LandmarkScheme.Ibug68));
        HashWeights.Fill(network, StarGolden.Json("full_io.json"));
        AssertAgreesOnRandomCrops(network);
    }

    [SharedDataFact]
    public void NetworksAgreeOnRealCrops()
    {
        using var tiny = StarGolden.TinyNetwork();
        using var full = new StarNetwork(new StarOptions(LandmarkScheme.Ibug68));
        HashWeights.Fill(full, StarGolden.Json("full_io.json"));
        using var exportedTiny = Export(tiny);
        using var exportedFull = Export(full);
        var crops = RealCrops.Take(
            "real-val", 2 * Crops, factor: 1, (image, face) => StarPicture.ToPlanes(StarPicture.Crop(image, face)));
        foreach (var exported in (ExportedNetwork[])[exportedTiny, exportedFull])
            AssertAgrees(crops.Select(crop => exported.DifferenceAndMargin(crop)));
    }

    [Fact]
    public void ExportedFileIsALandmarkModel()
    {
        using var folder = new TemporaryFolder();
        var path = folder["star.onnx"];
        DetectorExport.Save(TestFiles.Golden("star_tiny.pkl"), path);

        using var m = LandmarkModel.Load(path);
        Assert.Equal(
            ("star_tiny", LandmarkScheme.Ibug68, Size, true, 127.5f, 127.5f, 1f),
            (m.Name, m.Scheme, m.Size, m.IsBgr, m.Mean, m.Std, m.CropFactor));
    }

    [Fact]
    public void NormsThatFollowAConvolutionAreFolded()
    {
        using var network = StarGolden.TinyNetwork();
        var graph = OnnxExport.Graph(network, Size, Size);

        // The first norm of each of the 59 residual blocks follows no convolution that is its own; the other 123 do.
        Assert.Equal(59, graph.Node.Count(node => node.OpType == "BatchNormalization"));
    }

    private static void AssertAgreesOnRandomCrops(StarNetwork network)
    {
        using var exported = Export(network);
        AssertAgrees(Enumerable.Range(0, 2 * Crops).Select(seed => exported.DifferenceAndMargin(ExportedNetwork.Noise(Picture.Channels * Size * Size, seed))));
    }

    // The network itself jumps where a heat map passes the mask's threshold: a crop that comes nearer to it than
    // rounding errors reach (1e-5 where the processor has AVX-512) has two right answers and is left out; about one in
    // four does.
    private static void AssertAgrees(IEnumerable<(float Difference, float Margin)> differences)
    {
        using var crops = differences.GetEnumerator();
        for (var compared = 0; compared < Crops;)
        {
            Assert.True(crops.MoveNext(), $"only {compared} crops could be compared");
            var (difference, margin) = crops.Current;
            if (margin < SmallestMargin)
                continue;
            Assert.InRange(difference, 0, Tolerance);
            compared++;
        }
    }

    private static ExportedNetwork Export(StarNetwork network) => new(network, Size, Size);
}
