using System.Text;
using Mdfld.Tests.Checkpoints;
using Mdfld.Tests.Cli;
using Mdfld.Tests.Detection;
using Mdfld.Tests.Torch;
using Mdfld.Training.Weights;
using Mdfld.Training.Onnx;
using Mdfld.Training;
using Google.Protobuf;
using ModelFile = Mdfld.Training.ModelFile;

namespace Mdfld.Tests.Models;

/// <summary>What a model file is, its content decides.</summary>
public sealed class ModelFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheContentDecidesWhateverTheName()
    {
        var other = ModelProto.Parser.ParseFrom(TinyModels.Means());
        other.MetadataProps.Clear();
        (byte[] Content, ModelKind Kind)[] files =
        [
            (TinyModels.Means(), ModelKind.Landmarks),
            (TinyFinders.Bright(), ModelKind.Finder),
            (TinyFinders.BrightAsYuNet(), ModelKind.Finder),
            (other.ToByteArray(), ModelKind.OtherOnnx),
            (File.ReadAllBytes(TestFiles.Golden("star_tiny.pkl")), ModelKind.Checkpoint),
            (File.ReadAllBytes(TestFiles.Golden("star_tiny_legacy.pkl")), ModelKind.Checkpoint),
            (File.ReadAllBytes(TestFiles.Golden("star_tiny.safetensors")), ModelKind.Checkpoint),
            (ScriptFiles.Face([0, 0]), ModelKind.TorchScript),
        ];
        foreach (var name in (string[])["a.onnx", "a.pkl", "a.safetensors", "a"])
        {
            foreach (var (content, kind) in files)
                Assert.Equal(kind, Open(content, name).Kind);
        }
    }

    /// <summary>torch.jit.save compresses the code, which is not read here.</summary>
    [Fact]
    public void AScriptWithCompressedCodeIsOne()
    {
        var pickle = TorchFiles.Pickle("}");
        Assert.Equal(ModelKind.TorchScript, Open(TorchFiles.ZipOf(
            System.IO.Compression.CompressionLevel.Optimal,
            ("m/data.pkl", pickle), ("m/constants.pkl", pickle), ("m/code/__torch__.py", new byte[5000]))).Kind);
    }

    [Theory]
    [InlineData("", "found an empty file")]
    [InlineData("<!DOCTYPE html>", "found a web page")]
    [InlineData("version https://git-lfs.github.com/spec/v1", "found a Git LFS pointer")]
    [InlineData("GIF89a, a picture", "found a file that begins with 'GIF89a")]
    [InlineData("PK\x3\x4", "zip directory is missing")]
    public void WhatIsNoModelIsRefused(string content, string found)
    {
        var refusal = Assert.Throws<InvalidDataException>(() => Open(Encoding.Latin1.GetBytes(content)));
        Assert.StartsWith(_folder["model"], refusal.Message);
        Assert.Contains(found, refusal.Message);
    }

    [Fact]
    public void AnotherZipIsNoCheckpoint()
    {
        var zip = TorchFiles.ZipOf(
            System.IO.Compression.CompressionLevel.NoCompression, ("word/document.xml", new byte[10]));
        Assert.Contains("this one has none", Assert.Throws<InvalidDataException>(() => Open(zip)).Message);
        Assert.Throws<FileNotFoundException>(() => ModelFile.Open(_folder["absent"]));
    }

    [Theory]
    [InlineData("star_tiny.pkl")]
    [InlineData("star_tiny_legacy.pkl")]
    public void ACheckpointOfStarIsDescribedByItsTensors(string name)
    {
        var facts = ModelFile.Open(TestFiles.Golden(name)).Describe();
        Assert.StartsWith("STAR, ", facts["network"]);
        Assert.Equal(("68 (300W)", "256 x 256"), (facts["points"], facts["size"]));
        Assert.StartsWith("net", facts["entries"]);
        using var network = Mdfld.Training.StarCheckpoint.Load(TestFiles.Golden(name));
        Assert.Equal($"{network.Parameters().Sum(p => p.Tensor.NumberOfElements)}", facts["parameters"]);
    }

    [Fact]
    public void OurCheckpointsSayWhatTheyAre()
    {
        var tensor = new RawTensor(ScalarType.Float32, [2, 3], new byte[24]);
        SafeTensors.Write(
            _folder["ours.bin"],
            [("net.a.weight", tensor), ("net_ema.a.weight", tensor), ("net_ema.a.running_mean", tensor)],
            new Dictionary<string, string>
            {
                [TrainingCheckpoint.NameKey] = "mine",
                [TrainingCheckpoint.NetworkKey] = "compact",
                [DetectorProperties.Points] = "68",
                [DetectorProperties.Size] = "128",
            });
        var facts = ModelFile.Open(_folder["ours.bin"]).Describe();
        Assert.Equal(
            ["name mine", "network compact", "points 68", "size 128 x 128", "parameters 6", "entries net, net_ema"],
            facts.Select(f => $"{f.Key} {f.Value}"));
    }

    [Fact]
    public async Task InfoOfACheckpointBuildsAndWritesNothing()
    {
        File.Copy(TestFiles.Golden("star_tiny.pkl"), _folder["best_model.pkl"]);
        var run = await CliRun.Of("model", "info", _folder["best_model.pkl"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        foreach (var line in (string[])["network   STAR, ", "points    68 (300W)", "parameters ", "entries   net"])
            Assert.Contains(line, run.Output);
        Assert.Single(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task OtherModelsAreRefusedByWhatTheyAre()
    {
        File.WriteAllBytes(_folder["finder.pkl"], TinyFinders.Bright());
        File.WriteAllBytes(_folder["tiny.pkl"], TinyModels.Means());
        new Picture(40, 40).Save(_folder["black.png"]);
        await Fails("found a face finder", "detect", _folder["black.png"], "--model", _folder["finder.pkl"]);
        await Fails("found a landmark model", "export", _folder["tiny.pkl"], "--out", _folder["out.onnx"]);
        await Fails(
            "expected a landmark model (ONNX), found a checkpoint",
            "calibrate", TestFiles.Golden("star_tiny.pkl"), "--data", _folder.Path, "--out", _folder["sure.onnx"]);
        // The name misleads nobody: it is a landmark model, and runs.
        var run = await CliRun.Of(
            "detect", _folder["black.png"], "--boxes", "whole", "--model", _folder["tiny.pkl"], "-q");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));

        static async Task Fails(string message, params string[] args)
        {
            var run = await CliRun.Of(args);
            Assert.Equal((1, ""), (run.ExitCode, run.Output));
            Assert.Contains(message, run.Error);
            Assert.Single(run.Error.TrimEnd().Split('\n'));
        }
    }

    [Fact]
    public async Task NamesCannotCommandATerminal()
    {
        const string Escape = "\u001b]0;owned\u0007\u009b2J\u202e\n";
        File.WriteAllBytes(_folder["name.onnx"], TinyModels.Means(TinyModels.With("mdfld.name", $"a{Escape}b")));
        File.WriteAllText(_folder["name.md"], $"# Card{Escape}second line\n");
        var info = await CliRun.Of("model", "info", _folder["name.onnx"]);
        Assert.Equal(0, info.ExitCode);
        Assert.Equal(
            "name      a\ufffd]0;owned\ufffd\ufffd2J\ufffd\ufffdb", info.Output.Split('\n')[0]);
        Assert.Contains("second line\n", info.Output);
        AssertClean(info.Output);

        File.WriteAllText(_folder["\u001b[31mred.onnx"], "\u001b[31mno model");
        var red = await CliRun.Of("model", "info", _folder["\u001b[31mred.onnx"]);
        Assert.Equal(1, red.ExitCode);
        AssertClean(red.Error);
        AssertClean((await CliRun.Of("model", "info", "\u001b[31mabsent.onnx")).Error);

        static void AssertClean(string text) =>
            Assert.DoesNotContain(text, c => c != '\n' && (char.IsControl(c) || c == '\u202e'));
    }

    private ModelFile Open(byte[] content, string name = "model")
    {
        File.WriteAllBytes(_folder[name], content);
        return ModelFile.Open(_folder[name]);
    }
}
