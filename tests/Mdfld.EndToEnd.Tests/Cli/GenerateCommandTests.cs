using System.Text.Json;
using System.Text.RegularExpressions;
using Mdfld.Generation;
using Mdfld.Training.Weights;

namespace Mdfld.Tests.Cli;

[Collection(nameof(Alone))]
public sealed class GenerateCommandTests : IDisposable
{
    private static readonly string Samples = Path.Combine(TestFiles.RepositoryRoot, "samples");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ADatasetThatOtherCommandsTake()
    {
        var made = await Generate("out", "--styles", "pencil,oil", "--per-style", "2");
        Assert.True(made.ExitCode == 0, made.Error);
        Assert.Contains("4 pairs in 2 styles", made.Error);
        Assert.Equal(
            ["README.md", "annotations.tsv", "generate.json", "images", "samples.jsonl", "sheets"], Names("out"));
        Assert.Equal(["00000.png", "00001.png"], Names("out", "images", "oil"));
        Assert.Equal(["oil.png", "pencil.png"], Names("out", "sheets"));

        var set = FaceFolder.Open(_folder["out"]);
        Assert.Equal(["oil", "oil", "pencil", "pencil"], set.Faces.Select(f => f.Style));
        foreach (var face in set.Faces)
        {
            var picture = Picture.Load(set.ImagePath(face));
            Assert.Equal((256, 256, 68), (picture.Width, picture.Height, face.Landmarks.Count));
        }
        foreach (var line in File.ReadLines(_folder["out", "samples.jsonl"]))
        {
            using var json = JsonDocument.Parse(line);
            Assert.Equal("stylize", json.RootElement.GetProperty("engine").GetString());
            Assert.EndsWith("of a face", json.RootElement.GetProperty("prompt").GetString());
            Assert.InRange(json.RootElement.GetProperty("checks").EnumerateArray().Last().GetProperty("nme").GetDouble(), 0, 40);
        }
        Assert.Contains("| pencil | 2 | ", File.ReadAllText(_folder["out", "README.md"]));

        var inspected = await CliRun.Of("dataset", "inspect", _folder["out"]);
        Assert.True(inspected.ExitCode == 0, inspected.Output + inspected.Error);
        Assert.Contains("4 faces of 68 points in 4 pictures", inspected.Output);
        Assert.Equal(0, (await CliRun.Of("dataset", "preview", _folder["out"], "--out", _folder["preview"])).ExitCode);
        Assert.Equal(0, (await CliRun.Of(
            "dataset", "split", _folder["out"], _folder["split"], "--parts", "a=0.5,b=0.5", "--copy")).ExitCode);
        Assert.Equal(0, (await CliRun.Of(
            "dataset", "convert", _folder["out"], _folder["coco"], "--to", "coco")).ExitCode);
        Assert.Equal(0, (await CliRun.Of("evaluate", "--data", _folder["out"])).ExitCode);
    }

    /// <summary>What shards and more pairs later give is what one run gives.</summary>
    [Fact]
    public async Task ShardsAndLaterPairsAreTheSameBytes()
    {
        Assert.Equal(0, (await Generate("whole", "--styles", "manga,clay", "--per-style", "3")).ExitCode);
        Assert.Equal(0, (await Generate("grown", "--styles", "clay", "--per-style", "1", "--threads", "1")).ExitCode);
        Assert.Equal(0, (await Generate("grown", "--styles", "manga,clay", "--per-style", "3", "--resume")).ExitCode);
        AssertSame("whole", "grown");
        foreach (var shard in (string[])["2/3", "1/3", "3/3"])
        {
            var run = await Generate("shards", "--styles", "manga,clay", "--per-style", "3", "--shard", shard);
            Assert.True(run.ExitCode == 0, run.Error);
            Assert.Contains(shard == "3/3" ? "6 pairs" : "still to come", run.Error);
        }
        AssertSame("whole", "shards");
        Assert.Equal(0, (await Generate("whole", "--styles", "manga,clay", "--per-style", "3", "--resume")).ExitCode);
        AssertSame("whole", "shards");
    }

