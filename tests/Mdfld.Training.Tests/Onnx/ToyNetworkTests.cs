using System.Numerics;
using Mdfld.Tests.Detection;
using Mdfld.Training;

namespace Mdfld.Tests.Onnx;

/// <summary>How a network is added: defined once, trained, exported, and used by the detector.</summary>
public sealed class ToyNetworkTests
{
    private const int Points = 68;
    private const int Size = TinyModels.Size;

    [Fact]
    public void DefinedTrainedExportedDetected()
    {
        using var network = new ToyNetwork();
        WeightInitialisation.HeNormal(network, new Random(1));
        var (first, last) = Train(network, steps: 150);
        Assert.True(last < first / 4, $"the loss only fell from {first} to {last}");

        using var folder = new TemporaryFolder();
        OnnxExport.Save(folder["toy.onnx"], network, Size, Size, TinyModels.Properties);

        using var detector = new LandmarkDetector(LandmarkModel.Load(folder["toy.onnx"]));
        var picture = new Picture(Size, Size);
        Paint(new Vector2(20, 12), (x, y, value) => picture.Row(y).Slice(3 * x, 3).Fill((byte)(255 * value)));
        var face = detector.Detect(picture, new FaceCrop(new Vector2((Size - 1) / 2f), Size));
        Assert.All(face.Points, p => Assert.True(Vector2.Distance(p, new Vector2(20, 12)) < 2, $"{p}"));
    }

    /// <summary>All its landmarks are to lie on a bright spot.</summary>
    private static (double First, double Last) Train(ToyNetwork network, int steps)
    {
        using var adam = new NamedOptimiser(network, new OptimiserSettings { LearningRate = 0.02, Kind = OptimiserKind.Adam });
        var random = new Random(2);
        var losses = new List<double>();
        for (var step = 0; step < steps; step++)
        {
            using var scope = NewDisposeScope();
            const int Batch = 8;
            var images = new float[Batch * 3 * Size * Size];
            var truth = new float[Batch * 2];
            for (var n = 0; n < Batch; n++)
            {
                var spot = new Vector2(6 + (20 * random.NextSingle()), 6 + (20 * random.NextSingle()));
                (truth[2 * n], truth[(2 * n) + 1]) = (((2 * spot.X) + 1) / Size - 1, ((2 * spot.Y) + 1) / Size - 1);
                Paint(spot, (x, y, value) =>
                {
                    for (var c = 0; c < 3; c++)
                        images[(((((n * 3) + c) * Size) + y) * Size) + x] = (2 * value) - 1;
                });
            }
            var input = Tensor.From<float>(images, Batch, 3, Size, Size);
            var found = network.Predict(network.Ops, input)[0].Value;
            var error = found - Tensor.From<float>(truth, Batch, 1, 2);
            var loss = (error * error).mean();
            loss.backward();
            adam.Step();
            losses.Add(loss.ToDouble());
        }
        return (losses[0], losses[^10..].Average());
    }

    private static void Paint(Vector2 spot, Action<int, int, float> set)
    {
        for (var y = 0; y < Size; y++)
        {
            for (var x = 0; x < Size; x++)
                set(x, y, MathF.Exp(-Vector2.DistanceSquared(new(x, y), spot) / 30));
        }
    }

    private sealed class ToyNetwork : Network
    {
        public ToyNetwork()
        {
            this.ConvNorm("first", 3, 8, kernel: 3);
            Conv("head", 8, Points);
        }

        internal override IReadOnlyList<(string Name, T Value)> Predict<T>(IOps<T> f, T images)
        {
            var maps = f.Conv(f.ConvNormRelu(images, "first", stride: 2), "head");
            const int Cells = Size / 2;
            var shares = f.Softmax(f.Reshape(maps, -1, Points, Cells * Cells));
            var centres = Enumerable.Range(0, Cells * Cells).SelectMany(
                i => new[] { Centre(i % Cells), Centre(i / Cells) });
            return [("landmarks", f.MatMul(shares, f.Constant(maps, [.. centres], Cells * Cells, 2)))];

            static double Centre(int cell) => ((cell + 0.5) * 2 / Cells) - 1;
        }
    }
}
