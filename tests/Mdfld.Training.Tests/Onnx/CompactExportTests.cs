using Mdfld.Training;

namespace Mdfld.Tests.Onnx;

/// <summary>The exported compact network against libtorch: 1e-4 of the crop, which is 2 network units wide.</summary>
public sealed class CompactExportTests(CompactExportTests.Subject subject) : IClassFixture<CompactExportTests.Subject>
{
    private const float Tolerance = 2e-4f;
    private const int Crops = 20;
    private const int Size = 128;

    [Fact]
    public void AgreesOnRandomCrops()
    {
        for (var seed = 0; seed < Crops / 5; seed++)
            Assert.InRange(subject.Exported.Difference(batch: 5, seed), 0, Tolerance);
        Assert.InRange(subject.Exported.Difference(batch: 1, seed: 99), 0, Tolerance);
    }

    [SharedDataFact]
    public void AgreesOnRealCrops()
    {
        foreach (var crop in RealCrops.Take("real-val", Crops, factor: 1.25f, ToPlanes))
            Assert.InRange(subject.Exported.Difference(crop, batch: 1), 0, Tolerance);
    }

    [Fact]
    public void EveryNormIsFolded()
    {
        var graph = OnnxExport.Graph(subject.Network, Size, Size);

        Assert.DoesNotContain(graph.Node, node => node.OpType is "BatchNormalization" or "Shape" or "Expand");
        Assert.Contains(graph.Node, node => node.OpType == "Conv");
    }

    private static float[] ToPlanes(Picture image, FaceCrop face)
    {
        var crop = image.Warp(face.ToCrop(Size), Size, Size, antialias: true);
        var planes = new float[3 * Size * Size];
        for (var i = 0; i < planes.Length; i++)
            planes[i % 3 * Size * Size + i / 3] = (crop.Data[i] - 127.5f) / 127.5f;
        return planes;
    }

    /// <summary>A network with random parameters and statistics that fit them, and its export.</summary>
    public sealed class Subject : IDisposable
    {
        private const int Passes = 40;

        public Subject()
        {
            ExportedNetwork.Randomise(Network, new Random(4));
            // As training does: with statistics that do not fit, maps grow to hundreds and soft-argmax magnifies
            // rounding errors.
            using (no_grad())
            {
                var random = new Random(5);
                for (var pass = 0; pass < Passes; pass++)
                    Pass(random);
            }
            Exported = new ExportedNetwork(Network, Size, Size);
        }

        public CompactNetwork Network { get; } = new(points: 68, stacks: 2);

        internal ExportedNetwork Exported { get; }

        public void Dispose()
        {
            Exported.Dispose();
            Network.Dispose();
        }

        private void Pass(Random random)
        {
            using var scope = NewDisposeScope();
            var values = new float[2 * 3 * Size * Size];
            foreach (ref var value in values.AsSpan())
                value = random.NextSingle() * 2 - 1;
            Network.Forward(Tensor.From<float>(values, 2, 3, Size, Size));
        }
    }
}