    [Fact]
    public async Task APairThatDisagreesIsMadeAgainAndGivenUp()
    {
        var strict = await Generate(
            "out", "--styles", "oil", "--per-style", "1", "--check-threshold", "0.01", "--attempts", "3");
        Assert.Equal(1, strict.ExitCode);
        Assert.Contains("no pair of oil passed the check", strict.Error);
        using var json = JsonDocument.Parse(File.ReadAllText(_folder["out", "samples.jsonl"]));
        Assert.Equal(3, json.RootElement.GetProperty("checks").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("image").ValueKind);
        Assert.Empty(Directory.GetFiles(_folder["out", "images", "oil"]));
        Assert.Contains("| oil | 0 | 2 | 1 | - | - | - |", File.ReadAllText(_folder["out", "README.md"]));
    }

    /// <summary>Without labelled faces there are drawn ones, to redraw and to paint over, and the same check.</summary>
    [Theory]
    [InlineData("--engine stylize", null)]
    [InlineData("--steps 4", "stylized + photo")]
    public async Task DrawingsAreTakenWhereNoFacesAreGiven(string arguments, string? start)
    {
        var run = await CliRun.Of(
            ["generate", "--styles", "photo,pencil", "--per-style", "1", "--out", _folder["out"], .. arguments.Split(' ')]);

        Assert.True(run.ExitCode == 0, run.Error);
        foreach (var line in File.ReadLines(_folder["out", "samples.jsonl"]))
        {
            using var json = JsonDocument.Parse(line);
            Assert.Matches("^drawn [0-9]+$", json.RootElement.GetProperty("source").GetString());
            Assert.Equal(start, json.RootElement.TryGetProperty("start", out var found) ? found.GetString() : null);
        }
    }

    [Fact]
    public async Task TheTinyModelPaintsFromLandmarksOfItsOwn()
    {
        string[] arguments =
        [
            "generate", "--styles", "pencil", "--per-style", "1", "--generator", TestFiles.Diffusion("tiny-sd"),
            "--steps", "2", "--sampler", "ddim", "--check", "none", "--out",
        ];
        foreach (var name in (string[])["one", "two"])
        {
            var run = await CliRun.Of([.. arguments, _folder[name]]);
            Assert.True(run.ExitCode == 0, run.Error);
        }
        AssertSame("one", "two");
        using var json = JsonDocument.Parse(File.ReadAllText(_folder["one", "samples.jsonl"]));
        Assert.Equal("tiny-sd", json.RootElement.GetProperty("model").GetString());
        Assert.Equal(64, json.RootElement.GetProperty("model_sha256").GetString()!.Length);
        Assert.Equal("ddim", json.RootElement.GetProperty("sampler").GetString());
        var verified = await CliRun.Of("dataset", "verify", _folder["one"]);
        Assert.True(verified.ExitCode == 0, verified.Output);

        var photo = await CliRun.Of([.. arguments, _folder["three"], "--start", "stylized", "--landmarks", Samples]);
        Assert.True(photo.ExitCode == 0, photo.Error);
        Assert.NotEqual(
            File.ReadAllBytes(_folder["one", "images", "pencil", "00000.png"]),
            File.ReadAllBytes(_folder["three", "images", "pencil", "00000.png"]));

        // Another machine's type gives other bytes.
        var settings = File.ReadAllText(_folder["one", "generate.json"]);
        Assert.Matches("\"compute_type\": \"b?float(32|16)\"", settings);
        File.WriteAllText(_folder["one", "generate.json"], Regex.Replace(settings, "b?float(32|16)", "float64"));
        var other = await CliRun.Of([.. arguments, _folder["one"], "--resume"]);
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("differs in compute_type", other.Error);
    }

    [Fact]
    public async Task PartsOfOtherFoldersAndLowRankChangesCount()
    {
        var tiny = TestFiles.Diffusion("tiny-sd");
        using (var unet = ModelParts.ReadUNet(Path.Combine(tiny, "unet")))
        {
            const string Layer = "mid_block.attentions.0.proj_in";
            var shape = unet.StateDict().Single(t => t.Name == Layer + ".weight").Tensor.shape;
            using var down = TorchSharp.torch.ones(2, shape[1], 1, 1);
            using var up = TorchSharp.torch.ones(shape[0], 2, 1, 1);
            SafeTensors.Write(
                _folder["look.safetensors"],
                [($"unet.{Layer}.lora_A.weight", down), ($"unet.{Layer}.lora_B.weight", up)]);
        }
        string[] arguments =
        [
            "generate", "--styles", "pencil", "--per-style", "1", "--generator", tiny, "--steps", "2",
            "--check", "none",
        ];
        var plain = await Paint("plain");
        Assert.Equal("tiny-sd", plain.Model);
        // The same numbers under other names, and the folder's own network.
        var same = await Paint(
            "same", "--vae", Path.Combine(tiny, "vae-newkeys"), "--controlnet", Path.Combine(tiny, "controlnet"),
            "--lora", _folder["look.safetensors"], "--lora-scale", "0");
        Assert.Equal("tiny-sd + vae-newkeys + controlnet + look.safetensors x 0", same.Model);
        Assert.Equal(plain.Picture, same.Picture);
        var changed = await Paint("changed", "--lora", _folder["look.safetensors"]);
        Assert.Equal("tiny-sd + look.safetensors", changed.Model);
        Assert.NotEqual(plain.Picture, changed.Picture);

        async Task<(byte[] Picture, string? Model)> Paint(string name, params string[] more)
        {
            var run = await CliRun.Of([.. arguments, "--out", _folder[name], .. more]);
            Assert.True(run.ExitCode == 0, run.Error);
            using var json = JsonDocument.Parse(File.ReadAllText(_folder[name, "samples.jsonl"]));
            return (
                File.ReadAllBytes(_folder[name, "images", "pencil", "00000.png"]),
                json.RootElement.GetProperty("model").GetString());
        }
    }

