using System.Numerics;

namespace Mdfld.Tests.Drawing;

public sealed class OverlayTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(90)]
    [InlineData(128)]
    [InlineData(180)]
    [InlineData(255)]
    public void EveryContourShowsOnEveryGround(byte ground)
    {
        var image = Plain(300, ground);
        var face = Drawn(300);
        Overlay.Draw(image, face);
        foreach (var edge in face.Scheme.Contours)
        {
            for (var i = 1; i < edge.Indices.Length; i++)
            {
                var middle = Vector2.Lerp(face.Points[edge.Indices[i - 1]], face.Points[edge.Indices[i]], 0.5f);
                Assert.True(Contrast(image, middle, ground) > 70, $"{edge.Indices[i]} on {ground}");
            }
        }
    }

    [Theory]
    [InlineData(32)]
    [InlineData(200)]
    [InlineData(1600)]
    public void LinesAreSizedToTheFace(int size)
    {
        var image = Plain(size, 128);
        Overlay.Draw(image, Drawn(size));
        var changed = 0;
        for (var i = 0; i < image.Data.Length; i += 3)
            changed += image.Data[i] == 128 && image.Data[i + 1] == 128 && image.Data[i + 2] == 128 ? 0 : 1;
        Assert.InRange(changed / (double)(size * size), 0.01, 0.3);
    }

    [Fact]
    public void ItMarksTheFaceAndNothingElse()
    {
        var image = new Picture(100, 100);
        Overlay.Draw(image, Ring(new Vector2(50, 50), 30));
        Assert.True(Contrast(image, new Vector2(80, 50), 0) > 100);
        Assert.Equal(0, Contrast(image, new Vector2(4, 4), 0));
    }

    [Fact]
    public void ItMayReachBeyondThePicture()
    {
        var image = new Picture(40, 30);
        var everything = new OverlayOptions { Box = true, Score = true, Uncertainty = true };
        Overlay.Draw(image, Ring(new Vector2(-500, 900), 60));
        Assert.False(image.Data.ContainsAnyExcept((byte)0));
        Overlay.Draw(image, Ring(new Vector2(35, 5), 20), everything);
        Assert.True(image.Data.ContainsAnyExcept((byte)0));
        Overlay.Draw(image, Ring(new Vector2(20, 15), 1e7f), everything);
        Overlay.Draw(image, Ring(new Vector2(20, 15), 0), everything);
    }

    [Fact]
    public void BoxScoreAndUncertaintyAreDrawnWhenAsked()
    {
        var face = Ring(new Vector2(100, 100), 60) with
        {
            Confidence = 0.87f,
            Uncertainty = [.. Enumerable.Repeat(new PointCovariance(100, 0, 16), 68)],
        };
        var plain = Overlaid(face, new OverlayOptions());
        // Six hundredths of 120 pixels outside the ring.
        var box = Overlaid(face, new OverlayOptions { Box = true });
        Assert.Equal(0, Contrast(plain, new Vector2(100, 167), 0));
        Assert.True(Contrast(box, new Vector2(100, 167), 0) > 100);
        // Two deviations of 10 pixels to the right of the first point.
        var uncertain = Overlaid(face, new OverlayOptions { Uncertainty = true });
        Assert.Equal(0, Contrast(plain, new Vector2(180, 100), 0));
        Assert.True(Contrast(uncertain, new Vector2(180, 100), 0) > 60);
        var scored = Overlaid(face, new OverlayOptions { Score = true });
        var other = Overlaid(face with { Confidence = 0.88f }, new OverlayOptions { Score = true });
        Assert.False(plain.Data.SequenceEqual(scored.Data));
        Assert.False(other.Data.SequenceEqual(scored.Data));
    }

    [Fact]
    public void EveryDigitIsAnotherShapeWithinItsBox()
    {
        var shapes = new HashSet<string>();
        for (var digit = 0; digit <= 9; digit++)
        {
            var points = Numerals.Strokes(digit, new Vector2(10, 20), 60).SelectMany(s => s).ToArray();
            Assert.All(points, p => Assert.True(p.X is > 9 and < 52 && p.Y is > 19 and < 82, $"{digit}: {p}"));
            shapes.Add(string.Join(' ', points));
        }
        Assert.Equal(10, shapes.Count);
        Assert.Equal(
            Numerals.Strokes(7, new Vector2(60, 0), 60).Single(), Numerals.Strokes(17, Vector2.Zero, 60).Last());
    }

    private static Picture Overlaid(Landmarks face, OverlayOptions options)
    {
        var image = new Picture(200, 200);
        Overlay.Draw(image, face, options);
        return image;
    }

    private static Picture Plain(int size, byte ground)
    {
        var image = new Picture(size, size);
        image.Data.Fill(ground);
        return image;
    }

    private static Landmarks Drawn(int size)
    {
        var drawn = FaceDrawing.Draw(FaceLook.Photo, 3, size);
        return new Landmarks(
            LandmarkScheme.Ibug68, [.. drawn.Landmarks], new FaceCrop(new Vector2(size / 2f), size));
    }

    private static Landmarks Ring(Vector2 centre, float radius)
    {
        var points = new Vector2[68];
        for (var i = 0; i < 68; i++)
        {
            var (sin, cos) = MathF.SinCos(i * MathF.Tau / 68);
            points[i] = centre + (radius * new Vector2(cos, sin));
        }
        return new Landmarks(LandmarkScheme.Ibug68, [.. points], new FaceCrop(centre, 2 * radius));
    }

    /// <summary>How far a channel goes from the ground within three pixels.</summary>
    private static float Contrast(Picture image, Vector2 at, byte ground)
    {
        var most = 0f;
        for (var y = (int)at.Y - 3; y <= at.Y + 3; y++)
        {
            for (var x = (int)at.X - 3; x <= at.X + 3; x++)
            {
                foreach (var channel in image.Row(y).Slice(3 * x, 3))
                    most = MathF.Max(most, MathF.Abs(channel - ground));
            }
        }
        return most;
    }
}
