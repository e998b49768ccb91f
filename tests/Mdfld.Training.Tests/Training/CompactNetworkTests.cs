using Mdfld.Training;

namespace Mdfld.Tests.Training;

/// <summary>What grown networks begin as, and what a heat map says of its point.</summary>
public sealed class CompactNetworkTests
{
    [Fact]
    public void AnAddedHourglassChangesNothingAtFirst()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var small = new CompactNetwork(68, width: 0.25);
        using var grown = new CompactNetwork(68, width: 0.25, stacks: 3);
        small.Initialise(new Random(1));
        grown.Initialise(new Random(2));
        var trunk = small.StateDict().ToDictionary(t => t.Name, t => t.Tensor);
        foreach (var (name, tensor) in grown.StateDict())
        {
            if (trunk.TryGetValue(name, out var own))
                tensor.copy_(own);
        }
        small.Eval();
        grown.Eval();
        var images = randn([2, 3, 64, 64]);

        Assert.Equal(small.Forward(images).ToArray<float>(), grown.Forward(images).ToArray<float>());
    }

    [Fact]
    public void TheSpreadIsTheCovarianceOfTheMap()
    {
        using var scope = NewDisposeScope();
        using var network = new CompactNetwork(68, width: 0.125);
        // Half of the mass at column 2, row 4, half at column 6, row 5 of 8 x 8: in network units -0.375, 0.125 and
        // 0.625, 0.375.
        var logits = new float[68 * 64];
        Array.Fill(logits, -1000);
        for (var map = 0; map < 68; map++)
            logits[(map * 64) + (4 * 8) + 2] = logits[(map * 64) + (5 * 8) + 6] = 0;

        var (landmarks, spread) = network.DecodeWithSpread(network.Ops, Tensor.From<float>(logits, 1, 68, 8, 8));

        Assert.Equal([0.125f, 0.25f], landmarks.ToArray<float>().AsSpan(0, 2).ToArray());
        Assert.Equal([0.25f, 0.0625f, 0.015625f], spread.ToArray<float>().AsSpan(0, 3).ToArray());
    }

    [Fact]
    public void HalfTheBitsGiveNearlyTheSameGradient()
    {
        using var scope = NewDisposeScope();
        // Trained: what chance weights give depends on every bit.
        using var network = CompactCheckpoint.Load(
            Path.Combine(TestFiles.RepositoryRoot, "models", "compact.safetensors"));
        network.Train();
        var samples = FaceFolder.Open(Path.Combine(TestFiles.RepositoryRoot, "samples"));
        using var task = new CompactTask(LandmarkScheme.Ibug68, new CompactLoss(), stacks: 3);
        var crops = FaceStore.Load([samples], 128, 1.15)[0].Select(face =>
        {
            var map = (face.Crop with { Side = face.Crop.Side * 1.15f }).ToCrop(128);
            var picture = face.Picture.Warp(map, 128, 128, antialias: true);
            return task.Encode(picture, [.. face.Landmarks.Select(map.Apply)], []);
        }).ToArray();
        Tensor[] batch =
        [
            .. Enumerable.Range(0, 3).Select(part => Tensor.From<float>(
                [.. crops.SelectMany(c => c[part].Data)], [crops.Length, .. crops[0][part].Shape])),
        ];

        var (exact, exactLoss) = Gradient(null);
        var (half, halfLoss) = Gradient(ScalarType.BFloat16);

        Assert.NotEqual(exactLoss, halfLoss);
        Assert.Equal(exactLoss, halfLoss, 0.01 * exactLoss);
        Assert.True(nn.functional.cosine_similarity(exact, half, dim: 0).ToDouble() > 0.9);
        Assert.Equal(ScalarType.Float32, half.dtype);

        (Tensor Gradient, double Loss) Gradient(ScalarType? type)
        {
            network.ComputeType = type;
            var loss = new CompactLoss().Forward(
                network, network.Logits(batch[0]), batch[1], batch[2], LandmarkScheme.Ibug68);
            loss.backward();
            var gradient = cat([.. network.Parameters().Select(p => p.Tensor.grad!.reshape(-1).clone())]);
            foreach (var (_, parameter) in network.Parameters())
                parameter.grad = null;
            return (gradient, loss.ToDouble());
        }
    }

    [Fact]
    public void AHiddenPointCountsForLessAndAMissingOneNothing()
    {
        using var scope = NewDisposeScope();
        using var network = new CompactNetwork(68, width: 0.125);
        network.Initialise(new Random(3));
        network.Eval();
        using var noGrad = no_grad();
        var logits = network.Logits(randn([2, 3, 64, 64]));
        var landmarks = rand([2, 68, 2]) - 0.5;
        var away = landmarks.clone();
        // Far: wherever the network says, it is farther than before.
        away.slice(1, 5, 6, 1).add_(3);
        var weights = ones([2, 68]);
        var loss = new CompactLoss();
        double Of(Tensor points, float weight)
        {
            weights.slice(1, 5, 6, 1).fill_(weight);
            return loss.Forward(network, logits, points, weights, LandmarkScheme.Ibug68).ToDouble();
        }

        Assert.Equal(Of(landmarks, 0), Of(away, 0), 1e-5);
        var (hidden, seen) = (Of(away, 0.3f) - Of(landmarks, 0.3f), Of(away, 1) - Of(landmarks, 1));
        Assert.Equal(0.3 * 68 / 67.3, hidden / seen, 1e-3);
    }

    [Fact]
    public void AnErrorAlongTheJawCountsForLess()
    {
        using var scope = NewDisposeScope();
        using var network = new CompactNetwork(68, width: 0.125);
        network.Initialise(new Random(3));
        network.Eval();
        using var noGrad = no_grad();
        var logits = network.Logits(randn([1, 3, 64, 64]));
        var found = network.Decode(logits);
        // A jaw on a line along x: an error in x is along it, an error in y across.
        var points = found.clone();
        for (var i = 0; i < 17; i++)
            points.slice(1, i, i + 1, 1).copy_(Tensor.From<float>([(i - 8) * 0.1f, 0.2f], 1, 1, 2));
        var error = points - found;
        var weights = zeros([1, 68]);
        weights.slice(1, 4, 5, 1).fill_(1);

        var loss = new CompactLoss { MapWeight = 0, WingWidth = 1e-3, JawTangentWeight = 0.25 };
        var forgiving = loss.Forward(network, logits, points, weights, LandmarkScheme.Ibug68).ToDouble();

        // So narrow a wing is the absolute error, but for a constant.
        var constant = loss.WingWidth - (loss.WingWidth * Math.Log(1 + loss.WingWidth));
        var (x, y) = (Math.Abs(error[0, 4, 0].ToDouble()) * 50, Math.Abs(error[0, 4, 1].ToDouble()) * 50);
        Assert.Equal(((0.25 * x) + y) / 2, forgiving + constant, 1e-3);
        weights.fill_(0).slice(1, 30, 31, 1).fill_(1);
        Assert.Equal(
            (loss with { JawTangentWeight = 1 }).Forward(network, logits, found + 0.1, weights, LandmarkScheme.Ibug68)
                .ToDouble(),
            loss.Forward(network, logits, found + 0.1, weights, LandmarkScheme.Ibug68).ToDouble(), 1e-6);
    }
}
