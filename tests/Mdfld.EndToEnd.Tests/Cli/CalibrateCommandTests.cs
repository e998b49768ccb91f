using System.Numerics;
using Mdfld.Tests.Detection;
using Mdfld.Tests.Training;

namespace Mdfld.Tests.Cli;

public sealed class CalibrateCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AModelThatIsNeverRightCannotBeCalibrated()
    {
        var (model, finder) = Models();
        var before = File.ReadAllBytes(model);
        var run = await CliRun.Of(
            "calibrate", model, "--data", TinyFolder(), "--finder", finder, "--count", "100", "--threads", "2");
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("too few of one kind to calibrate on", run.Error);
        Assert.Equal(before, File.ReadAllBytes(model));
    }

    [Fact]
    public async Task WhereNothingIsFoundNoThresholdIsSet()
    {
        var samples = FaceFolder.Open(Path.Combine(TestFiles.RepositoryRoot, "samples"));
        var photo = samples.Faces.Single(f => f.ImagePath == "comic.png");
        Directory.CreateDirectory(_folder["photo/images"]);
        File.Copy(samples.ImagePath(photo), _folder["photo/images/comic.png"]);
        MetadataFile.Write(_folder["photo/annotations.tsv"], [photo]);
        var model = _folder["compact.onnx"];
        File.Copy(Path.Combine(TestFiles.RepositoryRoot, "models", "compact.onnx"), model);
        // Boxes as wide as the world are none.
        File.WriteAllBytes(_folder["blind.onnx"], TinyFinders.Bright([0, 0, 50, 50]));
        var before = File.ReadAllBytes(model);
        var run = await CliRun.Of(
            "calibrate", model, "--data", _folder["photo"], "--finder", _folder["blind.onnx"], "--count", "100");
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("too few to set a threshold by", run.Error);
        Assert.Equal(before, File.ReadAllBytes(model));
    }

    [Theory]
    [InlineData("a validation set", "faces-val")]
    [InlineData("no such folder", "absent")]
    public async Task ABadCallChangesNothing(string message, string data)
    {
        var (model, finder) = Models();
        Directory.CreateDirectory(_folder["faces-val"]);
        (await CliRun.Of("calibrate", model, "--data", _folder[data], "--finder", finder)).AssertBadCall(message);
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
