namespace Mdfld.Tests.Launchers;

/// <summary>The download behind the local ONNX Runtime package, with an npm of the test's own.</summary>
public sealed class OnnxRuntimePackageTests
{
    private const string Genuine = "the package as it was recorded";
    private const string Fetch =
        $"onnxruntime_sha256=$(printf '{Genuine}' | sha256sum | cut -d' ' -f1); onnxruntime_fetch";

    [Fact]
    public void FetchedOnce()
    {
        using var checkout = new FakeCheckout();
        AddNpm(checkout, Genuine);

        var result = checkout.Run($"{Fetch}; onnxruntime_fetch");

        Assert.Equal(0, result.ExitCode);
        Assert.Single(checkout.Calls);
        Assert.Equal(Genuine, File.ReadAllText(Assert.Single(Cached(checkout))));
    }

    [Fact]
    public void ABrokenCacheIsFetchedAgain()
    {
        using var checkout = new FakeCheckout();
        AddNpm(checkout, Genuine);

        var result = checkout.Run(
            $"mkdir -p \"${{onnxruntime_tarball%/*}}\"; echo half >\"$onnxruntime_tarball\"; {Fetch}");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(Genuine, File.ReadAllText(Assert.Single(Cached(checkout))));
    }

    [Fact]
    public void AnotherFileThanRecordedIsRefused()
    {
        using var checkout = new FakeCheckout();
        AddNpm(checkout, "something else");

        var result = checkout.Run(Fetch);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("SHA-256", result.Errors);
        Assert.Empty(Cached(checkout));
    }

    [Fact]
    public void AFailedDownloadLeavesNothing()
    {
        using var checkout = new FakeCheckout();
        checkout.AddProgram("npm", "echo 'npm error: no network'; exit 1");

        var result = checkout.Run(Fetch);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("no network", result.Errors);
        Assert.Empty(Cached(checkout));
    }

    [Fact]
    public void AnArchiveThatCannotBeUnpackedEndsTheBuild()
    {
        using var checkout = new FakeCheckout();
        AddNpm(checkout, Genuine);
        checkout.AddProgram("uname", "echo x86_64");

        var result = checkout.Run($"{Fetch}; onnxruntime_make || echo went on");

        Assert.Equal(1, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.Contains("could not unpack", result.Errors);
    }

    [Fact]
    public void AnotherProcessorIsRefusedBeforeTheDownload()
    {
        using var checkout = new FakeCheckout();
        AddNpm(checkout, Genuine);
        checkout.AddProgram("uname", "echo aarch64");

        var result = checkout.Run("onnxruntime_make");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("x86-64 only", result.Errors);
        Assert.DoesNotContain(checkout.Calls, c => c.StartsWith("npm", StringComparison.Ordinal));
    }

    [Fact]
    public void WithoutAHomeTheCacheLiesInTheCheckout()
    {
        using var checkout = new FakeCheckout();

        var result = checkout.Run(
            """unset HOME XDG_CACHE_HOME; . eng/prepare.sh; echo "${onnxruntime_tarball#"$root"}" """);

        Assert.StartsWith("/.build/.cache/mdfld/", result.Output);
    }

    private static string[] Cached(FakeCheckout checkout) => Directory.GetFileSystemEntries(checkout["cache", "mdfld"]);

    /// <summary>npm pack NAME@VERSION --pack-destination FOLDER ...</summary>
    private static void AddNpm(FakeCheckout checkout, string content) =>
        checkout.AddProgram("npm", $"name=${{2/@/-}}; printf '{content}' >\"$4/$name.tgz\"");
}
