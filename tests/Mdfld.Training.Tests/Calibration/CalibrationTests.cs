using System.Numerics;
using Mdfld.Tests.Detection;
using Mdfld.Tests.Training;
using Mdfld.Training;

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
        Assert.InRange(empty, 3, 20);
    }

    private string TinyFolder()
    {
        TinyFaces.Write(_folder["faces"], 6);
        return _folder["faces"];
    }
}