    [Fact]
    public async Task VerifyNamesEveryKindOfDamage()
    {
        Assert.Equal(0, (await Generate("out", "--styles", "oil,pencil", "--per-style", "2")).ExitCode);
        var whole = await CliRun.Of("dataset", "verify", _folder["out"]);
        Assert.Equal(0, whole.ExitCode);
        Assert.Contains("4 pairs in 2 styles, no problems", whole.Output);

        File.Delete(_folder["out", "images", "oil", "00000.png"]);
        new Picture(64, 64).Save(_folder["out", "images", "oil", "00001.png"]);
        File.WriteAllText(_folder["out", "images", "pencil", "stray.png"], "");
        var lines = File.ReadAllLines(_folder["out", "annotations.tsv"]);
        File.WriteAllLines(_folder["out", "annotations.tsv"], lines[..^1]);
        var damaged = await CliRun.Of("dataset", "verify", _folder["out"]);
        Assert.Equal(1, damaged.ExitCode);
        Assert.Contains("oil/00000.png: the picture is missing", damaged.Output);
        Assert.Contains("oil/00001.png: the picture has another SHA-256", damaged.Output);
        Assert.Contains("pencil/stray.png: a picture of no record", damaged.Output);
        Assert.Contains("no line for pencil/00001.png", damaged.Output);
        Assert.Contains("4 problems", damaged.Output);

        Assert.Contains("generate.json", (await CliRun.Of("dataset", "verify", Samples)).Error);
        (await CliRun.Of("dataset", "verify", _folder["none"])).AssertBadCall("no such folder");
    }

    [Fact]
    public async Task BadCallsAreOneLineAndNothingIsWritten()
    {
        (await Generate("out", "--styles", "crayon")).AssertBadCall("no style is called 'crayon'");
        (await Generate("out", "--shard", "3/2")).AssertBadCall("--shard");
        (await Generate("out", "--check-threshold", "0")).AssertBadCall("--check-threshold");
        (await Generate("out", "--style-file", "none.yaml")).AssertBadCall("none.yaml");
        (await Generate("out", "--generator", "x")).AssertBadCall("--generator has no meaning");
        (await Generate("out", "--vae", "taesd")).AssertBadCall("--vae has no meaning");
        (await Generate("out", "--lora", "x")).AssertBadCall("--lora has no meaning");
        (await CliRun.Of("generate", "--vae", _folder["none"], "--out", _folder["out"])).AssertBadCall("--vae");
        (await CliRun.Of("generate", "--lora", _folder["none"], "--out", _folder["out"])).AssertBadCall("no such file");
        (await CliRun.Of("generate", "--controlnet", _folder["none"], "--out", _folder["out"])).AssertBadCall(
            "no such folder");
        (await CliRun.Of("generate", "--engine", "stylize", "--landmarks", _folder["none"], "--out", _folder["out"]))
            .AssertBadCall("no such file or folder");
        (await CliRun.Of("generate", "--generator", _folder["none"], "--out", _folder["out"])).AssertBadCall(
            "no such folder");
        (await CliRun.Of(
            "generate", "--generator", TestFiles.Diffusion("tiny-sd"), "--sampler", "magic", "--out", _folder["out"]))
            .AssertBadCall("magic");
        (await Generate("out", "--styles", "oil", "--landmarks", _folder["none"])).AssertBadCall(
            "no such file or folder");
        Assert.Empty(Names("."));
    }

