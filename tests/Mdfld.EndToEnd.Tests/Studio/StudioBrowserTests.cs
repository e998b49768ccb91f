using System.Globalization;
using Mdfld.Cli.Tracking;
using Mdfld.Data;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Mdfld.Tests.Studio;

/// <summary>
/// The studio as a person uses it, in one browser for all tests.
/// </summary>
public sealed class StudioBrowserTests(Browser browser) : IClassFixture<Browser>
{
    private const int Point = 30;

    private static readonly string[] Documented = ["pictures-wide-light", "faces-wide-dark", "pictures-narrow-dark"];

    [BrowserFact]
    public async Task FacesAreFoundCorrectedAndThereAgain()
    {
        await using var studio = await StudioFixture.OfSamples("comic.png", "anime.png", "manga.png").StartAsync();
        new Picture(200, 160).Save(Path.Combine(studio.Folder, "empty.png"));
        var page = await browser.OpenAsync(studio.Address);
        await page.GetByRole(AriaRole.Button, new() { Name = "Find all faces" }).ClickAsync();
        await Expect(page.Locator(".badge.found, .badge.doubtful")).ToHaveCountAsync(3);
        await Expect(page.Locator(".badge.none")).ToHaveCountAsync(1);

        // A drag moves its point, and with it the contour.
        await Open(page, "comic.png");
        var before = await Place(page, Point);
        var contour = await Contour(page, "nose bridge");
        await Drag(page, Point, 24, 12);
        Assert.NotEqual(before, await Place(page, Point));
        Assert.NotEqual(contour, await Contour(page, "nose bridge"));
        await Saved(page);
        var dragged = Labels(studio)["comic.png"].Landmarks[Point];
        await Expect(page.GetByTestId("state")).ToHaveTextAsync("corrected");

        await page.Keyboard.PressAsync("Control+z");
        Assert.Equal(before, await Place(page, Point));
        await Expect(page.GetByTestId("state")).ToHaveTextAsync("found by the model");
        await Saved(page);
        Assert.Empty(Labels(studio));
        await page.Keyboard.PressAsync("Control+y");
        await Saved(page);
        Assert.Equal(dragged, Labels(studio)["comic.png"].Landmarks[Point]);

        // A tenth of a pixel by the keys, and a hidden point.
        await page.Keyboard.PressAsync("ArrowRight");
        await page.Keyboard.PressAsync("Shift+ArrowDown");
        await Saved(page);
        var nudged = Labels(studio)["comic.png"].Landmarks[Point];
        Assert.Equal(dragged.X + 0.1, nudged.X, 1e-3);
        Assert.Equal(dragged.Y + 1, nudged.Y, 1e-3);
        await page.Keyboard.PressAsync(".");
        await page.Keyboard.PressAsync("h");
        await Expect(page.GetByTestId("hidden")).ToHaveTextAsync("1");
        await Saved(page);
        Assert.True(LabelledFace.IsMissing(Labels(studio)["comic.png"].Landmarks[Point + 1]));

        // Filters.
        await Show(page, "corrected", 1);
        await Show(page, "no face", 1);
        await Show(page, "all pictures", 4);
        Assert.Empty(await Browser.FaultsOf(page));

        Assert.Empty(browser.Complaints(page));

        // Closed, ended, and opened again.
        await page.CloseAsync();
        await studio.StopAsync();
        await studio.StartAsync();
        page = await browser.OpenAsync(studio.Address);
        await Open(page, "comic.png");
        await Expect(page.GetByTestId("state")).ToHaveTextAsync("corrected");
        await Expect(page.GetByTestId("hidden")).ToHaveTextAsync("1");
        Assert.Equal($"translate({nudged.X.ToString("0.###", CultureInfo.InvariantCulture)} {nudged.Y.ToString("0.###", CultureInfo.InvariantCulture)})", await Place(page, Point));
        Assert.Empty(browser.Complaints(page));
    }

    [BrowserFact]
    public async Task APictureThatArrivesLateDoesNotHideTheNext()
    {
        await using var studio = await StudioFixture.OfSamples("comic.png", "anime.png").StartAsync();
        var page = await browser.OpenAsync(studio.Address);
        await Open(page, "comic.png");
        var held = new TaskCompletionSource<IRoute>();
        await page.RouteAsync("**/api/picture?name=anime.png*", route =>
        {
            held.TrySetResult(route);
            return Task.CompletedTask;
        });
        await page.ReloadAsync();
        await page.Locator(".filmstrip button[title='anime.png']").ClickAsync();
        var route = await held.Task;
        // Its own end, seen in the page: the element is no longer in it.
        await page.EvaluateAsync(
            "() => { const late = document.querySelector('.stage img'); window.late = new Promise(r => late.addEventListener('load', r)); }");
        await Open(page, "comic.png");
        await route.ContinueAsync();
        await page.EvaluateAsync("async () => { await window.late; await new Promise(requestAnimationFrame); await new Promise(requestAnimationFrame); }");
        await Expect(page.Locator(".stage img")).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task AVideoThatIsDroppedBecomesPictures()
    {
        await using var studio = await StudioFixture.OfSamples("comic.png").StartAsync(
            settings => settings with { Frames = VideoReader.Sample });
        var video = studio["clip.mp4"];
        using (var writer = new VideoWriter(video, 2))
        {
            var face = Picture.Load(TestFiles.Sample("anime.png"));
            for (var frame = 0; frame < 3; frame++)
                writer.Write(face);
            writer.Complete();
        }
        var page = await browser.OpenAsync(studio.Address);
        await Expect(page.Locator(".filmstrip button")).ToHaveCountAsync(1);
        var chromium = await page.Context.NewCDPSessionAsync(page);
        foreach (var type in (string[])["dragEnter", "dragOver", "drop"])
        {
            await chromium.SendAsync("Input.dispatchDragEvent", new Dictionary<string, object>
            {
                ["type"] = type,
                ["x"] = 640,
                ["y"] = 400,
                ["data"] = new { items = Array.Empty<object>(), files = new[] { video }, dragOperationsMask = 1 },
            });
        }
        await Expect(page.Locator(".filmstrip button[title='clip/000.jpg']")).ToBeVisibleAsync();
        await Expect(page.Locator(".filmstrip button[title='clip/001.jpg']")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Find all faces" }).ClickAsync();
        await Expect(page.Locator(".badge.found, .badge.doubtful").First).ToBeVisibleAsync();
        Assert.Equal(512, Picture.Load(Path.Combine(studio.Folder, "clip", "000.jpg")).Width);
        Assert.Empty(browser.Complaints(page));
    }

    [BrowserFact]
    public async Task PartsAndFacesAreMovedTurnedScaledMirroredAddedAndDeleted()
    {
        await using var studio = await StudioFixture.OfSamples("comic.png").StartAsync();
        var page = await browser.OpenAsync(studio.Address);
        await Expect(page.Locator(".badge.found, .badge.doubtful")).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("a");
        await Saved(page);
        var first = Labels(studio)["comic.png"].Landmarks;

        await Click(page, 36);
        await page.Keyboard.PressAsync("2");
        await page.Keyboard.PressAsync("Shift+ArrowRight");
        await page.Keyboard.PressAsync("]");
        await page.Keyboard.PressAsync("+");
        await Saved(page);
        var moved = Labels(studio)["comic.png"].Landmarks;
        Assert.Equal(Enumerable.Range(36, 6), Changed(first, moved));
        Assert.Equal(FaceBox.Around([.. first.Skip(36).Take(6)]).Centre.X + 1, FaceBox.Around([.. moved.Skip(36).Take(6)]).Centre.X, 0.3);

        await page.Keyboard.PressAsync("m");
        await Saved(page);
        var mirrored = Labels(studio)["comic.png"].Landmarks;
        Assert.Equal(Enumerable.Range(42, 6), Changed(moved, mirrored));
        // The other eye is as wide now.
        Assert.Equal((mirrored[36] - mirrored[39]).Length(), (mirrored[45] - mirrored[42]).Length(), 0.05);

        // The whole face, by its frame.
        await page.Keyboard.PressAsync("3");
        var knob = await page.Locator(".knob").BoundingBoxAsync();
        await page.Mouse.MoveAsync(knob!.X + (knob.Width / 2), knob.Y + (knob.Height / 2));
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(knob.X + 60, knob.Y + 10, new() { Steps = 4 });
        await page.Mouse.UpAsync();
        await Saved(page);
        Assert.Equal(68, Changed(mirrored, Labels(studio)["comic.png"].Landmarks).Count());

        await page.Keyboard.PressAsync("Delete");
        await Saved(page);
        Assert.Empty(Labels(studio));
        await page.Keyboard.PressAsync("b");
        var stage = (await page.Locator(".stage").BoundingBoxAsync())!;
        var picture = (await page.Locator(".stage img").BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(picture.X + (0.15f * picture.Width), picture.Y + (0.15f * picture.Height));
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(picture.X + (0.85f * picture.Width), picture.Y + (0.9f * picture.Height), new() { Steps = 3 });
        await page.Mouse.UpAsync();
        await Expect(page.Locator("g.face")).ToHaveCountAsync(1);
        await Saved(page);
        Assert.Single(Labels(studio));
        await page.Keyboard.PressAsync("Control+z");
        await page.Keyboard.PressAsync("Control+z");
        await Saved(page);
        Assert.Equal(68, Labels(studio)["comic.png"].Landmarks.Count);
        Assert.True(stage.Width > 0);
        Assert.Empty(browser.Complaints(page));
    }

    [BrowserFact]
    public async Task AWindowThatWasSlowerIsToldAndKeepsItsVersion()
    {
        await using var studio = await StudioFixture.OfSamples("comic.png").StartAsync();
        var one = await browser.OpenAsync(studio.Address);
        await Expect(one.Locator("g.face")).ToHaveCountAsync(1);
        // The first of two has searched the picture: the second shows the same face.
        var two = await browser.OpenAsync(studio.Address);
        await Expect(two.Locator("g.face")).ToHaveCountAsync(1);
        await Drag(one, Point, 20, 0);
        await Saved(one);
        var kept = Labels(studio)["comic.png"].Landmarks[Point];
        // Two changes before the first is answered: neither replaces the other window's.
        await Click(two, Point);
        await two.EvaluateAsync("""
            () => [1, 2].forEach(() =>
                document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", shiftKey: true, bubbles: true })))
            """);
        await Expect(two.GetByRole(AriaRole.Alert)).ToContainTextAsync("changed in another window");
        await Saved(two);
        Assert.Equal(await Place(one, Point), await Place(two, Point));
        Assert.Equal(kept, Labels(studio)["comic.png"].Landmarks[Point]);
        await two.Keyboard.PressAsync("Control+z");
        await Saved(two);
        Assert.NotEqual(await Place(one, Point), await Place(two, Point));
        Assert.Empty(browser.Complaints(one));
        Assert.All(browser.Complaints(two), c => Assert.Contains("409", c));
    }

    /// <summary>Every page, wide and narrow, light and dark: no serious fault, and nothing wider than the window.</summary>
    [BrowserFact]
    public async Task EveryPageIsAccessible()
    {
        await using var studio = StudioFixture.OfDrawn(24, seed: 5);
        foreach (var name in (string[])["comic.png", "anime.png", "chibi.png", "pencil.png"])
            File.Copy(TestFiles.Sample(name), Path.Combine(studio.Folder, "images", name));
        await studio.StartAsync();
        var page = await browser.OpenAsync(studio.Address);
        await Open(page, "comic.png");
        await Expect(page.Locator("g.face")).ToHaveCountAsync(1);
        await Click(page, 36);
        await page.Keyboard.PressAsync("2");
        await page.Keyboard.PressAsync("u");
        await Looks(page, "pictures", () => page.Keyboard.PressAsync("f"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Keys" }).ClickAsync();
        await Looks(page, "keys");
        await page.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Labelled faces" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Measure" }).ClickAsync();
        await Expect(page.GetByTestId("histogram")).ToContainTextAsync("24 faces");
        await Expect(page.GetByTestId("histogram")).Not.ToContainTextAsync("measured");
        await Looks(page, "faces");
        await page.GetByRole(AriaRole.Button, new() { Name = "Adapt", Exact = true }).First.ClickAsync();
        await Expect(page.GetByText("24 corrected faces")).ToBeVisibleAsync();
        await Looks(page, "adapt");
        Assert.Empty(browser.Complaints(page));
    }

    /// <summary>Looks at what is shown in all windows; <c>MDFLD_UPDATE=1</c> draws the documents' pictures anew.</summary>
    private static async Task Looks(IPage page, string name, Func<Task>? prepare = null)
    {
        foreach (var (width, height, colours) in ((int, int, ColorScheme)[])
            [(1280, 800, ColorScheme.Light), (1280, 800, ColorScheme.Dark), (420, 860, ColorScheme.Light), (420, 860, ColorScheme.Dark)])
        {
            await page.SetViewportSizeAsync(width, height);
            await page.EmulateMediaAsync(new() { ColorScheme = colours });
            await (prepare?.Invoke() ?? Task.CompletedTask);
            var window = $"{name}-{(width > 1000 ? "wide" : "narrow")}-{colours}".ToLowerInvariant();
            if (Environment.GetEnvironmentVariable("MDFLD_UPDATE") == "1" && Documented.Contains(window))
                await page.ScreenshotAsync(new() { Path = Path.Combine(TestFiles.RepositoryRoot, "docs", $"studio-{window}.jpg"), Quality = 85 });
            Assert.Empty(await Browser.FaultsOf(page));
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{window} is wider than its window");
        }
        await page.SetViewportSizeAsync(1280, 800);
    }

    private static async Task Open(IPage page, string name)
    {
        await page.Locator($".filmstrip button[title='{name}']").ClickAsync();
        await Expect(page.Locator(".stage img")).ToHaveAttributeAsync("src", $"api/picture?name={name}");
        // Also one that comes from the browser's own store, before the page has painted.
        await Expect(page.Locator(".stage img")).ToBeVisibleAsync();
        await Expect(page.Locator("g.face")).Not.ToHaveCountAsync(0);
    }

    private static async Task Show(IPage page, string filter, int count)
    {
        await page.Locator(".strip select").First.SelectOptionAsync(filter);
        await Expect(page.Locator(".filmstrip li")).ToHaveCountAsync(count);
    }

    private static async Task<string?> Place(IPage page, int point)
    {
        var transform = await page.Locator($"g.face [data-point='{point}']").GetAttributeAsync("transform");
        return transform?[..(transform.IndexOf(')') + 1)];
    }

    private static async Task<string?> Contour(IPage page, string name) =>
        await page.Locator("g.face path.contour").Nth(name == "nose bridge" ? 3 : 0).GetAttributeAsync("d");

    private static async Task<(float X, float Y)> OnScreen(IPage page, int point)
    {
        var box = (await page.Locator($"g.face [data-point='{point}'] .reach").BoundingBoxAsync())!;
        return (box.X + (box.Width / 2), box.Y + (box.Height / 2));
    }

    private static async Task Click(IPage page, int point)
    {
        var (x, y) = await OnScreen(page, point);
        await page.Mouse.ClickAsync(x, y);
    }

    private static async Task Drag(IPage page, int point, int right, int down)
    {
        var (x, y) = await OnScreen(page, point);
        await page.Mouse.MoveAsync(x, y);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(x + right, y + down, new() { Steps = 5 });
        await page.Mouse.UpAsync();
    }

    private static Task Saved(IPage page) => Expect(page.GetByTestId("saved")).ToHaveTextAsync("Saved");

    private static Dictionary<string, LabelledFace> Labels(StudioFixture studio)
    {
        var file = Path.Combine(studio.Folder, "annotations.tsv");
        return File.Exists(file) ? MetadataFile.Read(file).ToDictionary(f => f.ImagePath) : [];
    }

    private static IEnumerable<int> Changed(
        IReadOnlyList<System.Numerics.Vector2> before, IReadOnlyList<System.Numerics.Vector2> after) =>
        Enumerable.Range(0, before.Count).Where(i => System.Numerics.Vector2.Distance(before[i], after[i]) > 1e-3);
}
