using System.Numerics;
using Mdfld.Training;
using Mdfld.Training.Augment;

namespace Mdfld.Tests.Finder;

public sealed class SceneTests
{
    private const int Size = 192;

    // Faces as they come: no warp, no filter. What is done to the finished picture stays.
    private static readonly AugmentationOptions Plain = new() { Strength = 0, CropFactor = 1.6f };

    private static readonly SceneSettings Untouched = new()
    {
        EmptyShare = 0,
        SmallestFace = 40,
        TurnedShare = 1,
        StyleFilterProbability = 0,
        CoverProbability = 0,
        OldProbability = 0,
        DarkProbability = 0,
        LightProbability = 0,
    };

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(0, 0)]
    public void BoxesLieExactlyRoundTheFaces(float photos, float portraits)
    {
        var composer = Composer(Untouched with { PhotoShare = photos, PortraitShare = portraits });
        var checkedFaces = 0;
        for (var n = 0; n < 40; n++)
        {
            var scene = composer.Compose(new Random(n));
            foreach (var face in scene.Faces.Where(f => !f.Unsure && f.Box.Top > 6 && f.Visible(Size, Size) == 1))
            {
                // A face is a light disc on black: the light begins where the box does, however it is turned.
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
    public void AFaceTurnsWithItsPicture()
    {
        Vector2[] five = [new(10, 10), new(30, 10), new(20, 20), new(12, 30), new(28, 30)];
        var face = new SceneFace([new(0, 0), new(40, 10), new(20, 40)], five);
        // By a quarter about (50, 50): (x, y) goes to (100 - y, x); then seen in a mirror 101 wide, to (y, x).
        var turned = face.Mapped(
            Homography.Mirror(101) * Homography.Rotation(Math.PI / 2, 1, new Vector2(50)), isMirrored: true);
        var box = turned.Box;
        Assert.Equal([0, 0, 40, 40], new[] { box.Left, box.Top, box.Width, box.Height }.Select(v => MathF.Round(v, 3)));
        Assert.InRange(Vector2.Distance(new Vector2(10, 30), turned.Points![0]), 0, 1e-3f);
        Assert.InRange(Vector2.Distance(new Vector2(30, 28), turned.Points[3]), 0, 1e-3f);
    }

    [Fact]
    public void AFaceOfWhichOnlyTheBoxIsKnownFillsIt()
    {
        var box = new SceneFace(new FaceBox(5, 7, 30, 40), null).Box;
        Assert.Equal([5, 7, 30, 40], new[] { box.Left, box.Top, box.Width, box.Height }.Select(v => MathF.Round(v, 3)));
    }

    [Fact]
    public void ASceneShownAgainKeepsItsFacesUnderTheirBoxes()
    {
        var composer = Composer(Untouched with { PhotoShare = 1 });
        var seen = 0;
        for (var n = 0; n < 60; n++)
        {
            var scene = composer.Compose(new Random(n)).Vary(new Random(n), turnedShare: 1);
            foreach (var face in scene.Faces.Where(f => !f.Unsure && f.Visible(Size, Size) == 1 && f.Box.Top > 6))
            {
                var (top, across) = ((int)MathF.Round(face.Box.Top), (int)face.Box.Centre.X);
                var (inside, outside) = (
                    Brightness(scene.Picture, across, top + 4), Brightness(scene.Picture, across, top - 4));
                Assert.True(inside > outside + 60, $"scene {n}, {face.Box}: {inside} inside, {outside} outside");
                seen++;
            }
        }
        Assert.True(seen > 3, $"only {seen} faces to look at");
    }

    [Fact]
    public void BackgroundThatNobodyLabelledIsNotLearnt()
    {
        var composer = Composer(new SceneSettings { PhotoShare = 1, EmptyShare = 0 }, isComplete: false);
        var checkedScenes = 0;
        for (var n = 0; n < 40; n++)
        {
            var scene = composer.Compose(new Random(n));
            // Cells of a piece that fills the picture are neither positive nor negative but at the face.
            if (scene.Faces.Count(f => f.Unsure && f.Length > Size - 1) != 1)
                continue;
            var map = FinderTargets.Encode(scene.Faces.Where(f => f.Unsure).ToArray(), Size, Size, 8);
            var cells = Size / 8 * (Size / 8);
            Assert.All(
                map.Data.AsSpan(cells * FinderTargetChannels.NegativeWeight, cells).ToArray(), w => Assert.Equal(0, w));
            checkedScenes++;
        }
        Assert.True(checkedScenes > 5);
    }

    [Fact]
    public void CoversHidePartOfAFaceAndNothingFarFromIt()
    {
        var picture = new Picture(200, 200);
        Vector2[] face = [.. HeadPose.MeanHead.ToArray().Select(p => new Vector2(100 + (20 * p.X), 80 + (20 * p.Y)))];
        for (var n = 0; n < 30; n++)
        {
            picture.Data.Fill(90);
            FaceCover.Draw(picture, face, new Random(n));
            Assert.True(Brightness(picture, 100, 185) == 90 && Brightness(picture, 20, 20) == 90);
            Assert.NotEqual(-1, picture.Data.IndexOfAnyExcept((byte)90));
        }
        picture.Data.Fill(90);
        FaceCover.Draw(picture, face[..29], new Random(1));
        Assert.Equal(-1, picture.Data.IndexOfAnyExcept((byte)90));
    }

    [Fact]
    public void LightChangesAFaceAndNothingFarFromIt()
    {
        var picture = new Picture(200, 200);
        var darker = 0;
        for (var n = 0; n < 30; n++)
        {
            picture.Data.Fill(200);
            FaceLight.Change(picture, new FaceBox(90, 90, 20, 24), new Random(n));
            Assert.NotEqual(200, Brightness(picture, 100, 102));
            Assert.Equal(200, Brightness(picture, 20, 100));
            Assert.Equal(200, Brightness(picture, 100, 180));
            darker += Brightness(picture, 100, 102) < 170 ? 1 : 0;
        }
        Assert.InRange(darker, 15, 30);
        // One that reaches out of the picture.
        FaceLight.Change(picture, new FaceBox(-30, 190, 60, 60), new Random(1));
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

    private static SceneComposer Composer(SceneSettings recipe, bool isComplete = true)
    {
        var picture = new Picture(300, 300);
        picture.Draw(canvas =>
        {
            using var paint = new SkiaSharp.SKPaint { Color = new SkiaSharp.SKColor(230, 230, 230) };
            canvas.DrawCircle(150.5f, 150.5f, 50, paint);
        });
        Vector2[] landmarks =
        [
            .. Enumerable.Range(0, 68).Select(i => MathF.SinCos(MathF.Tau * i / 68))
                .Select(d => new Vector2(150) + (50 * new Vector2(d.Cos, d.Sin))),
        ];
        var face = new StoredFace(picture, landmarks, FaceBox.Around(landmarks).ToCrop(1));
        var photo = new LabelledPicture(picture, [new SceneFace(landmarks, null)], isComplete);
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
