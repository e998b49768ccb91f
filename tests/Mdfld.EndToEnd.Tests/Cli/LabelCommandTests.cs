namespace Mdfld.Tests.Cli;

/// <summary>Labels from findings: faces that are found again and again are kept, what is none is not.</summary>
public sealed class LabelCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task KeepsFacesAndLeavesNoiseOut()
    {
        var samples = FaceFolder.Open(Path.Combine(TestFiles.RepositoryRoot, "samples"));
        var truth = samples.Faces.Single(f => f.ImagePath == "comic.png");
        var noise = new Picture(128, 128);
        new Random(1).NextBytes(noise.Data);
        noise.Save(_folder["noise.png"]);

        var run = await CliRun.Of(
            "label", samples.ImagePath(truth), _folder["noise.png"],
            "--out", _folder["out"], "--style", "drawn", "--quiet");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var kept = Assert.Single(FaceFolder.Open(_folder["out"]).Faces);
        Assert.Equal("drawn", kept.Style);
        Assert.InRange(Metrics.Nme([.. kept.Landmarks], [.. truth.Landmarks], LandmarkScheme.Ibug68), 0, 0.1);
    }

    [Fact]
    public async Task TheMirrorImageHasItsSay()
    {
        var photo = Path.Combine(TestFiles.RepositoryRoot, "samples", "images", "comic.png");
        Assert.Equal(0, (await CliRun.Of("label", photo, "--out", _folder["once"])).ExitCode);
        Assert.Equal(0, (await CliRun.Of("label", photo, "--out", _folder["twice"], "--mirror")).ExitCode);
        var (once, twice) = (FaceFolder.Open(_folder["once"]).Faces[0], FaceFolder.Open(_folder["twice"]).Faces[0]);
        Assert.InRange(Metrics.Nme([.. twice.Landmarks], [.. once.Landmarks], LandmarkScheme.Ibug68), 1e-4, 0.05);
    }

    [Theory]
    [InlineData("1", 0, 1e-3)]
    [InlineData("0.25", 0.01, 6)]
    public async Task LabelsMoveTowardsWhatTwoModelsFind(string share, double least, double most)
    {
        var samples = Path.Combine(TestFiles.RepositoryRoot, "samples");
        var run = await CliRun.Of(
            "label", samples, "--out", _folder["out"], "--second", "compact", "--label-share", share, "--quiet");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var (before, after) = (FaceFolder.Open(samples).Faces, FaceFolder.Open(_folder["out"]).Faces);
        Assert.Equal(before.Count, after.Count);
        foreach (var (one, other) in before.Zip(after))
        {
            var nme = 100 * Metrics.Nme([.. other.Landmarks], [.. one.Landmarks], LandmarkScheme.Ibug68);
            Assert.InRange(nme, least, most);
            Assert.Equal(one.Style, other.Style);
        }
    }

    [Fact]
    public async Task ASecondModelThatGivesNoCoordinatesIsRefused()
    {
        var run = await CliRun.Of(
            "label", Path.Combine(TestFiles.RepositoryRoot, "samples"), "--out", _folder["out"],
            "--second", Path.Combine(TestFiles.RepositoryRoot, "models", "finder.onnx"));
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("expected one input [N, 3, S, S]", run.Error);
        Assert.False(Directory.Exists(_folder["out"]));
    }

    [Fact]
    public async Task ABrokenPictureIsReportedAndTheRestIsDone()
    {
        File.WriteAllText(_folder["broken.png"], "no picture");
        var run = await CliRun.Of(
            "label", _folder["broken.png"], Path.Combine(TestFiles.RepositoryRoot, "samples", "images", "comic.png"),
            "--out", _folder["out"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("broken.png", run.Error);
        Assert.Single(FaceFolder.Open(_folder["out"]).Faces);
    }

    [Fact]
    public async Task LabelledFacesAreNotReplaced()
    {
        File.WriteAllText(_folder["annotations.tsv"], "mine");
        (await CliRun.Of("label", TestFiles.RepositoryRoot, "--out", _folder.Path)).AssertBadCall(
            "holds labelled faces");
        (await CliRun.Of("label", _folder.Path, "--out", _folder["x"], "--tolerance", "0")).AssertBadCall(
            "--tolerance");
    }
}
