using Microsoft.Playwright;

namespace Mdfld.Tests.Studio;

/// <summary>A test in Debian's chromium on the built page; skipped where one of the two is missing.</summary>
internal sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = Browser.MissingReason;
}

/// <summary>A chromium that notes what its pages complain of; it starts with the first page.</summary>
public sealed class Browser : IAsyncLifetime
{
    private readonly Dictionary<IPage, List<string>> _complaints = [];
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Why there is none, or null.</summary>
    public static string? MissingReason { get; } =
        StudioFixture.MissingReason
            ?? (Program is null ? "there is no chromium: ./test installs it where apt-get can" : null);

    private static string? Program => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => (string[])[Path.Combine(folder, "chromium"), Path.Combine(folder, "chromium-browser")])
        .FirstOrDefault(File.Exists);

    /// <summary>What a page wrote to the console as errors, and requests of it that failed.</summary>
    public IReadOnlyList<string> Complaints(IPage page) => _complaints[page];

    /// <summary>A window of its own.</summary>
    public async Task<IPage> OpenAsync(string address)
    {
        _browser ??= await StartAsync();
        var context = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = 1280, Height = 800 },
        });
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(60_000);
        var complaints = _complaints[page] = [];
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
                complaints.Add(message.Text);
        };
        page.PageError += (_, error) => complaints.Add(error);
        await page.GotoAsync(address);
        return page;
    }

    /// <summary>Serious faults that axe finds in a page.</summary>
    public static async Task<string[]> FaultsOf(IPage page)
    {
        var axe = Path.Combine(TestFiles.RepositoryRoot, ".build", "page-work", "node_modules", "axe-core", "axe.min.js");
        // Evaluated, not added as a script: the page allows none but its own.
        await page.EvaluateAsync(await File.ReadAllTextAsync(axe));
        return await page.EvaluateAsync<string[]>(
            "async () => (await axe.run()).violations.filter(v => v.impact === 'serious' || v.impact === 'critical')"
            + ".map(v => `${v.id}: ${v.help}: ${v.nodes.map(n => n.target).join(' ')}`)");
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await (_browser?.DisposeAsync() ?? ValueTask.CompletedTask);
        _playwright?.Dispose();
    }

    private async Task<IBrowser> StartAsync()
    {
        // What is waited for comes when it comes: beside a training run that takes longer than Playwright's five seconds.
        Assertions.SetDefaultExpectTimeout(60_000);
        _playwright = await Playwright.CreateAsync();
        return await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Program,
            Args = ["--no-sandbox", "--disable-gpu"],
        });
    }
}
