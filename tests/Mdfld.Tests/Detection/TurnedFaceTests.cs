using System.Numerics;

namespace Mdfld.Tests.Detection;

/// <summary>Faces that lie on their side or stand on their head.</summary>
public sealed class TurnedFaceTests
{
    [Theory]
    [InlineData("comic.png", 1)]
    [InlineData("comic.png", 2)]
    [InlineData("comic.png", 3)]
    [InlineData("caricature.png", 1)]
    [InlineData("caricature.png", 2)]
    public void APictureTurnedGivesTheSamePointsTurned(string name, int quarters)
    {
        using var detector = LandmarkDetector.Create(new DetectorOptions { Threads = 1, Search = "thorough" });
        var upright = Picture.Load(TestFiles.Sample(name));
        var expected = detector.Detect(upright)[0];
        var turned = Turns.Of(upright, quarters);
        var found = detector.Detect(turned)[0];
        // The finder's box differs a little, and so the first crop.
        var apart = expected.Points.Zip(
            found.Points, (e, f) => Vector2.Distance(Turns.Point(e, turned, quarters), f)).Average();
        Assert.True(apart < 0.01f * expected.Box.Width, $"{apart} pixels of {expected.Box.Width}");
    }

    /// <summary>A finder that takes every face for an upright one is mended by the landmark model.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void AFaceThatItsFinderTakesForUprightIsTriedOnAllSides(int quarters)
    {
        using var detector = LandmarkDetector.Create(new DetectorOptions { Threads = 1 });
        var upright = Picture.Load(TestFiles.Sample("comic.png"));
        var expected = detector.Detect(upright)[0];
        var turned = Turns.Of(upright, quarters);
        var box = FaceBox.Around([.. expected.Points.Select(p => Turns.Point(p, turned, quarters))]);
        var (x, y, side) = (box.Centre.X, box.Centre.Y, box.Width / 4);
        var said = new DetectedFace(
            box, 0.9f,
            [new(x - side, y - side), new(x + side, y - side), new(x, y), new(x - side, y + side), new(x + side, y + side)]);
        var found = detector.Detect(turned, [said])[0];
        Assert.Equal(
            0, MathF.IEEERemainder(found.Crop.Roll - expected.Crop.Roll - (quarters * MathF.PI / 2), MathF.Tau), 0.1f);
        Assert.Equal(expected.Confidence, found.Confidence, 0.1f);
    }
}

/// <summary>Pictures turned clockwise by quarters, pixel for pixel.</summary>
internal static class Turns
{
    public static Picture Of(Picture picture, int quarters)
    {
        var (width, height) = quarters % 2 == 0
            ? (picture.Width, picture.Height) : (picture.Height, picture.Width);
        var turned = new Picture(width, height);
        for (var y = 0; y < picture.Height; y++)
        {
            for (var x = 0; x < picture.Width; x++)
            {
                var to = Point(new(x, y), turned, quarters);
                picture.Row(y).Slice(3 * x, 3).CopyTo(turned.Row((int)to.Y)[(3 * (int)to.X)..]);
            }
        }
        return turned;
    }

    /// <summary>Where a point of the picture is in the turned one.</summary>
    public static Vector2 Point(Vector2 p, Picture turned, int quarters) => quarters switch
    {
        0 => p,
        1 => new(turned.Width - 1 - p.Y, p.X),
        2 => new(turned.Width - 1 - p.X, turned.Height - 1 - p.Y),
        _ => new(p.Y, turned.Height - 1 - p.X),
    };
}
