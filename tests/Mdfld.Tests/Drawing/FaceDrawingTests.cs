using System.Numerics;
using SkiaSharp;

namespace Mdfld.Tests.Drawing;

public class FaceDrawingTests
{
    private const int Size = 160;

    public static TheoryData<string> Styles { get; } = [.. Enum.GetNames<DrawingStyle>()];

    [Theory]
    [MemberData(nameof(Styles))]
    public void OneSeedIsOneFace(string style)
    {
        var (first, again, other) = (Draw(style, 5), Draw(style, 5), Draw(style, 6));
        Assert.Equal(first.Landmarks, again.Landmarks);
        Assert.True(first.Picture.Data.SequenceEqual(again.Picture.Data));
        Assert.NotEqual(first.Landmarks, other.Landmarks);
    }

    [Theory]
    [MemberData(nameof(Styles))]
    public void LandmarksMakeAFaceInsideThePicture(string style)
    {
        for (var seed = 0; seed < 6; seed++)
        {
            var p = Draw(style, seed).Landmarks;
            Assert.Equal(68, p.Length);
            Assert.All(p, q => Assert.True(q.X > 0 && q.Y > 0 && q.X < Size && q.Y < Size, $"{style} {seed}: {q}"));
            // Brows, eyes, nose, lips and chin follow downwards; left is left of right.
            var heights = new[] { p[19].Y, p[37].Y, p[41].Y, p[30].Y, p[51].Y, p[57].Y, p[8].Y };
            Assert.Equal(heights.Order(), heights);
            Assert.True(p[36].X < p[39].X && p[39].X < p[42].X && p[42].X < p[45].X && p[48].X < p[54].X);
        }
    }

    [Theory]
    [InlineData("Cartoon")]
    [InlineData("Pencil")]
    [InlineData("Anime")]
    public void InkLiesOnTheLandmarksOfTheJaw(string style)
    {
        // Against the skin beside it, a third of the way to the nose.
        for (var seed = 0; seed < 4; seed++)
        {
            var drawn = FaceDrawing.Draw(Enum.Parse<DrawingStyle>(style), seed, 320);
            for (var i = 5; i <= 11; i++)
            {
                var p = drawn.Landmarks[i];
                var inside = Vector2.Lerp(p, drawn.Landmarks[33], 0.3f);
                var (ink, skin) = (Grey(drawn.Picture, p), Grey(drawn.Picture, inside));
                Assert.True(ink < skin - 25, $"{style} {seed} point {i}: {ink} on the jaw, {skin} beside it");
            }
        }
    }

    /// <summary>Skia leaves out a shape with a point that is no number: heads were bald.</summary>
    [Theory]
    [MemberData(nameof(Styles))]
    public void EveryShapeOfManyFacesIsFinite(string style)
    {
        using var bitmap = new SKBitmap(8, 8);
        using var canvas = new SKCanvas(bitmap);
        using var brush = new FaceBrush(canvas);
        Vector2[] broken = [Vector2.Zero, new(1, float.NaN), new(3, 2)];
        Assert.Throws<ArgumentException>(() => brush.Curve(broken));
        Assert.Throws<ArgumentException>(() => brush.Polygon(broken));
        for (var seed = 0; seed < 40; seed++)
            Assert.Equal(32, FaceDrawing.Draw(Enum.Parse<DrawingStyle>(style), seed, 32).Picture.Width);
    }

    /// <summary>samples/ is what <c>mdfld samples</c> draws; a machine may round otherwise.</summary>
    [Theory]
    [MemberData(nameof(Styles))]
    public void TheSamplesAreWhatIsDrawn(string style)
    {
        var samples = FaceFolder.Open(Path.Combine(TestFiles.RepositoryRoot, "samples"));
        var name = style.ToLowerInvariant();
        var sample = samples.Faces.Single(f => f.Style == name);
        var (drawn, kept) = (
            FaceDrawing.Draw(Enum.Parse<DrawingStyle>(style), 1009 + (int)Enum.Parse<DrawingStyle>(style)),
            Picture.Load(samples.ImagePath(sample)));
        Assert.Equal(drawn.Landmarks, sample.Landmarks, (a, b) => Vector2.Distance(a, b) < 0.01f);
        var difference = drawn.Picture.Data.ToArray().Zip(kept.Data.ToArray(), (a, b) => Math.Abs(a - b)).Average();
        Assert.True(difference < 0.5, $"{style}: mean difference {difference}");
    }

    [Fact]
    public void ALabelledDrawingIsCutToItsTightBox()
    {
        var drawn = Draw("Photo", 1);
        var face = drawn.Label("photo.png", "photo");
        var box = FaceBox.Around(drawn.Landmarks);
        Assert.Equal(box.ToCrop(1.25f), FaceCrop.FromScale(face.Scale, face.Centre, 1.25f));
        Assert.Equal(drawn.Landmarks[48], face.FivePoints[3]);
    }

    private static DrawnSample Draw(string style, int seed) =>
        FaceDrawing.Draw(Enum.Parse<DrawingStyle>(style), seed, Size);

    private static float Grey(Picture image, Vector2 p)
    {
        var pixel = image.Row((int)MathF.Round(p.Y)).Slice((int)MathF.Round(p.X) * 3, 3);
        return (pixel[0] + pixel[1] + pixel[2]) / 3f;
    }
}
