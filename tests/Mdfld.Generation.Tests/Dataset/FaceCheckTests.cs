using System.Numerics;
using Mdfld.Data;
using Mdfld.Generation.Dataset;

namespace Mdfld.Tests.Generation.Dataset;

/// <summary>A picture that shows no face, and one that shows it elsewhere, are refused whatever their label looks like.</summary>
public sealed class FaceCheckTests : IDisposable
{
    private readonly LandmarkDetector _detector = LandmarkDetector.Create(new DetectorOptions { Threads = 1 });
    private readonly FaceFinder _finder = FaceFinder.Create(new DetectorOptions { Threads = 1 });

    public void Dispose()
    {
        _detector.Dispose();
        _finder.Dispose();
    }

    [Theory]
    [InlineData("pencil.png")]
    [InlineData("comic.png")]
    public void AFaceWhereItsLabelIsPasses(string sample)
    {
        var (picture, landmarks) = Face(sample);
        var result = Check(CheckLevel.Full, 8).Of(picture, landmarks);
        Assert.True(result.IsPassed, result.ToString());
        Assert.True(result.Found);
        Assert.InRange(result.Nme, 0.01, result.Limit!.Value);
        Assert.True(result.Edges > 0);
    }

    [Fact]
    public void NoFaceAndAFaceElsewhereAreRefused()
    {
        var (picture, landmarks) = Face("pencil.png");
        var blank = new Picture(picture.Width, picture.Height);
        blank.Data.Fill(127);
        var nothing = Check(CheckLevel.Full, 1000).Of(blank, landmarks);
        Assert.False(nothing.IsPassed);
        Assert.False(nothing.Found);
        Assert.Equal((0, 0), (nothing.Edges, nothing.Colour));
        // What the landmark model answers to nothing is a face near the mean, which a high threshold would keep.
        Assert.True(nothing.Nme > nothing.Limit, nothing.ToString());
        Assert.True(Check(CheckLevel.Nme, 1000).Of(blank, landmarks).IsPassed);
        Assert.True(Check(CheckLevel.None, 1).Of(blank, landmarks).IsPassed);

        Vector2[] elsewhere = [.. landmarks.Select(p => p + new Vector2(0.5f * FaceBox.Around(landmarks).Width, 0))];
        Assert.False(Check(CheckLevel.Full, 1000).Of(picture, elsewhere).IsPassed);
    }

    [Fact]
    public void TheLimitIsTheThresholdOrHalfOfABlindGuess()
    {
        var (picture, landmarks) = Face("comic.png");
        Assert.Equal(0.5, Check(CheckLevel.Full, 0.5).Of(picture, landmarks).Limit);
        var blind = 2 * Check(CheckLevel.Full, 1000).Of(picture, landmarks).Limit!.Value;
        Assert.InRange(blind, 3, 40);
        // The mean head itself is guessed blindly: nothing can be nearer.
        Vector2[] mean = [.. HeadPose.MeanHead.ToArray().Select(p => new Vector2(256 + (90 * p.X), 230 + (90 * p.Y)))];
        Assert.InRange(Check(CheckLevel.Full, 1000).Of(picture, mean).Limit!.Value, 0, 0.01);
    }

    private FaceCheck Check(CheckLevel level, double threshold) => new(_detector, _finder, level, threshold);

    private static (Picture Picture, Vector2[] Landmarks) Face(string sample)
    {
        var faces = FaceFolder.Open(Path.Combine(TestFiles.RepositoryRoot, "samples"));
        var face = faces.Faces.Single(f => f.ImagePath.EndsWith(sample, StringComparison.Ordinal));
        return (Picture.Load(faces.ImagePath(face)), [.. face.Landmarks]);
    }
}
