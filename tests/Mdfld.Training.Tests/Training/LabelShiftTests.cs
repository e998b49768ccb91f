using System.Numerics;
using Mdfld.Tests.Augment;
using Mdfld.Training;
using Mdfld.Training.Augment;

namespace Mdfld.Tests.Training;

/// <summary>
/// Labels that lie beside their points are learnt as the source's habit, not mirrored, not given to drawings.
/// </summary>
public sealed class LabelShiftTests
{
    private const int Size = 64;
    private const float Share = 0.05f;

    private static readonly LandmarkScheme Scheme = LandmarkScheme.Ibug68;
    private static readonly SyntheticFace Face = new();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void APhotoKeepsItsSourcesShiftInAMirror(float mirrorProbability)
    {
        var found = Sample(new AugmentationOptions
        {
            Strength = 1e-6f,
            PlainProbability = 1,
            MirrorProbability = mirrorProbability,
        });

        var map = new FaceCrop(Face.Crop.Centre, Face.Crop.Side * 1.25f).ToCrop(Size);
        Vector2[] expected = [.. Face.Landmarks.Select(map.Apply)];
        if (mirrorProbability > 0)
            expected = Scheme.Mirror(expected, Size);
        var shift = Share * (expected[45] - expected[36]);
        for (var i = 0; i < expected.Length; i++)
            Assert.InRange(Vector2.Distance(expected[i] + shift, found[i]), 0, 0.01f);
    }

    [Fact]
    public void ADrawingHasItsPointsWhereTheyAre()
    {
        var options = new AugmentationOptions { PlainProbability = 0, StyleFilterProbability = 1, DrawingProbability = 0 };
        var shifted = Sample(options);

        var expected = new Vector2[68];
        var order = new SampleOrder(1, 0);
        var changes = new Augmenter(options, Scheme, Size)
            .Apply(Face.Picture, Face.Landmarks, Face.Crop, order.RandomAt(0), new Picture(Size, Size), expected);
        Assert.True(changes.HasFlag(FaceChanges.Restyled));
        for (var i = 0; i < expected.Length; i++)
            Assert.InRange(Vector2.Distance(expected[i], shifted[i]), 0, 0.01f);
    }

    /// <summary>The labels that a network is given, pixels of the crop.</summary>
    private static Vector2[] Sample(AugmentationOptions augmentation)
    {
        var recipe = new DetectorRecipe
        {
            Name = "shifted",
            Seed = 0,
            Phases = [new Phase { Steps = 1, Size = Size }],
            Data = [],
            Augmentation = augmentation,
        };
        Vector2[] labels = [.. Face.Landmarks];
        StoredFace.Shift(labels, Share, Scheme);
        var source = new DataRecipe { Name = "shifted", LabelShift = Share };
        var face = new StoredFace(Face.Picture, labels, Face.Crop).From(source, Scheme);
        using var task = new CompactTask(Scheme, new CompactLoss(), width: 0.125);
        var units = DetectorJob.SamplesOf(recipe, task, [_ => face])(0, recipe.Phases[0])()[1].Data;
        return [.. units.Chunk(2).Select(u => new Vector2(ToPixel(u[0]), ToPixel(u[1])))];

        static float ToPixel(float unit) => (((unit + 1) * Size) - 1) / 2;
    }
}
