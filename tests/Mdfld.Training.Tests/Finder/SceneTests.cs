using System.Numerics;
using Mdfld.Training;
using Mdfld.Training.Augment;

namespace Mdfld.Tests.Finder;

public sealed class SceneTests
{
    private const int Size = 192;

    // Faces as they come: no warp, no filter. What is done to the finished picture stays.
    private static readonly AugmentationOptions Plain = new() { Strength = 0, CropFactor = 1.6f };

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(0, 0)]
    public void BoxesLieExactlyRoundTheFaces(float photos, float portraits)
    {
        var composer = Composer(new SceneSettings
        {
            PhotoShare = photos,
            PortraitShare = portraits,
            EmptyShare = 0,
            SmallestFace = 40,
            StyleFilterProbability = 0,
        });
        var checkedFaces = 0;
        for (var n = 0; n < 40; n++)
        {
            var scene = composer.Compose(new Random(n));
            foreach (var face in scene.Faces.Where(f => !f.Unsure && f.Box.Top > 6 && f.Visible(Size, Size) == 1))
            {
                // A face is a light box on black: the light begins where the box does.
                var (top, across) = ((int)MathF.Round(face.Box.Top), (int)face.Box.Centre.X);
                var inside = Brightness(scene.Picture, across, top + 4);
                var outside = Brightness(scene.Picture, across, top - 4);
                Assert.True(inside > outside + 60, $"scene {n}, {face.Box}: {inside} inside, {outside} outside");
                checkedFaces++;
            }
        }
        Assert.True(checkedFaces > 10, $"only {checkedFaces} faces to look at");
    }

    [Fact]
    public void OneSeedGivesOneScene()
    {
        var recipe = new SceneSettings();
        var (one, same, other) = (
            Composer(recipe).Compose(new Random(3)),
            Composer(recipe).Compose(new Random(3)),
            Composer(recipe).Compose(new Random(4)));

        Assert.True(one.Picture.Data.SequenceEqual(same.Picture.Data));
        Assert.Equal(one.Faces.Select(f => f.Box), same.Faces.Select(f => f.Box));
        Assert.False(one.Picture.Data.SequenceEqual(other.Picture.Data));
    }

    [Fact]
    public void EmptyScenesHoldNoFace()
    {
        var composer = Composer(new SceneSettings { EmptyShare = 1 });

        Assert.All(Enumerable.Range(0, 20), n => Assert.Empty(composer.Compose(new Random(n)).Faces));
    }

    [Fact]
    public void ScaledPiecesKeepTheirPositions()
    {
        var piece = new Picture(40, 40);
        piece.Data.Fill(0);
        // A light block from 12 to 27: its middle is at 19.5.
        for (var y = 12; y < 28; y++)
            piece.Row(y)[(12 * 3)..(28 * 3)].Fill(255);
        foreach (var factor in (float[])[0.37f, 0.5f, 1, 1.9f])
        {
            var scaled = Compositing.Scaled(piece, factor);
            var (sum, weighted) = (0f, 0f);
            for (var x = 0; x < scaled.Width; x++)
            {
                var value = scaled.Row(scaled.Height / 2)[3 * x];
                (sum, weighted) = (sum + value, weighted + (x * value));
            }
            Assert.Equal((factor * 19.5f) + ((factor - 1) / 2), weighted / sum, 0.15f);
        }
    }

    [Fact]
    public void BoxesAreMatchedBestFirstAndUnsureFacesCountNothing()
    {
        SceneFace[] faces =
        [
            new(new FaceBox(0, 0, 20, 20), null), new(new FaceBox(50, 50, 20, 20), null),
            new(new FaceBox(100, 0, 20, 20), null, unsure: true),
        ];
        (FaceBox, float)[] boxes =
        [
            (new FaceBox(1, 1, 20, 20), 0.9f), (new FaceBox(2, 2, 20, 20), 0.8f), (new FaceBox(101, 0, 20, 20), 0.7f),
            (new FaceBox(62, 50, 20, 20), 0.6f),
        ];

        // The second box finds a face that is taken, the last one lies too far off.
        Assert.Equal((2, 1, 3, 2), FinderValidator.Match(faces, boxes));
    }

    private static SceneComposer Composer(SceneSettings recipe)
    {
        var (picture, box) = (new Picture(300, 300), new FaceBox(100, 100, 90, 100));
        for (var y = 100; y < 200; y++)
            picture.Row(y)[(100 * 3)..(190 * 3)].Fill(230);
        Vector2[] landmarks =
        [
            .. Enumerable.Range(0, 68).Select(i => new Vector2(
                100 + (90 * (i % 8) / 7f), 100 + (100 * (i / 8) / 8f))),
        ];
        Assert.Equal(box, FaceBox.Around(landmarks));
        var face = new StoredFace(picture, landmarks, box.ToCrop(1));
        var photo = new LabelledPicture(picture, [new SceneFace(box, null)], Complete: true);
        return new SceneComposer(new SceneMaterial([face], [photo], []), recipe, Plain, LandmarkScheme.Ibug68, Size);
    }

    private static int Brightness(Picture picture, int x, int y)
    {
        var sum = 0;
        for (var dy = -1; dy <= 1; dy++)
        {
            foreach (var value in picture.Row(y + dy).Slice(3 * (x - 4), 27))
                sum += value;
        }
        return sum / 81;
    }
}
