using System.Diagnostics;
using System.Numerics;
using System.Text.Json;
using Mdfld.Cli;
using Mdfld.Tests.Cli;
using Mdfld.Tests.Torch;
using Mdfld.Tests.Training;
using Mdfld.Training;

namespace Mdfld.Tests.Models;

/// <summary>
/// Weights of others behind --model, and what fetches them; each in a process with its own XDG folders.
/// </summary>
[Collection(nameof(Alone))]
public sealed class ForeignModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ForeignModelTests()
    {
        Directory.CreateDirectory(_folder["models"]);
        TinyFaces.Write(_folder["faces"], 2);
        var picture = new Picture(128, 128);
        picture.Data.Fill(90);
        picture.Save(_folder["picture.png"]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ACheckpointOfStarRunsThroughTheCache()
    {
        var first = Evaluate(TestFiles.Golden("star_tiny.pkl"));
        Assert.Equal((0, ""), (first.ExitCode, first.Error));
        var model = Assert.Single(Directory.GetFiles(_folder["cache", "mdfld", "onnx"]));
        using var detector = LandmarkDetector.Load(model);
        Assert.Equal(
            100 * Evaluation.Run(detector, FaceFolder.Open(_folder["faces"])).All.Mean, Nme(first.Output), 1e-3);

        File.SetLastWriteTimeUtc(model, new DateTime(2020, 1, 1));
        var second = Evaluate(TestFiles.Golden("star_tiny.pkl"));
        Assert.Equal(Nme(first.Output), Nme(second.Output));
        Assert.Equal(new DateTime(2020, 1, 1), File.GetLastWriteTimeUtc(model));
    }

    [Fact]
    public async Task TorchScriptRunsBesideOnnx()
    {
        var script = _folder["face.torchscript.pt"];
        var units = Enumerable.Range(0, 136).Select(i => ((i % 17) - 8) / 20f).ToArray();
        File.WriteAllBytes(script, ScriptFiles.Face(units));
        using var detector = new LandmarkDetector(ScriptDetector.Load(script));
        var m = detector.Model;
        Assert.Equal(
            ("face", LandmarkScheme.Ibug68, 256, true, 127.5f, 127.5f, 1f),
            (m.Name, m.Scheme, m.Size, m.IsBgr, m.Mean, m.Std, m.CropFactor));
        var crop = new FaceCrop(new Vector2(63.5f), 64);
        var found = detector.Detect(Picture.Load(_folder["picture.png"]), crop).Points;
        for (var i = 0; i < 68; i++)
        {
            var u = new Vector2(units[2 * i] + ((90 - 127.5f) / 127.5f), units[(2 * i) + 1]);
            var expected = (u * 32) + new Vector2(63.5f);
            Assert.Equal(expected.X, found[i].X, 1e-3);
            Assert.Equal(expected.Y, found[i].Y, 1e-3);
        }

        var run = await CliRun.Of("evaluate", "--data", _folder["faces"], "--model", script, "--json", "--trust-code");
        Assert.Equal((0, $"mdfld: running the program in {script} (--trust-code)\n"), (run.ExitCode, run.Error));
        Assert.Equal(100 * Evaluation.Run(detector, FaceFolder.Open(_folder["faces"])).All.Mean, Nme(run.Output), 1e-3);
    }

    [Theory]
    [InlineData("    return torch.sum(image)", "expected one Float32 tensor")]
    [InlineData("    return torch.zeros([1, 70, 2])", "it finds 70 points")]
    [InlineData("    return torch.zeros([5, 68, 2])", "expected one Float32 tensor")]
    [InlineData("    return torch.matmul(image, self.points)", "its code fails")]
    public async Task TorchScriptThatIsNoLandmarkNetworkFailsInOneLine(string body, string message)
    {
        File.WriteAllBytes(_folder["other.pt"], ScriptFiles.Archive(body, [0, 0]));
        var run = await CliRun.Of("detect", _folder["picture.png"], "--model", _folder["other.pt"], "--trust-code");
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains(message, run.Error);
        var error = run.Error.TrimEnd().Split('\n');
        Assert.Equal(2, error.Length);
        Assert.Contains("other.pt", error[1]);
    }

    [Fact]
    public void PublishedWeightsAreListedAndFoundByNameOnceTheyAreThere()
    {
        File.WriteAllBytes(_folder["models", "tiny.onnx"], Detection.TinyModels.Means());
        var list = Start("model", "list");
        Assert.Equal((0, ""), (list.ExitCode, list.Error));
        Assert.Contains("no: mdfld model pull mdfld-v2", list.Output);
        Assert.Contains("399.8", list.Output);
        Evaluate("mdfld-v2").AssertBadCall("mdfld model pull mdfld-v2");

        var there = _folder["data", "mdfld", "weights", "mdfld_cartoon_v2.pkl"];
        Directory.CreateDirectory(Path.GetDirectoryName(there)!);
        File.Copy(TestFiles.Golden("star_tiny.pkl"), there);
        Assert.Contains("yes", Start("model", "list").Output);
        Assert.Equal(0, Evaluate("mdfld-v2").ExitCode);
        // The tiny network is not what was published.
        var pull = Start("model", "pull", "mdfld-v2");
        Assert.Equal(1, pull.ExitCode);
        Assert.Contains("expected f061f616", pull.Error);
    }

    [Fact]
    public void TheLicenceIsShownBeforeAnythingIsFetched()
    {
        using var server = new UnreliableServer((_, _, to) => UnreliableServer.Send(to, "200 OK", new byte[5]));
        var run = Start("model", "pull", "mdfld-v3", "--from", server.Url.ToString());
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("licence", run.Output);
        Assert.Contains("419214809", run.Output);
        Assert.Contains("needs --accept-licence", run.Error);
        Assert.Empty(server.Ranges);

        run = Start("model", "pull", "mdfld-v3", "--from", server.Url.ToString(), "--accept-licence");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("5 bytes, expected 419214809", run.Error);
        Assert.Empty(Directory.GetFiles(_folder["data"], "*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("no published weights are called 'other'; known: mdfld-v2, mdfld-v3, taesd, taesdxl, taesd3", "other")]
    [InlineData("--from ftp://x/y: expected http", "mdfld-v2", "--from", "ftp://x/y")]
    [InlineData("--from nowhere: expected http", "mdfld-v2", "--from", "nowhere")]
    public async Task ABadPullIsABadCall(string message, params string[] args) =>
        (await CliRun.Of(["model", "pull", .. args])).AssertBadCall(message);

    [Fact]
    public void ThePublishedTableIsSound()
    {
        Assert.All(PublishedWeights.All, w =>
        {
            Assert.All(w.Files, file =>
            {
                Assert.Equal("https", file.Url.Scheme);
                Assert.EndsWith($"/{file.Name}", file.Url.AbsolutePath);
                Assert.Matches("^[0-9a-f]{64}$", file.Sha256);
                Assert.Contains(file.Sha256, w.Licence);
            });
            Assert.Contains("licence", w.Licence);
        });
        Assert.Equal(PublishedWeights.All.Count, PublishedWeights.All.Select(w => w.Name).Distinct().Count());
    }

    [SharedDataFact]
    public void AnAutoencoderIsFetchedFileByFile()
    {
        var weights = PublishedWeights.Find("taesdxl")!;
        using var server = new UnreliableServer((request, from, to) => UnreliableServer.Serve(
            to, File.ReadAllBytes(TestFiles.Shared("weights", "taesd", weights.Files[request].Name)), from));
        var run = Start("model", "pull", weights.Name, "--from", server.Url.ToString(), "--accept-licence");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("use it with --vae taesdxl", run.Output);
        Assert.Equal(
            weights.Files.Select(f => f.Name).Order(),
            Directory.GetFiles(_folder["data", "mdfld", "weights", "taesdxl"]).Select(Path.GetFileName).Order());
        Assert.Contains("is there already", Start("model", "pull", weights.Name).Output);
    }

    private CliRun Start(params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Mdfld.Cli.dll"), .. args])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["MDFLD_MODELS"] = _folder["models"],
                ["XDG_CACHE_HOME"] = _folder["cache"],
                ["XDG_DATA_HOME"] = _folder["data"],
                [TorchRuntime.Variable] = TorchRuntime.Find(),
            },
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new CliRun(process.ExitCode, output, error.Result);
    }

    private CliRun Evaluate(string model) => Start("evaluate", "--data", _folder["faces"], "--model", model, "--json");

    private static double Nme(string output)
    {
        using var json = JsonDocument.Parse(output);
        return json.RootElement.GetProperty("nme").GetDouble();
    }
}
