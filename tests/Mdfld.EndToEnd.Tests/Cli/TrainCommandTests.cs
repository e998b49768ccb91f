using System.Text.RegularExpressions;
using Mdfld.Tests.Training;

namespace Mdfld.Tests.Cli;

[Collection(nameof(Alone))]
public sealed class TrainCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TrainCommandTests()
    {
        TinyFaces.Write(_folder["faces"], 4);
        File.WriteAllText(_folder["recipe.yaml"], TinyFaces.Recipe(steps: 2));
        Directory.CreateDirectory(_folder["empty"]);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--recipe", "train", "detector", "--data", "DIR")]
    [InlineData("--data", "train", "detector", "--recipe", "DIR/recipe.yaml")]
    [InlineData("absent.yaml: no such file", "train", "detector", "--recipe", "DIR/absent.yaml", "--data", "DIR")]
    [InlineData(
        "'faces', named by the recipe, is not in",
        "train", "detector", "--recipe", "DIR/recipe.yaml", "--data", "DIR/absent")]
    [InlineData(
        "'faces', named by the recipe, is not in",
        "train", "detector", "--recipe", "DIR/recipe.yaml", "--data", "DIR/empty")]
    [InlineData(
        "compact, which is not for train finder",
        "train", "finder", "--recipe", "DIR/recipe.yaml", "--data", "DIR")]
    [InlineData(
        "compact, which is not for train scenes",
        "train", "scenes", "--recipe", "DIR/recipe.yaml", "--data", "DIR", "--out", "DIR/x")]
    [InlineData(
        "--count '0': expected a whole number from 1 to 100000",
        "train", "scenes", "--recipe", "DIR/recipe.yaml", "--data", "DIR", "--out", "DIR/x", "--count", "0")]
    [InlineData("--set 'batch'", "train", "detector", "--recipe", "DIR/recipe.yaml", "--data", "DIR", "--set", "batch")]
    [InlineData(
        "ends in .jpg or .png",
        "train", "preview", "--recipe", "DIR/recipe.yaml", "--data", "DIR", "--out", "DIR/x.gif")]
    [InlineData(
        "absent.yaml: no such file",
        "train", "preview", "--recipe", "DIR/absent.yaml", "--data", "DIR", "--out", "DIR/x.png")]
    [InlineData(
        "'faces', named by the recipe",
        "train", "preview", "--recipe", "DIR/recipe.yaml", "--data", "DIR/absent", "--out", "DIR/x.png")]
    [InlineData(
        "--phase 2",
        "train", "preview", "--recipe", "DIR/recipe.yaml", "--data", "DIR", "--out", "DIR/x.png", "--phase", "2")]
    [InlineData("absent.pkl: no such checkpoint", "export", "DIR/absent.pkl", "--out", "DIR/x.onnx")]
    [InlineData("that is the model that is read", "export", "DIR/x.onnx", "--out", "DIR/./x.onnx")]
    [InlineData("empty: no such checkpoint", "export", "DIR/empty", "--out", "DIR/x.onnx")]
    [InlineData("--out", "export", "DIR/recipe.yaml")]
    public async Task ABadCallExitsWith2AndOneLine(string message, params string[] args)
    {
        var before = Directory.GetFileSystemEntries(_folder.Path).Order().ToArray();
        var run = await CliRun.Of([.. args.Select(a => a.Replace("DIR", _folder.Path))]);
        run.AssertBadCall(message);
        Assert.Equal(before, Directory.GetFileSystemEntries(_folder.Path).Order());
    }

    /// <summary>A line that is no face, a picture that is none: all named, or left out.</summary>
    [Fact]
    public async Task WhatIsWrongInTheDataIsListedOrLeftOut()
    {
        var annotations = _folder["faces", "annotations.tsv"];
        File.Copy(annotations, annotations + ".sound");
        File.AppendAllText(annotations, "no face\nnone either\n");
        string[] train =
        [
            "train", "detector", "--recipe", _folder["recipe.yaml"], "--data", _folder.Path, "--out", _folder["run"],
            "--quiet",
        ];
        var refused = await CliRun.Of(train);
        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.Contains("2 entries are wrong", refused.Error);
        Assert.Contains("annotations.tsv, line 6: ", refused.Error);
        Assert.Contains("annotations.tsv, line 7: ", refused.Error);
        Assert.False(Directory.Exists(_folder["run"]));

        File.WriteAllText(_folder["faces", "images", "0.png"], "no picture");
        var run = await CliRun.Of([.. train, "--skip-bad"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Output));
        Assert.Contains("annotations.tsv, line 6: ", run.Error);
        Assert.Contains("0.png: ", run.Error);
        Assert.All(run.Error.TrimEnd().Split('\n'), l => Assert.EndsWith("; left out", l));

        // Cut within its pixels, which only decoding tells; missing.
        MetadataFile.Write(annotations, MetadataFile.Read(annotations + ".sound"));
        var sound = File.ReadAllBytes(_folder["faces", "images", "1.png"]);
        File.WriteAllBytes(_folder["faces", "images", "1.png"], sound[..^40]);
        File.Delete(_folder["faces", "images", "2.png"]);
        string[] again = [.. train.Select(a => a == _folder["run"] ? _folder["run2"] : a)];
        var listed = await CliRun.Of(again);
        Assert.Equal(1, listed.ExitCode);
        foreach (var name in (string[])["0.png", "1.png", "2.png"])
            Assert.Contains($"\n  {_folder["faces", "images", name]}", listed.Error.Replace("Could not find file '", ""));
        Assert.EndsWith("--skip-bad leaves them out\n", listed.Error);
        Assert.Equal(0, (await CliRun.Of([.. again, "--skip-bad"])).ExitCode);
    }

    /// <summary>A finder's own lists: lines of faces.tsv, whole pictures, labelled faces.</summary>
    [Fact]
    public async Task OfAFindersDataWhatIsWrongIsListedOrLeftOut()
    {
        using var runs = new TinyRuns();
        File.AppendAllText(runs.At("pictures/faces.tsv"), "afw_0.png\t1\t2\nabsent.png\t1\t2\t3\t4\n");
        string[] train =
        [
            "train", "finder", "--recipe", runs.At("finder.yaml"), "--data", runs.Root, "--out", runs.At("run"),
            "--quiet", "--set", "phases.0.steps=1",
        ];
        var refused = await CliRun.Of(train);
        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.Contains("faces.tsv: 2 entries are wrong:\n  ", refused.Error);
        Assert.Contains("faces.tsv, line 5: ", refused.Error);
        Assert.Contains("faces.tsv, line 6: no picture absent.png", refused.Error);
        Assert.EndsWith("\n  --skip-bad leaves them out\n", refused.Error);

        File.WriteAllText(runs.At("pictures/images/afw_1.png"), "no picture");
        File.AppendAllText(runs.At("faces/annotations.tsv"), "no face\n");
        var run = await CliRun.Of([.. train, "--skip-bad"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Output));
        foreach (var wrong in (string[])["faces.tsv, line 5: ", "faces.tsv, line 6: ", "afw_1.png: ", "annotations.tsv, line 8: "])
            Assert.Contains(wrong, run.Error);
        Assert.All(run.Error.TrimEnd().Split('\n'), l => Assert.EndsWith("; left out", l));
        Assert.True(File.Exists(runs.Checkpoint("finder", "run")));
    }

    [Fact]
    public async Task ARunSaysHowItGoesAndHowToGoOn()
    {
        string[] train =
            ["train", "detector", "--recipe", _folder["recipe.yaml"], "--data", _folder.Path, "--out", _folder["run"]];
        var run = await CliRun.Of(train);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("     2/2 loss ", run.Output);
        Assert.DoesNotContain("\e[", run.Output);
        Assert.Contains("faces/s", run.Output);
        // It validates once, at its end: the best checkpoint is as good as the last.
        var checkpoint = _folder["run", "last.safetensors"];
        Assert.Matches(@"compact: 0\.03 M parameters, 8 faces an epoch, cpu, \d+ replicas x \d+ threads", run.Output);
        Assert.Matches(
            $@"done: {Regex.Escape(checkpoint)} \(best [\d.]+ at step 2, last [\d.]+\); make it a model with: mdfld "
            + $"export {Regex.Escape(checkpoint)}", run.Output);

        (await CliRun.Of(train)).AssertBadCall("holds a run already");
        using (File.Open(_folder["run", ".mdfld-train"], FileMode.Create, FileAccess.Write, FileShare.None))
        {
            var second = await CliRun.Of([.. train, "--resume"]);
            Assert.Equal(1, second.ExitCode);
            Assert.Contains("another mdfld is writing into this folder", second.Error);
        }

        var export = await CliRun.Of("export", checkpoint, "--out", _folder["tiny.onnx"]);
        Assert.Equal((0, ""), (export.ExitCode, export.Error));
        Assert.StartsWith($"{_folder["tiny.onnx"]}: ", export.Output);
        Assert.EndsWith(" MB\n", export.Output);
    }
}
