using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Mdfld.Data;
using Mdfld.Tests.Cli;

namespace Mdfld.Tests.Studio;

/// <summary>A detector adapted to a few faces, at a toy size: docs/studio.md has what the real size does.</summary>
public sealed class AdaptTests
{
    private static readonly string[] Few = ["phases.0.steps=1", "phases.1.steps=2", "batch=4", "validate_every=2"];

    private static string Recipe { get; } = Path.Combine(TestFiles.RepositoryRoot, "recipes", "adapt.yaml");

    private static string Start { get; } = Path.Combine(TestFiles.RepositoryRoot, "models", "compact.safetensors");

    [Fact]
    public async Task TheCommandWritesAModelThatIsTheOldOneAndLittleMore()
    {
        await using var faces = StudioFixture.OfDrawn(20, seed: 7);
        var run = await CliRun.Of(["train", "adapt", faces.Folder, "--recipe", Recipe, "--start", Start, .. Few.SelectMany(s => (string[])["--set", s])]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("kept aside, 4 faces: NME ", run.Output);
        Assert.Contains("drawn faces, 60 faces: NME ", run.Output);
        var file = Path.Combine(faces.Folder, ".mdfld", "models", "adapted.onnx");
        Assert.False(Directory.Exists(Path.ChangeExtension(file, ".run")));

        using var old = LandmarkDetector.Create(LandmarkModel.Load(StudioFixture.Model));
        using var adapted = LandmarkDetector.Create(LandmarkModel.Load(file));
        var picture = Picture.Load(TestFiles.Sample("comic.png"));
        var (a, b) = (Assert.Single(old.Detect(picture)), Assert.Single(adapted.Detect(picture)));
        // The calibration came along, the points moved by little: a step or two, and 8-bit integers.
        Assert.Equal(68, b.Uncertainty.Length);
        Assert.Equal(a.Confidence, b.Confidence, 0.1);
        Assert.Equal(old.Model.CropFactor, adapted.Model.CropFactor);
        Assert.InRange(Metrics.Nme(b.Points.AsSpan(), a.Points.AsSpan(), a.Scheme), 1e-6, 0.02);

        (await CliRun.Of("train", "adapt", faces.Folder, "--recipe", Recipe, "--start", Start)).AssertBadCall("--force replaces it");
    }

    [Fact]
    public async Task AStoppedRunGoesOn()
    {
        await using var faces = StudioFixture.OfDrawn(20, seed: 7);
        var model = faces["model.onnx"];
        string[] call = ["train", "adapt", faces.Folder, "--out", model, "--recipe", Recipe, "--start", Start, .. Few.SelectMany(s => (string[])["--set", s])];
        var stopped = await CliRun.InterruptedAt("compact", call);
        Assert.Equal(1, stopped.ExitCode);
        Assert.Contains("go on with --resume", stopped.Output);
        Assert.False(File.Exists(model));
        (await CliRun.Of(call)).AssertBadCall("--resume goes on with it");
        Assert.Equal(0, (await CliRun.Of([.. call, "--resume"])).ExitCode);
        Assert.True(File.Exists(model));
    }

    [Fact]
    public async Task TooFewFacesAreRefused()
    {
        await using var faces = StudioFixture.OfDrawn(19, seed: 7);
        var run = await CliRun.Of("train", "adapt", faces.Folder, "--recipe", Recipe, "--start", Start);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("19 labelled faces", run.Error);
        Assert.Contains("20 are needed", run.Error);
        var val = await CliRun.Of("train", "adapt", faces.Folder, "--replay", "x-val");
        val.AssertBadCall("a validation set");
    }

    [Fact]
    public async Task TheStudioOffersTheNewModelAtOnce()
    {
        await using var studio = StudioFixture.OfDrawn(20, seed: 7);
        await studio.StartAsync(settings => settings with { Adapt = new(Recipe, Start) { Calibrated = StudioFixture.Model, Changes = Few } });
        using var client = new HttpClient { BaseAddress = new Uri(studio.Address) };
        Assert.Equal(System.Net.HttpStatusCode.Accepted, (await client.PostAsync("api/adapt", null)).StatusCode);
        Assert.Equal(System.Net.HttpStatusCode.Conflict, (await client.PostAsync("api/adapt", null)).StatusCode);
        JsonNode status;
        while ((status = (await client.GetFromJsonAsync<JsonNode>("api/adapt"))!)["state"]!.ToString() == "running")
            await Task.Delay(50);
        Assert.True(status["state"]!.ToString() == "done", status.ToJsonString());
        Assert.Equal(["kept aside", "drawn faces"], status["errors"]!.AsArray().Select(e => e!["name"]!.ToString()));
        var folder = await client.GetFromJsonAsync<JsonNode>("api/folder");
        Assert.Equal(["compact", "adapted-1"], folder!["models"]!.AsArray().Select(m => m!.ToString()));
        var found = await client.PostAsync("api/detect?name=000.png&model=adapted-1", null);
        Assert.True(found.IsSuccessStatusCode);
    }

    [Fact]
    public async Task WithoutWhatItNeedsTheStudioSaysWhatToDo()
    {
        await using var studio = StudioFixture.OfDrawn(20, seed: 7);
        await studio.StartAsync(settings => settings with { AdaptProblem = "run mdfld setup torch" });
        using var client = new HttpClient { BaseAddress = new Uri(studio.Address) };
        var answer = await client.PostAsync("api/adapt", null);
        Assert.Equal(System.Net.HttpStatusCode.NotImplemented, answer.StatusCode);
        Assert.Contains("mdfld setup torch", await answer.Content.ReadAsStringAsync());
    }
}
