using System.Net;
using System.Net.Http.Json;
using System.Numerics;
using System.Text.Json.Nodes;
using Mdfld.Data;

namespace Mdfld.Tests.Studio;

/// <summary>What the studio's server answers, to its page and to others.</summary>
public sealed class StudioServerTests
{
    [Fact]
    public async Task OnlyTheAddressWithItsTokenIsAnswered()
    {
        await using var studio = await StudioFixture.OfSamples("comic.png").StartAsync();
        using var client = new HttpClient();
        var root = new Uri(studio.Address);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(studio.Address + "api/folder")).StatusCode);
        foreach (var path in (string[])["/", "/api/folder", $"/{new string('0', 32)}/api/folder", "/%2e%2e/api/folder"])
            Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync(new Uri(root, path))).StatusCode);

        async Task<HttpStatusCode> With(string header, string value, HttpMethod method)
        {
            using var request = new HttpRequestMessage(method, studio.Address + "api/folder");
            request.Headers.TryAddWithoutValidation(header, value);
            return (await client.SendAsync(request)).StatusCode;
        }
        Assert.Equal(HttpStatusCode.Forbidden, await With("Origin", "https://example.org", HttpMethod.Get));
        Assert.Equal(HttpStatusCode.Forbidden, await With("Origin", "null", HttpMethod.Post));
        Assert.Equal(HttpStatusCode.Forbidden, await With("Origin", $"http://127.0.0.1:{root.Port + 1}", HttpMethod.Post));
        Assert.Equal(HttpStatusCode.Forbidden, await With("Host", $"rebound.example:{root.Port}", HttpMethod.Get));
        Assert.Equal(HttpStatusCode.Forbidden, await With("Sec-Fetch-Site", "cross-site", HttpMethod.Get));
        Assert.Equal(HttpStatusCode.OK, await With("Origin", root.GetLeftPart(UriPartial.Authority), HttpMethod.Get));
    }

    [Theory]
    [InlineData("../secret.png")]
    [InlineData("a/../../secret.png")]
    [InlineData("/etc/passwd")]
    [InlineData("..\\secret.png")]
    [InlineData("C:/secret.png")]
    [InlineData(".mdfld/x.png")]
    [InlineData("linked.png")]
    [InlineData("linked/secret.png")]
    [InlineData("annotations.tsv")]
    [InlineData("a\0.png")]
    [InlineData("")]
    public async Task NothingOutsideTheFolderIsReached(string name)
    {
        await using var studio = StudioFixture.OfSamples("comic.png");
        File.Copy(TestFiles.Sample("manga.png"), studio["secret.png"]);
        Directory.CreateDirectory(studio["other"]);
        File.Copy(TestFiles.Sample("manga.png"), studio["other", "secret.png"]);
        File.CreateSymbolicLink(Path.Combine(studio.Folder, "linked.png"), studio["secret.png"]);
        Directory.CreateSymbolicLink(Path.Combine(studio.Folder, "linked"), studio["other"]);
        await studio.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(studio.Address) };
        var query = $"?name={Uri.EscapeDataString(name)}";
        foreach (var path in (string[])["api/picture", "api/thumbnail", "api/faces"])
            Assert.True((await client.GetAsync(path + query)).StatusCode is >= (HttpStatusCode)400 and < (HttpStatusCode)500, path);
        var answer = await client.PutAsync("api/picture" + query, new ByteArrayContent(File.ReadAllBytes(TestFiles.Sample("chibi.png"))));
        Assert.True(answer.StatusCode is >= (HttpStatusCode)400 and < (HttpStatusCode)500);
        Assert.Equal(File.ReadAllBytes(TestFiles.Sample("manga.png")), File.ReadAllBytes(studio["secret.png"]));
        Assert.Equal(["secret.png"], Directory.GetFileSystemEntries(studio["other"]).Select(Path.GetFileName));
        var dataset = await client.GetAsync("api/dataset?folder=" + Uri.EscapeDataString("../other"));
        Assert.Equal(HttpStatusCode.NotFound, dataset.StatusCode);
    }

    [Fact]
    public async Task AFaceIsFoundChangedAndReadBackByTheFormats()
    {
        await using var studio = await StudioFixture.OfSamples("comic.png", "anime.png").StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(studio.Address) };
        var face = await Found(client, "comic.png");
        var before = Directory.GetFiles(studio.Folder).Select(Path.GetFileName);
        Assert.DoesNotContain("annotations.tsv", before);

        face["points"]![30] = new JsonArray(10.125, 20.5);
        face["hidden"] = new JsonArray(4, 5);
        face["state"] = "Labelled";
        face["style"] = "comic";
        var answer = await Json(await client.PutAsJsonAsync("api/face?name=comic.png", face));
        Assert.Equal(2, (int)answer["face"]!["version"]!);
        Assert.Equal(1, (int)answer["summary"]!["labelled"]!);

        var label = Assert.Single(FaceSet.Read(studio.Folder).Faces);
        Assert.Equal(("comic.png", "comic"), (label.ImagePath, label.Style));
        Assert.Equal(new(10.125f, 20.5f), label.Landmarks[30]);
        Assert.Equal([4, 5], label.Landmarks.Index().Where(p => LabelledFace.IsMissing(p.Item)).Select(p => p.Index));
        var coco = Assert.Single(FaceSet.Read(Path.Combine(studio.Folder, "annotations.json")).Faces);
        // There hidden points keep their place, v = 1; opened again, both are as they were.
        Assert.Equal([4, 5], coco.Hidden);
        Assert.Equal(
            label.Landmarks.Select((p, i) => coco.Hidden.Contains(i) ? Placed(face["points"]![i]!) : p), coco.Landmarks);
        var written = File.ReadAllText(Path.Combine(studio.Folder, "annotations.json"));
        await studio.StopAsync();
        await studio.StartAsync();
        using var again = new HttpClient { BaseAddress = new Uri(studio.Address) };
        var kept = Assert.Single((await Json(await again.GetAsync("api/faces?name=comic.png")))["faces"]!.AsArray())!;
        Assert.Equal(face["points"]!.ToJsonString(), kept["points"]!.ToJsonString());
        Assert.Equal("[4,5]", kept["hidden"]!.ToJsonString());
        await Found(again, "anime.png");
        Assert.Equal(written, File.ReadAllText(Path.Combine(studio.Folder, "annotations.json")));
        Assert.Null(await Problem(again));

        static Vector2 Placed(JsonNode p) => new((float)p[0]!, (float)p[1]!);
    }

    [Fact]
    public async Task TheSecondOfTwoWritersIsTold()
    {
        await using var studio = await StudioFixture.OfSamples("comic.png").StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(studio.Address) };
        var face = await Found(client, "comic.png");
        face["state"] = "Labelled";
        face["points"]![8] = new JsonArray(1, 2);
        Assert.Equal(HttpStatusCode.OK, (await client.PutAsJsonAsync("api/face?name=comic.png", face)).StatusCode);
        face["points"]![8] = new JsonArray(3, 4);
        var refused = await client.PutAsJsonAsync("api/face?name=comic.png", face);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        var details = (await Json(refused, false))["details"]!;
        Assert.Equal((2, 1.0), ((int)details["version"]!, (double)details["points"]![8]![0]!));
        var deletion = await client.DeleteAsync($"api/face?name=comic.png&id={face["id"]}&version=1");
        Assert.Equal(HttpStatusCode.Conflict, deletion.StatusCode);
        Assert.Equal(new(1, 2), FaceSet.Read(studio.Folder).Faces[0].Landmarks[8]);
    }

    [Fact]
    public async Task ManyChangesAtOnceAreAllSaved()
    {
        await using var studio = await StudioFixture.OfSamples("comic.png").StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(studio.Address) };
        var points = (await Found(client, "comic.png"))["points"]!;
        await Task.WhenAll(Enumerable.Range(0, 40).Select(async i =>
        {
            var shifted = new JsonArray([.. points.AsArray().Select(p => (JsonNode)new JsonArray((double)p![0]! + (100 * i), (double)p[1]!))]);
            var face = new JsonObject { ["id"] = $"face-{i}", ["version"] = 0, ["state"] = "Labelled", ["points"] = shifted, ["hidden"] = new JsonArray() };
            await Json(await client.PutAsJsonAsync("api/face?name=comic.png", face));
        }));
        Assert.Equal(40, FaceSet.Read(studio.Folder).Faces.Count);
    }

    [Fact]
    public async Task AfterACrashTheFolderIsAsItWasSaved()
    {
        await using var studio = await StudioFixture.OfSamples("comic.png", "anime.png").StartAsync();
        JsonNode face;
        using (var client = new HttpClient { BaseAddress = new Uri(studio.Address) })
        {
            face = await Found(client, "comic.png");
            await Found(client, "anime.png");
            face["state"] = "Labelled";
            face["hidden"] = new JsonArray(7);
            await Json(await client.PutAsJsonAsync("api/face?name=comic.png", face));
        }
        // As a killed process leaves it: its files, and the lock that nobody holds.
        var copy = studio["copy"];
        Directory.CreateDirectory(Path.Combine(copy, ".mdfld"));
        foreach (var name in (string[])["annotations.tsv", "annotations.json", "comic.png", "anime.png", ".mdfld/faces.json"])
            File.Copy(Path.Combine(studio.Folder, name), Path.Combine(copy, name));
        File.WriteAllText(Path.Combine(copy, ".mdfld", "lock"), "");
        await studio.StopAsync();

        await studio.StartAsync(settings => settings with { Folder = copy });
        using var again = new HttpClient { BaseAddress = new Uri(studio.Address) };
        var kept = (await Json(await again.GetAsync("api/faces?name=comic.png")))["faces"]!.AsArray();
        Assert.Equal(face["id"]!.ToString(), Assert.Single(kept)!["id"]!.ToString());
        Assert.Equal(face["points"]![7]!.ToJsonString(), kept[0]!["points"]![7]!.ToJsonString());
        Assert.Equal("Proposed", (await Json(await again.GetAsync("api/faces?name=anime.png")))["faces"]![0]!["state"]!.ToString());
    }

    [Fact]
    public async Task LabelsOfAnotherProgramAreTakenAndNotLost()
    {
        await using var studio = StudioFixture.OfDrawn(3, seed: 1);
        var file = Path.Combine(studio.Folder, "annotations.tsv");
        var labels = MetadataFile.Read(file);
        await studio.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(studio.Address) };
        var faces = (await Json(await client.GetAsync("api/faces?name=001.png")))["faces"]!.AsArray();
        var face = Assert.Single(faces)!;
        Assert.Equal(("Labelled", "made"), (face["state"]!.ToString(), face["style"]!.ToString()));

        // While the studio runs another program writes the file: its version is kept beside.
        MetadataFile.Write(file, labels.Take(2));
        face["points"]![0] = new JsonArray(5, 6);
        await Json(await client.PutAsJsonAsync("api/face?name=001.png", face));
        Assert.Equal(3, MetadataFile.Read(file).Count);
        Assert.Equal(2, MetadataFile.Read(Assert.Single(Directory.GetFiles(Path.Combine(studio.Folder, ".mdfld"), "annotations-*.tsv"))).Count);
        // What was not touched is as it was.
        Assert.Equal(labels[0].FivePoints, MetadataFile.Read(file)[0].FivePoints);
        Assert.Equal(labels[2].Scale, MetadataFile.Read(file)[2].Scale);

        await studio.StopAsync();
        MetadataFile.Write(file, labels.Take(1));
        await studio.StartAsync();
        using var again = new HttpClient { BaseAddress = new Uri(studio.Address) };
        var summaries = (await Json(await again.GetAsync("api/folder")))["pictures"]!.AsArray();
        Assert.Equal([1, 0, 0], summaries.Select(p => (int)p!["labelled"]!));
    }

    [Fact]
    public async Task AFolderIsOpenInOneStudioOnly()
    {
        await using var studio = await StudioFixture.OfSamples("comic.png").StartAsync();
        var error = await Assert.ThrowsAsync<IOException>(() => studio.StartAsync());
        Assert.Contains("another mdfld studio has this folder open", error.Message);
    }

    [Theory]
    [InlineData("{\"id\":\"a\",\"version\":0,\"state\":\"Labelled\",\"points\":[[1,2]],\"hidden\":[]}", "1 points, expected 68")]
    [InlineData("{\"id\":\"../a\",\"version\":0,\"state\":\"Labelled\",\"points\":[],\"hidden\":[]}", "an id")]
    [InlineData("{\"id\":\"a\"}", "0 points")]
    [InlineData("[]", "JSON")]
    [InlineData("{", "JSON")]
    public async Task AFaceThatMakesNoSenseIsRefused(string json, string words)
    {
        await using var studio = await StudioFixture.OfSamples("comic.png").StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(studio.Address) };
        var answer = await client.PutAsync("api/face?name=comic.png", new StringContent(json, null, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(words, (await Json(answer, false))["error"]!.ToString());
        Assert.False(File.Exists(Path.Combine(studio.Folder, "annotations.tsv")));
    }

    [Fact]
    public async Task DroppedPicturesAreKeptAndNeverReplaceOthers()
    {
        await using var studio = await StudioFixture.OfSamples("comic.png").StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(studio.Address) };
        async Task<string> Drop(string name, byte[] bytes)
        {
            var answer = await client.PutAsync($"api/picture?name={Uri.EscapeDataString(name)}", new ByteArrayContent(bytes));
            return (await Json(answer, false))[answer.IsSuccessStatusCode ? "name" : "error"]!.ToString();
        }
        var (comic, chibi) = (File.ReadAllBytes(TestFiles.Sample("comic.png")), File.ReadAllBytes(TestFiles.Sample("chibi.png")));
        Assert.Equal("comic.png", await Drop("comic.png", comic));
        Assert.Equal("comic-2.png", await Drop("comic.png", chibi));
        Assert.Equal("sub/a b.png", await Drop("sub/a b.png", chibi));
        Assert.Contains("picture", await Drop("text.png", "no picture"u8.ToArray()));
        Assert.Equal(comic, File.ReadAllBytes(Path.Combine(studio.Folder, "comic.png")));
        Assert.False(File.Exists(Path.Combine(studio.Folder, "text.png")));
    }

    /// <summary>Frames of a video that was dropped become pictures; a name that leads elsewhere is refused.</summary>
    [Fact]
    public async Task FramesOfADroppedVideoArePictures()
    {
        await using var studio = await StudioFixture.OfSamples("comic.png").StartAsync(settings => settings with
        {
            Frames = (file, most) => File.ReadAllText(file) == "a video"
                ? Enumerable.Range(1, most + 5).Select(i => new Picture(8 + i, 8))
                : throw new InvalidDataException("no video"),
        });
        using var client = new HttpClient { BaseAddress = new Uri(studio.Address) };
        Task<HttpResponseMessage> Drop(string name, string text) =>
            client.PutAsync($"api/video?name={Uri.EscapeDataString(name)}", new StringContent(text));
        var names = (await Json(await Drop("sub/clip.mp4", "a video")))["names"]!.AsArray();
        Assert.Equal(200, names.Count);
        Assert.Equal("sub/clip/000.jpg", names[0]!.ToString());
        Assert.Equal(9 + 199, Picture.Load(Path.Combine(studio.Folder, names[^1]!.ToString())).Width);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await Drop("other.mp4", "no video")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await Drop("../clip.mp4", "a video")).StatusCode);
        Assert.Equal(201, (await Json(await client.GetAsync("api/folder")))["pictures"]!.AsArray().Count);
        // Nothing of the videos themselves stays.
        Assert.Empty(Directory.GetFiles(Path.Combine(studio.Folder, ".mdfld"), "video-*"));
    }

    [Fact]
    public async Task DatasetsAreShownAndMeasured()
    {
        await using var studio = StudioFixture.OfSamples("comic.png");
        StudioFixture.WriteDrawn(Path.Combine(studio.Folder, "made"), 4, seed: 3);
        await studio.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(studio.Address) };
        Assert.Equal(["made"], (await Json(await client.GetAsync("api/datasets")))["folders"]!.AsArray().Select(f => f!.ToString()));
        Assert.Equal(4, (await Json(await client.GetAsync("api/dataset?folder=made")))["faces"]!.AsArray().Count);
        var cell = Picture.Load(await client.GetByteArrayAsync("api/dataset/face?folder=made&index=2&size=96"));
        Assert.Equal((96, 96), (cell.Width, cell.Height));
        var measured = await Json(await client.PostAsync("api/dataset/measure?folder=made&from=1&count=10", null));
        var errors = measured["errors"]!.AsArray().Select(e => (double)e!).ToArray();
        Assert.Equal(3, errors.Length);
        Assert.All(errors, e => Assert.InRange(e, 0.1, 30));
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("api/dataset/face?folder=made&index=4")).StatusCode);
    }

    private static async Task<JsonNode> Found(HttpClient client, string name)
    {
        var answer = await Json(await client.PostAsync($"api/detect?name={name}", null));
        return Assert.Single(answer["faces"]!.AsArray())!.DeepClone();
    }

    private static async Task<JsonNode?> Problem(HttpClient client) =>
        (await Json(await client.GetAsync("api/folder")))["problem"];

    private static async Task<JsonNode> Json(HttpResponseMessage answer, bool succeeds = true)
    {
        var text = await answer.Content.ReadAsStringAsync();
        if (succeeds)
            Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}: {text}");
        return JsonNode.Parse(text)!;
    }
}
