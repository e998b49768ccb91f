using System.Numerics;

namespace Mdfld.Tests.Augment;

/// <summary>A face drawn over a photo is drawn where its landmarks say.</summary>
public sealed class PhotoDrawingTests
{
    private const int Size = 128;

    public static TheoryData<string> Styles { get; } = [.. Enum.GetNames<DrawingStyle>()];

    [Theory]
    [MemberData(nameof(Styles))]
    public void EyesAndMouthAreDrawnAtTheirLandmarks(string style)
    {
        var points = Landmarks();
        for (var seed = 0; seed < 12; seed++)
        {
            var picture = Grey();
            FaceDrawing.DrawOver(picture, points, Enum.Parse<DrawingStyle>(style), new Random(seed));
            // Lids and lips are lines of another colour than the cheek's.
            var skin = At(picture, Vector2.Lerp(points[29], points[2], 0.5f));
            foreach (var i in (ReadOnlySpan<int>)[37, 44, 62])
                Assert.True(
                    Contrast(picture, points[i], skin) > 20, $"seed {seed}: nothing at landmark {i}, {points[i]}");
        }
    }

    [Fact]
    public void OnlyTheEyesAreDrawn()
    {
        var points = Landmarks();
        var picture = Grey();
        FaceDrawing.DrawEyes(picture, points, DrawingStyle.Anime, new Random(1));
        Assert.True(Contrast(picture, (points[37] + points[40]) / 2, new Vector3(128)) > 40);
        Assert.Equal(new Vector3(128), At(picture, points[57]));
        Assert.Equal(new Vector3(128), At(picture, points[8]));
    }

    [Theory]
    [InlineData(68)]
    [InlineData(98)]
    [InlineData(29)]
    public void SketchesOfAnySchemeAreFunctionsOfTheirDraws(int count)
    {
        var random = new Random(count);
        Vector2[] points =
            [.. Enumerable.Range(0, count).Select(_ => new Vector2(random.Next(Size), random.Next(Size)))];
        var changed = 0;
        for (var seed = 0; seed < 10; seed++)
        {
            var (picture, again) = (Grey(), Grey());
            FaceDrawing.Sketch(picture, points, LandmarkScheme.ForCount(count), new Random(seed));
            FaceDrawing.Sketch(again, points, LandmarkScheme.ForCount(count), new Random(seed));
            Assert.True(picture.Data.SequenceEqual(again.Data));
            changed += picture.Data.SequenceEqual(Grey().Data) ? 0 : 1;
        }
        Assert.Equal(10, changed);
    }

    /// <summary>All points on one spot are no face, but no reason to stop a training run either.</summary>
    [Fact]
    public void DegenerateFacesAreDrawnWithoutAnError()
    {
        var points = new Vector2[68];
        Array.Fill(points, new Vector2(60, 70));
        foreach (var style in Enum.GetValues<DrawingStyle>())
        {
            FaceDrawing.DrawOver(Grey(), points, style, new Random(1));
            FaceDrawing.DrawEyes(Grey(), points, style, new Random(1));
        }
        FaceDrawing.Sketch(Grey(), points, LandmarkScheme.Ibug68, new Random(1));
    }

    private static Vector2[] Landmarks()
    {
        var face = new SyntheticFace();
        var toCrop = (face.Crop with { Side = face.Crop.Side * 1.25f }).ToCrop(Size);
        return [.. face.Landmarks.Select(toCrop.Apply)];
    }

    private static Picture Grey()
    {
        var picture = new Picture(Size, Size);
        picture.Data.Fill(128);
        return picture;
    }

    private static Vector3 At(Picture picture, Vector2 p)
    {
        var pixel = picture.Row((int)MathF.Round(p.Y)).Slice(3 * (int)MathF.Round(p.X), 3);
        return new Vector3(pixel[0], pixel[1], pixel[2]);
    }

    /// <summary>Largest difference from a colour within a pixel of a point.</summary>
    private static float Contrast(Picture picture, Vector2 p, Vector3 colour)
    {
        var most = 0f;
        for (var dy = -1; dy <= 1; dy++)
        {
            for (var dx = -1; dx <= 1; dx++)
                most = MathF.Max(most, Vector3.Distance(At(picture, p + new Vector2(dx, dy)), colour));
        }
        return most;
    }
}
