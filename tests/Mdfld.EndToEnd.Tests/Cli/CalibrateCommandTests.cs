using System.Numerics;
using Mdfld.Tests.Detection;
using Mdfld.Tests.Training;
using Mdfld.Training;

namespace Mdfld.Tests.Cli;

public sealed class CalibrateCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AModelThatIsNeverRightCannotBeCalibrated()
    {
        var (model, finder) = Models();
        var run = await CliRun.Of(
            "calibrate", model, "--data", TinyFolder(), "--finder", finder, "--count", "100", "--threads", "2",
            "--out", _folder["sure.onnx"]);
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("too few of one kind to calibrate on", run.Error);
        Assert.False(File.Exists(_folder["sure.onnx"]));
    }

    [Fact]
    public async Task TheShippedWeightsAreCalibratedAndAgainToTheSameBytes()
    {
        var (model, sure, again) = (_folder["model.onnx"], _folder["sure.onnx"], _folder["again.onnx"]);
        DetectorExport.Save(Path.Combine(TestFiles.RepositoryRoot, "models", "compact.safetensors"), model);
        var before = File.ReadAllBytes(model);
        var samples = Path.Combine(TestFiles.RepositoryRoot, "samples");
        string[] rest = ["--data", samples, "--count", "100", "--threads", "2", "--out"];
        var run = await CliRun.Of(["calibrate", model, .. rest, sure]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        foreach (var kind in (string[])["photo", "turned", "stylised", "drawn", "noface", "all"])
            Assert.Contains($"\n{kind} ", run.Output);
        Assert.Contains("in their 50 % ellipse  68 %  95 %  rank correlation\n", run.Output);
        Assert.Matches(@"\nphoto( +([0-9.]+|-)){9}\n", run.Output);
        Assert.Equal(before, File.ReadAllBytes(model));

        Assert.Equal(0, (await CliRun.Of(["calibrate", sure, .. rest, again])).ExitCode);
        Assert.Equal(File.ReadAllBytes(sure), File.ReadAllBytes(again));

        using var one = LandmarkDetector.Load(model, new DetectorOptions { Threads = 1 });
        using var other = LandmarkDetector.Load(sure, new DetectorOptions { Threads = 1 });
        Assert.Equal((null, 0.5f), (one.Model.Threshold, other.Model.Threshold));
        var face = FaceFolder.Open(samples).Faces.Single(f => f.ImagePath == "comic.png");
        var picture = Picture.Load(Path.Combine(samples, "images", face.ImagePath));
        var (raw, fitted) = (one.DetectSingle(picture), other.DetectSingle(picture));
        Assert.All(raw.Points.Zip(fitted.Points, Vector2.Distance), apart => Assert.InRange(apart, 0, 0.01f));
        // A heat map is wider than the errors are.
        Assert.True(fitted.Uncertainty.Average(u => u.Deviation) < raw.Uncertainty.Average(u => u.Deviation));
        Assert.InRange(fitted.Confidence, 0.8f, 1);
    }

    [Fact]
    public async Task AModelIsNeverOverwritten()
    {
        var (model, finder) = Models();
        var before = File.ReadAllBytes(model);
        foreach (var target in (string[])[model, Path.Combine(_folder.Path, ".", "model.onnx")])
        {
            (await CliRun.Of("calibrate", model, "--data", TinyFolder(), "--finder", finder, "--out", target))
                .AssertBadCall("that is the model that is read");
            (await CliRun.Of("quantise", model, "--data", TinyFolder(), "--out", target))
                .AssertBadCall("that is the model that is read");
        }
        Assert.Equal(before, File.ReadAllBytes(model));
    }

    [Theory]
    [InlineData("calibrate", "a validation set", "faces-val")]
    [InlineData("calibrate", "no such folder", "absent")]
    [InlineData("quantise", "a validation set", "faces-val")]
    public async Task ABadCallChangesNothing(string command, string message, string data)
    {
        var (model, _) = Models();
        Directory.CreateDirectory(_folder["faces-val"]);
        (await CliRun.Of(command, model, "--data", _folder[data], "--out", _folder["out.onnx"])).AssertBadCall(message);
        (await CliRun.Of(command, model, "--out", _folder["out.onnx"])).AssertBadCall("--data DIR is needed");
    }

    private string TinyFolder()
    {
        TinyFaces.Write(_folder["faces"], 6);
        return _folder["faces"];
    }

    private (string Model, string Finder) Models()
    {
        File.WriteAllBytes(
            _folder["model.onnx"], TinyModels.Brightest(new Vector2[68], spread: new PointCovariance(0.1f, 0, 0.1f)));
        File.WriteAllBytes(_folder["finder.onnx"], TinyFinders.Bright());
        return (_folder["model.onnx"], _folder["finder.onnx"]);
    }
}