    [Theory]
    [InlineData(67, "67 landmarks")]
    [InlineData(29, "29 landmarks")]
    public async Task LandmarksOfAnotherNumberAreOneError(int count, string message)
    {
        var points = string.Join(',', Enumerable.Range(0, 2 * count));
        File.WriteAllText(_folder["annotations.tsv"], $"a.png\t1,2,3,4,5,6,7,8,9,10\t{points}\t1\t5\t5\n");
        var run = await CliRun.Of(
            "generate", "--engine", "stylize", "--landmarks", _folder["annotations.tsv"], "--out", _folder["out"]);
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains(message, run.Error);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
        Assert.False(Directory.Exists(_folder["out"]));
    }

    [Fact]
    public async Task AFolderOfOtherThingsIsLeftAlone()
    {
        Directory.CreateDirectory(_folder["out"]);
        File.WriteAllText(_folder["out", "letter"], "");
        (await Generate("out", "--styles", "oil")).AssertBadCall("holds something already");
        (await Generate("out", "--styles", "oil", "--resume")).AssertBadCall("nothing to resume");
        Assert.Equal(["letter"], Names("out"));
        File.WriteAllText(_folder["file"], "");
        (await Generate("file", "--styles", "oil")).AssertBadCall("this is a file");

        Assert.Equal(0, (await Generate("done", "--styles", "oil", "--per-style", "1")).ExitCode);
        (await Generate("done", "--styles", "oil", "--per-style", "1")).AssertBadCall("--resume");
        (await Generate("done", "--styles", "oil", "--per-style", "2", "--resume", "--seed", "7"))
            .AssertBadCall("differs in seed");

        (await Generate("done", "--styles", "oil", "--landmarks", _folder["done"], "--force"))
            .AssertBadCall("which is in use");

        // Another seed, and nothing of the first one's: but a letter stays.
        File.WriteAllText(_folder["done", "letter"], "");
        var forced = await Generate("done", "--styles", "pencil", "--per-style", "1", "--seed", "7", "--force", "-q");
        Assert.Equal((0, ""), (forced.ExitCode, forced.Error));
        Assert.Equal(["pencil"], Names("done", "images"));
        Assert.Contains("letter", Names("done"));
        Assert.Single(File.ReadAllLines(_folder["done", "samples.jsonl"]));
        (await Generate("out", "--styles", "oil", "--force")).AssertBadCall("holds something already");
        (await Generate("done", "--styles", "pencil", "--shard", "1/2", "--force")).AssertBadCall("one of several shards");
    }

    [Fact]
    public async Task AMissingPhotoOrModelPartIsOneError()
    {
        File.Copy(Path.Combine(Samples, "annotations.tsv"), _folder["annotations.tsv"]);
        var run = await CliRun.Of(
            "generate", "--engine", "stylize", "--landmarks", _folder["annotations.tsv"], "--out", _folder["out"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("no such picture", run.Error);
        Directory.CreateDirectory(_folder["model"]);
        var model = await CliRun.Of("generate", "--generator", _folder["model"], "--out", _folder["out"]);
        Assert.Equal(1, model.ExitCode);
        Assert.Contains("model_index.json", model.Error);
        Assert.False(Directory.Exists(_folder["out"]));
    }

    /// <summary>The detector has not learnt from drawings redrawn: unless told, the check is lenient.</summary>
    private Task<CliRun> Generate(string folder, params string[] more) => CliRun.Of(
    [
        "generate", "--engine", "stylize", "--landmarks", Samples, "--out", _folder[folder],
        .. more.Contains("--check-threshold") ? (string[])[] : ["--check", "nme", "--check-threshold", "40"], .. more,
    ]);

    private string[] Names(params string[] path) =>
        [.. Directory.GetFileSystemEntries(_folder[path])
            .Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    private void AssertSame(string first, string second)
    {
        string[] files = [.. Files(first)];
        Assert.Equal(files, Files(second));
        Assert.All(files, f => Assert.True(
            File.ReadAllBytes(_folder[first, f]).AsSpan().SequenceEqual(File.ReadAllBytes(_folder[second, f])), f));

        IEnumerable<string> Files(string folder) =>
            Directory.GetFiles(_folder[folder], "*", SearchOption.AllDirectories)
                .Select(f => Path.GetRelativePath(_folder[folder], f)).Order(StringComparer.Ordinal);
    }
}
