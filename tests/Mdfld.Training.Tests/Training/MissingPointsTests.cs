using System.Numerics;
using Mdfld.Tests.Augment;
using Mdfld.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Mdfld.Tests.Training;

/// <summary>Points that are not labelled: nothing is learnt of them, and nothing else is lost.</summary>
public sealed class MissingPointsTests
{
    private const int Size = 64;

    private static readonly SyntheticFace Face = new();

    [Fact]
    public void TheyHaveNoWeightAndAPlaceInTheFace()
    {
        var stored = FaceStore.Reduce(Face.Picture, Labelled(3, 40, 60), Size, 1.25);
        Assert.Equal([3, 40, 60], Enumerable.Range(0, 68).Where(i => stored.Weights[i] == 0));
        Assert.All(stored.Landmarks, p => Assert.True(float.IsFinite(p.X) && float.IsFinite(p.Y)));
        var whole = FaceStore.Reduce(Face.Picture, Labelled(), Size, 1.25);
        Assert.Empty(whole.Weights);
        foreach (var i in (int[])[3, 40, 60])
            Assert.InRange(Vector2.Distance(stored.Landmarks[i], whole.Landmarks[i]), 0, 0.3f * whole.Crop.Side);
    }

    [Fact]
    public void TheLossDoesNotSeeWhereTheyAre()
    {
        var stored = FaceStore.Reduce(Face.Picture, Labelled(3, 40, 60), Size, 1.25);
        var task = new CompactTask(LandmarkScheme.Ibug68, new CompactLoss());
        task.Initialise(new Random(1));
        using var scope = NewDisposeScope();
        var (here, there) = (Loss(Vector2.Zero), Loss(new Vector2(9, -7)));
        Assert.True(float.IsFinite(here));
        Assert.Equal(here, there);
        // Of a point that is there it does.
        stored = stored with { Weights = [] };
        Assert.NotEqual(here, Loss(new Vector2(9, -7)));

        float Loss(Vector2 moved)
        {
            var crop = new Picture(Size, Size);
            Vector2[] points = [.. stored.Landmarks.Select((p, i) => (p / 2) + (i is 3 or 40 or 60 ? moved : Vector2.Zero))];
            return task.Loss([.. task.Encode(crop, points, stored.Weights).Select(
                p => Tensor.From<float>(p.Data, [1, .. p.Shape]))]).item<float>();
        }
    }

    [Fact]
    public void ANetworkThatCountsAllPointsRefusesThem()
    {
        var folder = FaceFolder.Of("faces", "", [Labelled(3)]);
        var recipe = new DetectorRecipe
        {
            Name = "star",
            Network = NetworkKind.Star,
            Phases = [new Phase { Steps = 1, Size = 256 }],
            Data = [new DataRecipe { Name = "faces" }],
        };
        var job = new DetectorJob(recipe, [folder], []);
        Assert.Contains(
            "faces: 1 faces have missing points, which the loss of star would learn from",
            Assert.Throws<InvalidDataException>(() => job.Load(job.MakeTask(), CancellationToken.None)).Message);
    }

    private static LabelledFace Labelled(params int[] missing) => LabelledFace.FromLandmarks(
        "a.png", [.. Face.Landmarks.Select((p, i) => missing.Contains(i) ? LabelledFace.Missing : p)]);
}
