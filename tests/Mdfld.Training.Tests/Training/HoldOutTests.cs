using Mdfld.Tests.Augment;
using Mdfld.Training;

namespace Mdfld.Tests.Training;

/// <summary>Faces that a recipe keeps from training are those that a calibration goes by.</summary>
public sealed class HoldOutTests
{
    private static readonly FaceFolder Faces = FaceFolder.Of("faces", "", [.. Enumerable.Range(0, 15).Select(Labelled)]);

    [Fact]
    public void EachFaceIsLearntOrHeldNeverBoth()
    {
        Assert.Equal(["0.png", "7.png", "14.png"], Names(Faces.HoldOut(7, held: true)));
        Assert.Equal(
            Enumerable.Range(0, 15).Where(i => i % 7 != 0).Select(i => $"{i}.png"), Names(Faces.HoldOut(7, held: false)));
    }

    [Fact]
    public void ARecipeLearnsFromTheOthers()
    {
        var recipe = new DetectorRecipe
        {
            Name = "held",
            Phases = [new Phase { Steps = 1, Size = 64 }],
            Data = [new DataRecipe { Name = "all" }, new DataRecipe { Name = "drawn", Draw = 3 }, new DataRecipe { Name = "part", HoldOut = 5 }],
        };
        Assert.Equal([15, 12], recipe.Learnt([Faces, Faces]).Select(f => f.Faces.Count));
    }

    [Fact]
    public void OneFaceIsNotBoth()
    {
        var one = FaceFolder.Of("faces", "", [Labelled(0)]);
        Assert.Single(one.HoldOut(2, held: true).Faces);
        Assert.Contains(
            "none is left to learn from",
            Assert.Throws<InvalidDataException>(() => one.HoldOut(2, held: false)).Message);
    }

    private static IEnumerable<string> Names(FaceFolder folder) => folder.Faces.Select(f => f.ImagePath);

    private static LabelledFace Labelled(int i) => LabelledFace.FromLandmarks($"{i}.png", new SyntheticFace().Landmarks);
}
