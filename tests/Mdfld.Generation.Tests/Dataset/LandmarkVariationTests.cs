using System.Numerics;
using FsCheck.Xunit;
using Mdfld.Generation.Dataset;
using Mdfld.Training.Augment;

namespace Mdfld.Tests.Generation.Dataset;

public sealed class LandmarkVariationTests
{
    private const int Size = 256;

    private static readonly LandmarkPool Pool = LandmarkPool.Drawn();
    private static readonly StyleBook Book = StyleBook.Default();
    private static readonly LandmarkVariation Variation = new(Pool, Size);

    [Property(MaxTest = 400)]
    public bool NoFaceCrossesItselfOrLeavesThePicture(int seed, byte style)
    {
        var face = Variation.Draw(Book.Styles[style % 25], new Random(seed)).Landmarks;
        var rim = LandmarkVariation.Margin * (Size - 1);
        return ContourCheck.Problem(face) is null
            && face.All(p => MathF.Min(p.X, p.Y) >= rim - 1 && MathF.Max(p.X, p.Y) <= Size - 1 - rim + 1);
    }

    [Property(MaxTest = 50)]
    public bool TheSameNumbersGiveTheSameFace(int seed)
    {
        var style = Book.Styles[9];
        return Variation.Draw(style, new Random(seed)).Landmarks
            .SequenceEqual(Variation.Draw(style, new Random(seed)).Landmarks);
    }

    [Fact]
    public void FacesDifferAndSomeAreMirrored()
    {
        var faces = Enumerable.Range(0, 60).Select(s => Variation.Draw(Book.Styles[0], new Random(s))).ToArray();
        Assert.Equal(60, faces.Select(f => f.Landmarks[8]).Distinct().Count());
        Assert.InRange(faces.Count(f => f.IsMirrored), 15, 45);
    }

    /// <summary>A caricature is farther from the mean face than a photo's landmarks are.</summary>
    [Fact]
    public void CaricaturesAreExaggerated()
    {
        var (photo, caricature) = (Deviation("photo"), Deviation("painted-caricature"));
        Assert.True(caricature > 1.3 * photo, $"photos deviate by {photo}, caricatures by {caricature}");

        double Deviation(string id)
        {
            var style = Book.Select(id)[0];
            return Enumerable.Range(0, 80).Average(seed =>
            {
                var deviation = new Vector2[68];
                HeadView.Fit(Variation.Draw(style, new Random(seed)).Landmarks, deviation);
                return Math.Sqrt(deviation.Average(d => d.LengthSquared()));
            });
        }
    }

    [Property(MaxTest = 200)]
    public bool ThePoseOfTheMeanHeadIsFound(int seed)
    {
        var random = new Random(seed);
        var pose = new HeadView(Angle(0.7f), Angle(0.5f), Angle(3));
        var (scale, place) = (20 + (200 * random.NextSingle()), new Vector2(Angle(300), Angle(300)));
        var seen = new Vector2[68];
        for (var i = 0; i < seen.Length; i++)
            seen[i] = place + (scale * pose.Rolled(pose.Upright(HeadPose.MeanHead[i])));
        var deviation = new Vector2[68];
        var found = HeadView.Fit(seen, deviation)!.Value;
        return Math.Abs(found.Yaw - pose.Yaw) < 1e-3 && Math.Abs(found.Pitch - pose.Pitch) < 1e-3
            && Math.Abs(found.Roll - pose.Roll) < 1e-3 && deviation.All(d => d.Length() < 1e-3);

        float Angle(float most) => most * ((2 * random.NextSingle()) - 1);
    }

    [Fact]
    public void PointsInALineAreNoFace() =>
        Assert.Null(HeadView.Fit(
            Enumerable.Range(0, 68).Select(i => new Vector2(i, 2 * i)).ToArray(), new Vector2[68]));

    [Theory]
    [InlineData(37, 41, "right eye")]
    [InlineData(4, 12, "jaw")]
    [InlineData(50, 58, "outer lips")]
    [InlineData(36, 45, "sides")]
    [InlineData(19, 38, "")]
    public void ExchangedPointsAreNoFace(int first, int second, string what)
    {
        var face = (Vector2[])Pool.Faces[3].Landmarks.Clone();
        Assert.Null(ContourCheck.Problem(face));
        (face[first], face[second]) = (face[second], face[first]);
        Assert.Contains(what, ContourCheck.Problem(face));
    }

    [Fact]
    public void LidsThatCrossByNoiseAreClosed()
    {
        var face = (Vector2[])Pool.Faces[3].Landmarks.Clone();
        // A half closed eye, the upper lid labelled a little below the lower one.
        face[37] = face[41] + (0.2f * (face[41] - face[37]));
        Assert.NotNull(ContourCheck.Problem(face));
        ContourCheck.Untangle(face);
        Assert.Null(ContourCheck.Problem(face));
        Assert.Equal(face[37].Y, face[41].Y, 1f);
    }

    [Fact]
    public void WhatIsNotFiniteIsNoFace()
    {
        var face = (Vector2[])Pool.Faces[0].Landmarks.Clone();
        face[20].X = float.NaN;
        Assert.Contains("finite", ContourCheck.Problem(face));
    }

    [SharedDataFact]
    public void MostLabelledFacesCanBeVaried()
    {
        var pool = LandmarkPool.Read([TestFiles.Shared("data", "real-val")]);
        Assert.InRange(pool.LeftOut, 0, 15);
        var variation = new LandmarkVariation(pool, Size);
        for (var seed = 0; seed < 300; seed++)
        {
            var face = variation.Draw(Book.Styles[seed % 25], new Random(seed)).Landmarks;
            Assert.True(ContourCheck.Problem(face) is null, $"seed {seed}: {ContourCheck.Problem(face)}");
        }
    }
}
