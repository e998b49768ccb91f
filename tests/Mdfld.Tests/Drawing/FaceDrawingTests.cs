using System.Numerics;
using Mdfld.Drawing;

namespace Mdfld.Tests.Drawing;

public class FaceDrawingTests
{
    private const int Size = 160;

    public static TheoryData<string> Looks { get; } = [.. Enum.GetNames<FaceLook>()];

    [Theory]
    [MemberData(nameof(Looks))]
    public void OneSeedIsOneFace(string look)
    {
        var (first, again, other) = (Draw(look, 5), Draw(look, 5), Draw(look, 6));
        Assert.Equal(first.Landmarks, again.Landmarks);
        Assert.True(first.Image.Data.SequenceEqual(again.Image.Data));
        Assert.NotEqual(first.Landmarks, other.Landmarks);
    }

    [Theory]
    [MemberData(nameof(Looks))]
    public void LandmarksMakeAFaceInsideThePicture(string look)
    {
        for (var seed = 0; seed < 6; seed++)
        {
            var p = Draw(look, seed).Landmarks;
            Assert.Equal(68, p.Length);
            Assert.All(p, q => Assert.True(q.X > 0 && q.Y > 0 && q.X < Size && q.Y < Size, $"{look} {seed}: {q}"));
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
    public void InkLiesOnTheLandmarksOfTheJaw(string look)
    {
        // Against the skin beside it, a third of the way to the nose.
        for (var seed = 0; seed < 4; seed++)
        {
            var drawn = FaceDrawing.Draw(Enum.Parse<FaceLook>(look), seed, 320);
            for (var i = 5; i <= 11; i++)
            {
                var p = drawn.Landmarks[i];
                var inside = Vector2.Lerp(p, drawn.Landmarks[33], 0.3f);
                var (ink, skin) = (Grey(drawn.Image, p), Grey(drawn.Image, inside));
                Assert.True(ink < skin - 25, $"{look} {seed} point {i}: {ink} on the jaw, {skin} beside it");
            }
        }
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

    [Fact]
    public void AnOverlayMarksTheFaceAndNothingElse()
    {
        var image = new Image(100, 100);
        Overlay.Draw(image, Face(new Vector2(50, 50), 30));
        Assert.True(Grey(image, new Vector2(80, 50)) > 100);
        Assert.Equal(0, Grey(image, new Vector2(2, 2)));
    }

    [Fact]
    public void AnOverlayMayReachBeyondThePicture()
    {
        var image = new Image(40, 30);
        Overlay.Draw(image, Face(new Vector2(-500, 900), 60));
        Assert.False(image.Data.ContainsAnyExcept((byte)0));
        Overlay.Draw(image, Face(new Vector2(35, 5), 20));
        Assert.True(image.Data.ContainsAnyExcept((byte)0));
    }

    private static DrawnFace Draw(string look, int seed) => FaceDrawing.Draw(Enum.Parse<FaceLook>(look), seed, Size);

    private static Landmarks Face(Vector2 centre, float radius)
    {
        var points = new Vector2[68];
        for (var i = 0; i < 68; i++)
        {
            var (sin, cos) = MathF.SinCos(i * MathF.Tau / 68);
            points[i] = centre + (radius * new Vector2(cos, sin));
        }
        return new Landmarks(LandmarkScheme.Ibug68, [.. points], new FaceCrop(centre, 2 * radius));
    }

    private static float Grey(Image image, Vector2 p)
    {
        var pixel = image.Row((int)MathF.Round(p.Y)).Slice((int)MathF.Round(p.X) * 3, 3);
        return (pixel[0] + pixel[1] + pixel[2]) / 3f;
    }
}
