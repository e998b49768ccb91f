namespace Mdfld.Tests.Launchers;

public sealed class DebianPackageTests
{
    private const string NothingIsThere = "is_there() { return 1; }";

    /// <summary>Missing until apt-get has left its mark, as after a real installation.</summary>
    private const string ThereOnceInstalled = "is_there() { [[ -e $root/installed ]]; }";

    [Fact]
    public void OnlyWhatIsMissingIsInstalled()
    {
        using var checkout = new FakeCheckout();
        AddApt(checkout, "touch installed");

        var result = checkout.Run(
            "is_there() { [[ $1 != libdlib.so || -e $root/installed ]]; }; locked debian_install dlib");

        Assert.Equal(0, result.ExitCode);
        Assert.Empty(result.Output);
        var call = Assert.Single(checkout.Calls, c => c.StartsWith("apt-get", StringComparison.Ordinal));
        Assert.Contains("install", call);
        Assert.EndsWith(" libdlib-dev", call);
        Assert.DoesNotContain("libdlib-data", call);
    }

    [Fact]
    public void ListsAreUpdatedOnlyWhenAnInstallationFails()
    {
        using var checkout = new FakeCheckout();
        AddApt(checkout, "case $1 in update) touch lists ;; *) [[ -e lists ]] && touch installed ;; esac");

        var result = checkout.Run($"{ThereOnceInstalled}; locked debian_install dlib");

        Assert.Equal(0, result.ExitCode);
        var calls = checkout.Calls.Where(c => c.StartsWith("apt-get", StringComparison.Ordinal)).ToArray();
        Assert.Equal(["install", "update", "install"], calls.Select(c => c.Split(' ')[1]));
    }

    [Fact]
    public void AFailureSaysWhatToDo()
    {
        using var checkout = new FakeCheckout();
        AddApt(checkout, "echo 'E: no network'; exit 100");

        var result = checkout.Run($"{NothingIsThere}; locked debian_install dlib");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("E: no network", result.Errors);
        Assert.Contains("apt-get install g++ libdlib-dev libdlib-data", result.Errors);
    }

    private static void AddApt(FakeCheckout checkout, string script)
    {
        checkout.AddProgram("apt-get", script);
        checkout.AddProgram("sudo", "exec \"$@\"");
    }
}
