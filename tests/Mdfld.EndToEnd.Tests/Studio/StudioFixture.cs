using Mdfld.Data;
using Mdfld.Studio;

namespace Mdfld.Tests.Studio;

/// <summary>A studio on a folder of drawn faces, in the test's own process.</summary>
internal sealed class StudioFixture : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private StudioServer? _server;

    /// <summary>The folder that is opened.</summary>
    public string Folder => _folder["faces"];

    /// <summary>The address with its token.</summary>
    public string Address => _server!.Address;

    /// <summary>The folder of the built page; without it the studio serves what a test needs beside the page.</summary>
    public static string Page { get; } = Path.Combine(TestFiles.RepositoryRoot, ".build", "page");

    /// <summary>Why there is no page, or null.</summary>
    public static string? MissingReason { get; } = File.Exists(Path.Combine(Page, "index.html"))
        ? null : "the studio's page is not built: ./test builds it where Node.js is (20.19 or later)";

    public static string Model { get; } = Path.Combine(TestFiles.RepositoryRoot, "models", "compact.onnx");

    /// <summary>A path in the temporary folder; the opened one is <c>faces</c>.</summary>
    public string this[params string[] parts] => _folder[parts];

    /// <summary>A folder with some of the sample's pictures and one that holds no face.</summary>
    public static StudioFixture OfSamples(params string[] names)
    {
        var fixture = new StudioFixture();
        Directory.CreateDirectory(fixture.Folder);
        foreach (var name in names)
            File.Copy(TestFiles.Sample(name), Path.Combine(fixture.Folder, name));
        return fixture;
    }

    /// <summary>A folder of faces drawn at random, of one style, with their labels.</summary>
    public static StudioFixture OfDrawn(int count, int seed, Func<Picture, Picture>? restyle = null)
    {
        var fixture = new StudioFixture();
        WriteDrawn(fixture.Folder, count, seed, restyle);
        return fixture;
    }

    public static void WriteDrawn(string folder, int count, int seed, Func<Picture, Picture>? restyle = null)
    {
        Directory.CreateDirectory(Path.Combine(folder, "images"));
        var random = new Random(seed);
        var faces = new List<LabelledFace>();
        for (var i = 0; i < count; i++)
        {
            var drawn = DrawnFaces.Draw(random, 192);
            var picture = restyle?.Invoke(drawn.Picture) ?? drawn.Picture;
            picture.Save(Path.Combine(folder, "images", $"{i:000}.png"));
            faces.Add(LabelledFace.FromLandmarks($"{i:000}.png", drawn.Landmarks, "made"));
        }
        MetadataFile.Write(Path.Combine(folder, "annotations.tsv"), faces);
    }

    public async Task<StudioFixture> StartAsync(Func<StudioSettings, StudioSettings>? change = null)
    {
        Directory.CreateDirectory(_folder["page"]);
        var page = File.Exists(Path.Combine(Page, "index.html")) ? Page : _folder["page"];
        var settings = new StudioSettings(
            Folder, page, ["compact"],
            name => LandmarkDetector.Create(LandmarkModel.Load(name == "compact" ? Model : name)));
        _server = await StudioServer.StartAsync(change?.Invoke(settings) ?? settings);
        return this;
    }

    /// <summary>Ends the studio; the folder stays.</summary>
    public async Task StopAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _server = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }
}
