using System.Numerics;
using Mdfld.Tests.Augment;
using Mdfld.Training;
using Mdfld.Training.Augment;

namespace Mdfld.Tests.Training;

/// <summary>A face and its mirror image, one after the other, and the mean of what is found in both.</summary>
public sealed class MirrorPairsTests
{
    private const int Size = 64;

    private static readonly LandmarkScheme Scheme = LandmarkScheme.Ibug68;
    private static readonly SyntheticFace Face = new();

    private static readonly DetectorRecipe Pairs = new()
    {
        Name = "pairs",
        Phases = [new Phase { Steps = 1, Size = Size }],
        Data = [],
        Teacher = new TeacherRecipe { From = "not read here" },
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
            var p = points[Scheme.MirrorPermutation[i]];
            Assert.InRange(Vector2.Distance(new Vector2(-p.X, p.Y), opposite[i]), 0, 1e-4f);
        }
        Assert.NotEqual(first[0].Data, third[0].Data);
    }

    [Fact]
    public void APairThatAgreesButForAShiftAlongXStaysAsItIs()
    {
        var (points, mirrored) = Pair();
        Vector2[] shifted = [.. points.Select(p => p + new Vector2(0.1f, 0))];

        AssertNear([.. points, .. mirrored], Agreed(points, mirrored));
        AssertNear([.. shifted, .. mirrored], Agreed(shifted, mirrored));
    }

    [Fact]
    public void WhereAPairDisagreesBothMeetHalfway()
    {
        var (points, mirrored) = Pair();
        var expected = points.Concat(mirrored).ToArray();
        expected[36].Y += 0.1f;
        expected[68 + 45].Y += 0.1f;
        // The eye's corner on the one side is that on the other in the mirror.
        mirrored[45].Y += 0.2f;

        AssertNear(expected, Agreed(points, mirrored));
    }

    private static SampleSource Samples()
    {
        var task = new CompactTask(Scheme, new CompactLoss(), width: 0.125);
        return DetectorJob.SamplesOf(Pairs, task, [new StoredFace(Face.Picture, [.. Face.Landmarks], Face.Crop)]);
    }

    private static Vector2[] PointsOf(IReadOnlyList<SamplePart> sample) =>
        [.. sample[1].Data.Chunk(2).Select(u => new Vector2(u[0], u[1]))];

    private static (Vector2[] Points, Vector2[] Mirrored) Pair()
    {
        var random = new Random(5);
        Vector2[] points =
            [.. Enumerable.Range(0, 68).Select(_ => new Vector2(random.NextSingle(), random.NextSingle()))];
        return (
            points,
            [.. Enumerable.Range(0, 68).Select(i => points[Scheme.MirrorPermutation[i]] * new Vector2(-1, 1))]);
    }

    private static Vector2[] Agreed(Vector2[] first, Vector2[] second)
    {
        using var scope = NewDisposeScope();
        float[] found = [.. first.Concat(second).SelectMany(p => new[] { p.X, p.Y })];
        var agreed = MirrorPairs.Agreed(Tensor.From<float>(found, 2, 68, 2), Scheme).ToArray<float>();
        return [.. agreed.Chunk(2).Select(d => new Vector2(d[0], d[1]))];
    }

    private static void AssertNear(Vector2[] expected, Vector2[] actual)
    {
        for (var i = 0; i < expected.Length; i++)
            Assert.InRange(Vector2.Distance(expected[i], actual[i]), 0, 1e-6f);
    }
}
