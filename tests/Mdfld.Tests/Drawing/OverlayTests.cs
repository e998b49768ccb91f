using System.Numerics;
using FsCheck.Xunit;
using SkiaSharp;

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
        new Overlay().Draw(image, face);
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
        new Overlay().Draw(image, Drawn(size));
        var changed = 0;
        for (var i = 0; i < image.Data.Length; i += 3)
            changed += image.Data[i] == 128 && image.Data[i + 1] == 128 && image.Data[i + 2] == 128 ? 0 : 1;
        Assert.InRange(changed / (double)(size * size), 0.01, 0.3);
    }

    [Fact]
    public void ItMarksTheFaceAndNothingElse()
    {
        var image = new Picture(100, 100);
        new Overlay().Draw(image, Ring(new Vector2(50, 50), 30));
        Assert.True(Contrast(image, new Vector2(80, 50), 0) > 100);
        Assert.Equal(0, Contrast(image, new Vector2(4, 4), 0));
    }

    [Fact]
    public void ItMayReachBeyondThePicture()
    {
        var image = new Picture(40, 30);
        var everything = new Overlay { Box = true, Confidence = true, Uncertainty = true };
        new Overlay().Draw(image, Ring(new Vector2(-500, 900), 60));
        Assert.False(image.Data.ContainsAnyExcept((byte)0));
        everything.Draw(image, Ring(new Vector2(35, 5), 20));
        Assert.True(image.Data.ContainsAnyExcept((byte)0));
        everything.Draw(image, Ring(new Vector2(20, 15), 1e7f));
        everything.Draw(image, Ring(new Vector2(20, 15), 0));
    }

    [Fact]
    public void BoxConfidenceAndUncertaintyAreDrawnWhenAsked()
    {
        var face = Ring(new Vector2(100, 100), 60) with
        {
            Confidence = 0.87f,
            Uncertainty = [.. Enumerable.Repeat(new PointCovariance(100, 0, 16), 68)],
        };
        var plain = Overlaid(face, new Overlay());
        // Six hundredths of 120 pixels outside the ring.
        var box = Overlaid(face, new Overlay { Box = true });
        Assert.Equal(0, Contrast(plain, new Vector2(100, 167), 0));
        Assert.True(Contrast(box, new Vector2(100, 167), 0) > 100);
        // Two deviations of 10 pixels to the right of the first point.
        var uncertain = Overlaid(face, new Overlay { Uncertainty = true });
        Assert.Equal(0, Contrast(plain, new Vector2(180, 100), 0));
        Assert.True(Contrast(uncertain, new Vector2(180, 100), 0) > 60);
        var scored = Overlaid(face, new Overlay { Confidence = true });
        var other = Overlaid(face with { Confidence = 0.88f }, new Overlay { Confidence = true });
        Assert.False(plain.Data.SequenceEqual(scored.Data));
        Assert.False(other.Data.SequenceEqual(scored.Data));
    }

    [Fact]
    public void ManyFacesAreDrawnAsOneAfterTheOther()
    {
        Landmarks[] faces = [Ring(new Vector2(60, 60), 40), Ring(new Vector2(130, 90), 50)];
        var overlay = new Overlay { Box = true, Confidence = true };
        var (together, apart) = (new Picture(200, 200), new Picture(200, 200));
        overlay.Draw(together, faces);
        foreach (var face in faces)
            overlay.Draw(apart, face);
        Assert.True(together.Data.SequenceEqual(apart.Data));
    }

    [Fact]
    public void NoFacesLeaveThePictureAsItIs()
    {
        var image = Plain(60, 90);
        new Overlay { Box = true }.Draw(image, []);
        Assert.False(image.Data.ContainsAnyExcept((byte)90));
    }

    [Property(MaxTest = 50)]
    public bool AContourGoesThroughItsPoints(int seed, bool closed)
    {
        var random = new Random(seed);
        var points = new Vector2[random.Next(2, 12)];
        for (var i = 0; i < points.Length; i++)
            points[i] = new Vector2(100 * random.NextSingle(), 100 * random.NextSingle());
        using var path = Overlay.Contour(points, closed);
        using var measure = new SKPathMeasure(path, forceClosed: false, resScale: 16);
        var along = Enumerable.Range(0, 5001).Select(i => measure.GetPosition(measure.Length * i / 5000)).ToArray();
        return measure.IsClosed == (closed && points.Length > 2)
            && points.All(p => along.Any(q => Vector2.Distance(p, new Vector2(q.X, q.Y)) < 0.3f));
    }

    private static Picture Overlaid(Landmarks face, Overlay overlay)
    {
        var image = new Picture(200, 200);
        overlay.Draw(image, face);
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
        // A face whose points lie apart: between near ones only their dots show.
        var drawn = DrawnFaces.Draw(new Random(5), size, DrawingStyle.Comic);
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
