using System.Numerics;
using Mdfld.Tests.Detection;
using Mdfld.Training;
using Mdfld.Training.Weights;

namespace Mdfld.Tests.Onnx;

/// <summary>How a landmark detector's network is added: one file such as this, one line of the table, a recipe.</summary>
public sealed class ToyNetworkTests
{
    private const int Size = TinyModels.Size;

    /// <summary>The line of the table, see <see cref="DetectorNetwork.Of"/>.</summary>
    private static DetectorNetwork Line => new((_, scheme) => new ToyTask(scheme), ToyTask.Read);

    private static DetectorRecipe Recipe => new()
    {
        Name = "toy",
        Data = [],
        Phases = [new Phase { Steps = 150, Size = Size }],
        Optimiser = new OptimiserSettings { LearningRate = 0.02, Kind = OptimiserKind.Adam },
    };

    [Fact]
    public void DefinedTrainedExportedDetected()
    {
        using var folder = new TemporaryFolder();
        using var task = Line.MakeTask(Recipe, LandmarkScheme.Ibug68);
        task.Initialise(new Random(1));
        var (first, last) = Train(task, Recipe);
        Assert.True(last < first / 4, $"the loss only fell from {first} to {last}");
        SafeTensors.Write(folder["toy.safetensors"], task.Network.StateDict());

        using (var checkpoint = Checkpoint.Load(folder["toy.safetensors"]))
            DetectorExport.Save(checkpoint, folder["toy.onnx"], Line.Read(checkpoint, null));

        using var detector = new LandmarkDetector(LandmarkModel.Load(folder["toy.onnx"]));
        Assert.Equal("toy", detector.Model.Name);
        var face = detector.Detect(Spot(new Vector2(20, 12)), new FaceCrop(new Vector2((Size - 1) / 2f), Size));
        Assert.All(face.Points, p => Assert.True(Vector2.Distance(p, new Vector2(20, 12)) < 2, $"{p}"));
    }

    /// <summary>All its landmarks are to lie on a bright spot.</summary>
    private static (double First, double Last) Train(DetectorTask task, DetectorRecipe recipe)
    {
        const int Batch = 8;
        using var adam = new NamedOptimiser(task.Network, recipe.Optimiser);
        var random = new Random(2);
        var losses = new List<double>();
        for (var step = 0; step < recipe.Steps; step++)
        {
            using var scope = NewDisposeScope();
            var samples = Enumerable.Range(0, Batch).Select(_ =>
            {
                var spot = new Vector2(6 + (20 * random.NextSingle()), 6 + (20 * random.NextSingle()));
                return task.Encode(Spot(spot), [.. Enumerable.Repeat(spot, task.Scheme.Count)], []);
            }).ToArray();
            var loss = task.Loss([.. Enumerable.Range(0, 2).Select(part => Tensor.From<float>(
                samples.SelectMany(s => s[part].Data).ToArray(), [Batch, .. samples[0][part].Shape]))]);
            loss.backward();
            adam.Step();
            losses.Add(loss.ToDouble());
        }
        return (losses[0], losses[^10..].Average());
    }

    private static Picture Spot(Vector2 spot)
    {
        var picture = new Picture(Size, Size);
        for (var y = 0; y < Size; y++)
        {
            for (var x = 0; x < Size; x++)
            {
                var value = MathF.Exp(-Vector2.DistanceSquared(new(x, y), spot) / 30);
                picture.Row(y).Slice(3 * x, 3).Fill((byte)(255 * value));
            }
        }
        return picture;
    }

    private sealed class ToyTask(LandmarkScheme scheme) : DetectorTask
    {
        private readonly ToyNetwork _network = new(scheme.Count);

        public override Module Network => _network;

        public override LandmarkScheme Scheme => scheme;

        public static TrainedDetector Read(Checkpoint checkpoint, string? entry)
        {
            var network = new ToyNetwork(LandmarkScheme.Ibug68.Count);
            network.LoadStateDict(checkpoint, entry);
            return new TrainedDetector(network, LandmarkScheme.Ibug68.Count, Size, "rgb", "1");
        }

        public override void Initialise(Random random) => WeightInitialisation.HeNormal(_network, random);

        public override IReadOnlyList<SamplePart> Encode(
            Picture crop, ReadOnlySpan<Vector2> landmarks, ReadOnlySpan<float> weights)
        {
            var units = new float[2 * landmarks.Length];
            for (var i = 0; i < landmarks.Length; i++)
                ((((2 * landmarks[i]) + Vector2.One) / Size) - Vector2.One).CopyTo(units, 2 * i);
            return [PicturePlanes.Of(crop), new(units, [landmarks.Length, 2])];
        }

        public override Tensor Predict(Tensor images) => _network.Predict(_network.Ops, images)[0].Value;

        public override Tensor Loss(IReadOnlyList<Tensor> batch)
        {
            var error = Predict(batch[0]) - batch[1];
            return (error * error).mean();
        }
    }

    private sealed class ToyNetwork : Network
    {
        private readonly int _points;

        public ToyNetwork(int points)
        {
            _points = points;
            this.ConvNorm("first", 3, 8, kernel: 3);
            Conv("head", 8, points);
        }

        internal override IReadOnlyList<(string Name, T Value)> Predict<T>(IOps<T> f, T images)
        {
            var maps = f.Conv(f.ConvNormRelu(images, "first", stride: 2), "head");
            const int Cells = Size / 2;
            var shares = f.Softmax(f.Reshape(maps, -1, _points, Cells * Cells));
            var centres = Enumerable.Range(0, Cells * Cells).SelectMany(
                i => new[] { Centre(i % Cells), Centre(i / Cells) });
            return [("landmarks", f.MatMul(shares, f.Constant(maps, [.. centres], Cells * Cells, 2)))];

            static double Centre(int cell) => ((cell + 0.5) * 2 / Cells) - 1;
        }
    }
}
