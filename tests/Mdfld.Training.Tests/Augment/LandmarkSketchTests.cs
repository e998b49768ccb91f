using System.Numerics;

namespace Mdfld.Tests.Augment;

public sealed class LandmarkSketchTests
{
    private const int Size = 128;

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
            LandmarkSketch.Draw(picture, points, LandmarkScheme.ForCount(count), new Random(seed));
            LandmarkSketch.Draw(again, points, LandmarkScheme.ForCount(count), new Random(seed));
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
        for (var seed = 0; seed < 10; seed++)
            LandmarkSketch.Draw(Grey(), points, LandmarkScheme.Ibug68, new Random(seed));
    }

    private static Picture Grey()
    {
        var picture = new Picture(Size, Size);
        picture.Data.Fill(128);
        return picture;
    }
}
