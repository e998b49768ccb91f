using System.Numerics;
using Mdfld.Training;
using Mdfld.Training.Augment;

namespace Mdfld.Tests.Star;

/// <summary>A recipe that asks for the original's augmentation gets it, and its targets.</summary>
public sealed class BatchTests
{
    [Fact]
    public void BatchesOfStarAreTheOriginalsVariantsOfFaces()
    {
        const float CropFactor = 1.1f;
        var recipe = new DetectorRecipe
        {
            Name = "star",
            Batch = 2,
            Replicas = 1,
            Phases = [new Phase { Steps = 3, Size = StarOptions.CropSize }],
            Data = [],
            Augmentation = new AugmentationOptions { CropFactor = CropFactor },
            Star = new StarRecipe { OriginalAugmentation = true },
        };
        var scheme = LandmarkScheme.Cofw29;
        var face = new StoredFace(
            StarGolden.CropPicture(),
            [.. Enumerable.Range(0, 29).Select(i => new Vector2(60 + (10 * (i % 6)), 40 + (12 * (i / 6)) + i))],
            new FaceCrop(new Vector2(90, 70), 90));
        using var task = new StarTask(new StarOptions(scheme, Channels: 4, Stacks: 1), new StarLoss());
        using var loader = new BatchLoader(recipe, DetectorJob.SamplesOf(recipe, task, [_ => face]), step: 1);
        var parts = loader.Next().Single();

        var augmenter = new StarAugmenter(scheme);
        var order = new SampleOrder(1, recipe.Seed);
        var crop = new Picture(StarOptions.CropSize, StarOptions.CropSize);
        var moved = new Vector2[29];
        for (var i = 0; i < recipe.Batch; i++)
        {
            var wider = face.Crop with { Side = face.Crop.Side * CropFactor };
            augmenter.Apply(face.Picture, face.Landmarks, wider, order.RandomAt(recipe.Batch + i), crop, moved);
            var sample = StarSample.From(crop, moved, scheme);
            float[][] expected = [sample.Picture, sample.Landmarks, sample.PointMaps, sample.EdgeMaps];
            Assert.Equal(expected.Length, parts.Length);
            for (var p = 0; p < expected.Length; p++)
                Assert.True(parts[p].Data.AsSpan(i * expected[p].Length, expected[p].Length)
                    .SequenceEqual(expected[p]));
        }
    }
}
