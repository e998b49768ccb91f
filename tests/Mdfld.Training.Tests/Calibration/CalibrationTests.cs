using System.Numerics;
using Google.Protobuf;
using Mdfld.Tests.Detection;
using Mdfld.Tests.Training;
using Mdfld.Training;
using Mdfld.Training.Augment;

namespace Mdfld.Tests.Calibration;

public sealed class CalibrationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void RegressionFindsTheOddsThatSamplesWereDrawnWith()
    {
        var random = new Random(4);
        double[] truth = [1.5, -0.7, 0.4];
        var samples = Enumerable.Range(0, 20_000).Select(_ =>
        {
            double[] x = [(4 * random.NextDouble()) - 2, (6 * random.NextDouble()) - 3];
            return (x, random.NextDouble() < 1 / (1 + Math.Exp(-LogisticRegression.Sum(truth, x))));
        }).ToArray();
        var found = LogisticRegression.Fit(samples);
        Assert.All(found.Zip(truth), pair => Assert.Equal(pair.Second, pair.First, 0.1));
    }

    [Fact]
    public void AnswersThatCanBeToldApartStillGiveNumbers()
    {
        var weights = LogisticRegression.Fit(
            [.. Enumerable.Range(0, 40).Select(i => (new double[] { i, 2 * i }, i >= 20))]);
        Assert.All(weights, w => Assert.True(double.IsFinite(w)));
        Assert.True(LogisticRegression.Sum(weights, [30, 60]) > 1);
        Assert.True(LogisticRegression.Sum(weights, [5, 10]) < -1);
    }

    [Fact]
    public void APropertyIsReplacedAndTheModelStaysAsItWas()
    {
        var path = _folder["model.onnx"];
        File.WriteAllBytes(path, TinyModels.Brightest(new Vector2[68]));
        OnnxExport.SetProperty(path, "mdfld.name", "other", _folder["copy.onnx"]);
        OnnxExport.SetProperty(_folder["copy.onnx"], "mdfld.name", "third");
        OnnxExport.SetProperty(_folder["copy.onnx"], "mdfld.note", "new");
        Assert.Equal("tiny", Name(path));
        Assert.Equal("third", Name(_folder["copy.onnx"]));
        File.WriteAllText(path, "no model");
        Assert.Throws<InvalidDataException>(() => OnnxExport.SetProperty(path, "a", "b"));
        Assert.Equal("no model", File.ReadAllText(path));

        static string Name(string file)
        {
            using var detector = LandmarkDetector.Load(file, new DetectorOptions { Threads = 1 });
            return detector.Model.Name;
        }
    }

    [Fact]
    public void ScenesAreTheSameForTheSameDraws()
    {
        var faces = TinyFolder();
        var pictures = FaceFolder.Open(faces).Faces
            .Select(f => new FacePicture(
                Path.Combine(faces, "images", f.ImagePath), [FaceBox.Around([.. f.Landmarks])]))
            .ToArray();
        var scenes = new CalibrationScenes([FaceFolder.Open(faces)], pictures, LandmarkScheme.Ibug68);
        var empty = 0;
        for (var i = 0; i < 30; i++)
        {
            var (one, other) = (scenes.Draw(new Random(i)), scenes.Draw(new Random(i)));
            Assert.Equal(one.Picture.Data.ToArray(), other.Picture.Data.ToArray());
            empty += one.Landmarks is null ? 1 : 0;
            if (one.Landmarks is { } landmarks)
                Assert.All(landmarks, p => Assert.True(
                    p.X > -5 && p.Y > -5 && p.X < one.Picture.Width + 5 && p.Y < one.Picture.Height + 5, $"{p}"));
        }
        Assert.InRange(empty, 1, 15);
    }

    [Fact]
    public void ErrorsOfAKnownDistributionAreFoundAgain()
    {
        var truth = new PointErrors(4e-3, [.. Enumerable.Range(0, 68).Select(i => -7 + (i % 3))], 0.8, 0.5);
        var random = new Random(5);
        var found = PointErrors.Fit([[.. Draw(300)]]);
        Assert.Equal(truth.Own, found.Own, 0.1);
        Assert.Equal(truth.Face, found.Face, 0.15);
        Assert.Equal(2, found.Points[2] - found.Points[0], 0.3);
        var ellipses = PointEllipses.Of([.. Draw(100).SelectMany(s => found.Of(s.Maps).Zip(s.Errors))])!;
        Assert.Equal(0.5, ellipses.In50, 0.03);
        Assert.Equal(0.68, ellipses.In68, 0.03);
        Assert.Equal(0.95, ellipses.In95, 0.03);

        // Of two kinds of pictures none is far off, however many faces the other has.
        ErrorSample[][] kinds = [[.. Draw(300)], [.. Draw(30).Select(s => s with { Errors = [.. s.Errors.Select(e => 1.6f * e)] })]];
        var both = PointErrors.Fit(kinds);
        var (least, most) = (Off(kinds[0]), Off(kinds[1]));
        Assert.InRange(least, 0.05, 0.25);
        Assert.Equal(least, most, 0.03);

        double Off(ErrorSample[] kind)
        {
            var held = PointEllipses.Of([.. kind.SelectMany(s => both.Of(s.Maps).Zip(s.Errors))])!;
            return new[] { held.In50 - 0.5, held.In68 - 0.68, held.In95 - 0.95 }.Max(Math.Abs);
        }

        IEnumerable<ErrorSample> Draw(int count)
        {
            for (var n = 0; n < count; n++)
            {
                // One point in four is at the floor.
                var (faceDoubt, maps) = (random.NextSingle(), new PointCovariance[68]);
                foreach (ref var map in maps.AsSpan())
                {
                    var wide = (float)truth.Floor * (1 + (random.Next(4) * faceDoubt));
                    map = new PointCovariance(wide, 0.3f * wide, wide);
                }
                yield return new ErrorSample(maps, [.. truth.Of(maps).Select(c =>
                {
                    // Student's t of 5 degrees of freedom, by the Cholesky factor of its shape.
                    var (a, b) = (random.Normal(), random.Normal());
                    var (l, m) = (MathF.Sqrt(c.XX), c.XY / MathF.Sqrt(c.XX));
                    var chi = Enumerable.Range(0, 5).Sum(_ => MathF.Pow(random.Normal(), 2));
                    return MathF.Sqrt(5 / chi) * new Vector2(l * a, (m * a) + (MathF.Sqrt(c.YY - (m * m)) * b));
                })]);
            }
        }
    }

    [Fact]
    public void TheModelItselfGivesTheCovariancesOfErrors()
    {
        var path = _folder["model.onnx"];
        File.WriteAllBytes(path, TinyModels.Brightest(new Vector2[68], spread: new PointCovariance(0.3f, -0.1f, 0.2f)));
        var errors = new PointErrors(0.1, [.. Enumerable.Range(0, 68).Select(i => -3 + (0.02 * i))], 0.7, 0.4);
        var model = OnnxExport.Read(path);
        var before = model.Clone();
        ErrorTail.Set(model.Graph, errors);
        ErrorTail.Set(model.Graph, errors);
        File.WriteAllBytes(_folder["sure.onnx"], model.ToByteArray());
        var (raw, fitted) = (Spreads(path), Spreads(_folder["sure.onnx"]));
        foreach (var (expected, found) in errors.Of(raw).Zip(fitted))
        {
            Assert.Equal(expected.XX, found.XX, 1e-5f);
            Assert.Equal(expected.XY, found.XY, 1e-5f);
            Assert.Equal(expected.YY, found.YY, 1e-5f);
        }
        ErrorTail.Remove(model.Graph);
        Assert.Equal(before, model);

        static PointCovariance[] Spreads(string file)
        {
            using var model = LandmarkModel.Load(file);
            var spreads = new PointCovariance[68];
            model.Run(new float[3 * TinyModels.Size * TinyModels.Size], 1, new Vector2[68], spreads, default);
            return spreads;
        }
    }

    private string TinyFolder()
    {
        TinyFaces.Write(_folder["faces"], 6);
        return _folder["faces"];
    }
}
