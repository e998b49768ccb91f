using System.Diagnostics;
using System.Numerics;
using Mdfld.Tests.Launchers;

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
    public async Task NamesMayBeAnyBytes()
    {
        Directory.CreateDirectory(_folder["any"]);
        File.Copy(TestFiles.Sample("comic.png"), _folder["any", "a.png"]);
        Shell.Run("mv any/a.png any/$'\\xff\\n.png'", _folder.Path);
        var run = await CliRun.Of("label", _folder["any"], "--out", _folder["out"], "--quiet");
        Shell.Run("rm -r any", _folder.Path);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal("000000.png", Assert.Single(FaceFolder.Open(_folder["out"]).Faces).ImagePath);
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

    /// <summary>Killed at any moment and resumed, it ends with what an unbroken run writes.</summary>
    [Fact]
    public async Task KilledAndResumedItEndsTheSame()
    {
        var samples = Path.Combine(TestFiles.RepositoryRoot, "samples", "images");
        using (var unbroken = Start(samples, "unbroken"))
        {
            await unbroken.WaitForExitAsync();
            Assert.Equal(0, unbroken.ExitCode);
        }
        var random = new Random();
        for (var kill = 0; kill < 4; kill++)
        {
            using var run = Start(samples, "killed", "--resume");
            await Task.Delay(random.Next(500, 4000));
            run.Kill();
            await run.WaitForExitAsync();
        }
        using (var last = Start(samples, "killed", "--resume"))
        {
            await last.WaitForExitAsync();
            Assert.Equal(0, last.ExitCode);
        }
        Assert.Equal(Contents("unbroken"), Contents("killed"));

        Dictionary<string, string> Contents(string folder) => Directory
            .GetFiles(_folder[folder], "*", SearchOption.AllDirectories)
            // The record is in the order in which threads came to an end.
            .Where(f => !Path.GetFileName(f).StartsWith('.') && !f.EndsWith(".tmp", StringComparison.Ordinal))
            .ToDictionary(
                f => Path.GetRelativePath(_folder[folder], f), f => Convert.ToHexString(File.ReadAllBytes(f)));

        Process Start(string pictures, string folder, params string[] more) => Process.Start(
            new ProcessStartInfo("dotnet", [
                Path.Combine(AppContext.BaseDirectory, "Mdfld.Cli.dll"), "label", pictures, "--out", _folder[folder],
                "--crops", "9", "-q", .. more]))!;
    }

    [Fact]
    public async Task WhatWasDoneIsNotDoneAgainUnlessItDiffers()
    {
        var picture = _folder["comic.png"];
        File.Copy(TestFiles.Sample("comic.png"), picture);
        string[] call = ["label", picture, "--out", _folder["out"]];
        Assert.Equal("kept 1 of 1 pictures in ", (await CliRun.Of(call)).Output[..24]);
        (await CliRun.Of(call)).AssertBadCall("--resume goes on with it, --force replaces it");
        var before = File.GetLastWriteTimeUtc(_folder["out", "images", "000000.png"]);
        Assert.Equal(0, (await CliRun.Of([.. call, "--resume"])).ExitCode);
        Assert.Equal(before, File.GetLastWriteTimeUtc(_folder["out", "images", "000000.png"]));
        File.Copy(TestFiles.Sample("caricature.png"), picture, overwrite: true);
        Assert.Equal(0, (await CliRun.Of([.. call, "--resume"])).ExitCode);
        Assert.Equal(File.ReadAllBytes(picture), File.ReadAllBytes(_folder["out", "images", "000000.png"]));
        Assert.Contains("another options", (await CliRun.Of([.. call, "--resume", "--tolerance", "5"])).Error);
    }

    /// <summary>A dangling link, a pipe, a picture that is none: a line each, and the rest is done.</summary>
    [Fact]
    public async Task WhatIsNoPictureCostsItself()
    {
        Directory.CreateDirectory(_folder["in"]);
        File.CreateSymbolicLink(_folder["in", "dangling.png"], "absent.png");
        File.Copy(TestFiles.Sample("comic.png"), _folder["in", "z.png"]);
        Launchers.Shell.Run("mkfifo in/pipe.png", _folder.Path);
        foreach (var call in (string[][])[
            ["label", _folder["in"], "--out", _folder["out"]], ["detect", _folder["in"], "--format", "csv"]])
        {
            var run = await CliRun.Of(call);
            Assert.Equal(1, run.ExitCode);
            Assert.Contains("dangling.png", run.Error);
            Assert.Contains(
                "pipe.png: expected a JPEG, PNG, WebP, GIF or BMP picture, found an empty file or a pipe", run.Error);
        }
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
        // Nor what is labelled, by any name.
        Directory.CreateDirectory(_folder["images"]);
        File.Copy(TestFiles.Sample("comic.png"), _folder["images", "000000.png"]);
        File.CreateSymbolicLink(_folder["link.png"], _folder["images", "000000.png"]);
        foreach (var input in (string[])[_folder["images"], _folder["link.png"]])
            (await CliRun.Of("label", input, "--out", _folder.Path, "--force")).AssertBadCall("which is in use");
    }
}
