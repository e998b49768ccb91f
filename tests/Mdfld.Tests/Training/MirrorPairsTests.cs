using System.Numerics;
using Mdfld.Tests.Augmentation;
using Mdfld.Torch;
using Mdfld.Training;
using Mdfld.Training.Augmentation;

namespace Mdfld.Tests.Training;

/// <summary>A face and its mirror image, one after the other, and what the loss says of the pair.</summary>
public sealed class MirrorPairsTests
{
    private const int Size = 64;

    private static readonly LandmarkScheme Scheme = LandmarkScheme.Ibug68;
    private static readonly SyntheticFace Face = new();

    private static readonly Recipe Pairs = new()
    {
        Name = "pairs",
        Phases = [new Phase { Steps = 1, Size = Size }],
        Data = [],
        Loss = new CompactLoss { MirrorWeight = 1 },
        Augmentation = new AugmentationOptions { CropFactorSpread = 0.2f, NoiseProbability = 1 },
    };

    [Fact]
    public void EachFaceIsFollowedByItsMirrorImage()
    {
        var (samples, phase) = (Samples(), Pairs.Phases[0]);
        var (first, second, third) = (samples(0, phase)(), samples(1, phase)(), samples(2, phase)());

        var (planes, mirrored) = (first[0].Data, second[0].Data);
        for (var row = 0; row < planes.Length / Size; row++)
        {
            for (var x = 0; x < Size; x++)
                Assert.Equal(planes[(row * Size) + x], mirrored[(row * Size) + Size - 1 - x]);
        }
        var (points, opposite) = (PointsOf(first), PointsOf(second));
        for (var i = 0; i < Scheme.Count; i++)
        {
            var p = points[Scheme.FlipPermutation[i]];
            Assert.InRange(Vector2.Distance(new Vector2(-p.X, p.Y), opposite[i]), 0, 1e-4f);
        }
        Assert.NotEqual(first[0].Data, third[0].Data);
    }

    [Fact]
    public void APairThatAgreesButForAShiftAlongXCostsNothing()
    {
        using var scope = new TensorScope();
        var random = new Random(5);
        Vector2[] points = [.. Enumerable.Range(0, 68).Select(_ => new Vector2(random.NextSingle(), random.NextSingle()))];
        Vector2[] mirrored = [.. Enumerable.Range(0, 68).Select(i => points[Scheme.FlipPermutation[i]] * new Vector2(-1, 1))];

        Assert.All(Disagreement(points, mirrored), d => Assert.InRange(d.Length(), 0, 1e-6f));
        Assert.All(
            Disagreement([.. points.Select(p => p + new Vector2(0.1f, 0))], mirrored),
            d => Assert.InRange(d.Length(), 0, 1e-6f));
        Assert.All(
            Disagreement([.. points.Select(p => p + new Vector2(0, 0.1f))], mirrored),
            d => Assert.InRange(d.Y, 0.1f - 1e-6f, 0.1f + 1e-6f));
        mirrored[45].Y += 0.2f;
        Assert.InRange(Disagreement(points, mirrored)[36].Y, -0.2f - 1e-6f, -0.2f + 1e-6f);
    }

    [Fact]
    public void TheWeightAddsThePairsDisagreement()
    {
        using var scope = new TensorScope();
        using var network = new CompactNetwork(68, width: 0.125);
        var batch = Enumerable.Range(0, 2).Select(p => Samples()(p, Pairs.Phases[0])()).ToArray();
        var landmarks = Tensor.From<float>([.. batch.SelectMany(s => s[1].Data)], 2, 68, 2);
        var logits = Tensor.Randn([2, 68, 16, 16]);

        double Loss(double weight) =>
            new CompactLoss { MirrorWeight = weight }.Forward(network, Scheme, logits, landmarks).ToDouble();

        var (without, one, two) = (Loss(0), Loss(1), Loss(2));
        Assert.True(one > without);
        Assert.Equal(one - without, two - one, 1e-4);
    }

    [Fact]
    public void ABatchOfPairsIsNotTornApart()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "recipe.yaml");
        File.WriteAllText(path, TinyFaces.Recipe() + "\nloss: { mirror_weight: 1 }\n");
        var recipe = RecipeFile.Read(path);
        Assert.Equal(2, recipe.Looks);

        var odd = Assert.Throws<InvalidDataException>(() => RecipeFile.Read(path, ["batch=6", "replicas=2"]));
        Assert.Contains("odd", odd.Message);
    }

    private static SampleSource Samples()
    {
        var task = new CompactTask(Scheme, new CompactLoss(), width: 0.125);
        return DetectorPlan.Samples(Pairs, task, [new StoredFace(Face.Picture, [.. Face.Landmarks], Face.Crop)]);
    }

    private static Vector2[] PointsOf(IReadOnlyList<SamplePart> sample) =>
        [.. sample[1].Data.Chunk(2).Select(u => new Vector2(u[0], u[1]))];

    private static Vector2[] Disagreement(Vector2[] first, Vector2[] second)
    {
        float[] found = [.. first.Concat(second).SelectMany(p => new[] { p.X, p.Y })];
        var difference = MirrorPairs.Disagreement(Tensor.From<float>(found, 2, 68, 2), Scheme).ToArray<float>();
        return [.. difference.Chunk(2).Select(d => new Vector2(d[0], d[1]))];
    }
}
