using System.Numerics;

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

    [Fact]
    public async Task LabelsMoveTowardsWhatTwoModelsFind()
    {
        var samples = Path.Combine(TestFiles.RepositoryRoot, "samples");
        var labels = FaceFolder.Open(samples).Faces;
        var (kept, moved, replaced) = (await MovesBy("1"), await MovesBy("0.25"), await MovesBy("0"));
        Assert.All(kept, move => Assert.InRange(move, 0, 1e-3f));
        // A quarter of the label stays: three quarters of the way to what the models find, but never over 3 %.
        const float most = 0.03f;
        foreach (var (part, whole) in moved.Zip(replaced))
            Assert.InRange(part, (0.75f * whole) - 1e-4f, (whole < most - 1e-4f ? 0.75f * whole : most) + 1e-4f);
        Assert.True(replaced.Average() > 0.005, $"{replaced.Average()}");

        // How far each point moves, in longest sides of the tight box.
        async Task<float[]> MovesBy(string share)
        {
            var target = _folder[$"share-{share}"];
            var run = await CliRun.Of(
                "label", samples, "--out", target, "--second", "compact", "--label-share", share, "--quiet");
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
            var faces = FaceFolder.Open(target).Faces;
            Assert.Equal(labels.Select(f => f.Style), faces.Select(f => f.Style));
            return [.. labels.Zip(faces).SelectMany(pair =>
            {
                var side = FaceBox.Around([.. pair.First.Landmarks]).ToCrop(1).Side;
                return pair.First.Landmarks.Zip(
                    pair.Second.Landmarks, (label, point) => Vector2.Distance(label, point) / side);
            })];
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
