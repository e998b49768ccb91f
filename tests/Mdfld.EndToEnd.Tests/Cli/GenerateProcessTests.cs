using System.Diagnostics;
using Mdfld.Tests.Launchers;

namespace Mdfld.Tests.Cli;

/// <summary>The program itself, killed and resumed beside another shard, and on a full disk.</summary>
public sealed class GenerateProcessTests : IDisposable
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "Mdfld.Cli.dll");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task TwoShardsOneKilledAndResumedAreOneRun()
    {
        using (var whole = Start("whole"))
            await End(whole, 0);
        // One thread, so that there is time to kill it.
        using (var first = Start("shards", "--shard", "1/2", "--threads", "1"))
        {
            var partial = _folder["shards", "samples.1-of-2.partial"];
            while (!first.HasExited && !(File.Exists(partial) && new FileInfo(partial).Length > 0))
                await Task.Delay(2);
            Assert.False(first.HasExited, "the shard was done before it could be killed");
            first.Kill();
            await first.WaitForExitAsync();
        }
        // As a kill in the middle of a line, and of a picture, leaves it.
        File.AppendAllText(_folder["shards", "samples.1-of-2.partial"], "{\"style\":\"oi");
        using (var second = Start("shards", "--shard", "2/2"))
            await End(second, 0);
        Assert.False(File.Exists(_folder["shards", "samples.jsonl"]));
        using (var resumed = Start("shards", "--shard", "1/2", "--resume"))
            await End(resumed, 0);
        var files = Files("whole");
        Assert.Equal(files, Files("shards"));
        Assert.All(files, f => Assert.True(
            File.ReadAllBytes(_folder["whole", f]).AsSpan().SequenceEqual(File.ReadAllBytes(_folder["shards", f])), f));
    }

    /// <summary>A limit on files' size stands in for a full disk: no picture fits.</summary>
    [Fact]
    public void AFullDiskIsOneErrorAndNothingIsHalfWritten()
    {
        var run = Shell.Run($"trap '' XFSZ; ulimit -f 8; {Command("full")}; echo $?", _folder.Path);
        Assert.Equal("1", run.Output);
        Assert.Single(run.Errors.Split('\n'));
        Assert.StartsWith("mdfld: ", run.Errors);
        Assert.Equal(["generate.json", "samples.1-of-1.partial"], Files("full"));
        Assert.Equal(0, new FileInfo(_folder["full", "samples.1-of-1.partial"]).Length);
        var resumed = Shell.Run($"{Command("full")} --resume", _folder.Path);
        Assert.True(resumed.ExitCode == 0, resumed.Errors);
        var below = Shell.Run($"touch file; {Command("file/out")}; echo $?", _folder.Path);
        Assert.Equal("1", below.Output);
        Assert.Single(below.Errors.Split('\n'));
    }

    private static string[] Arguments(string folder) =>
    [
        Program, "generate", "--engine", "stylize", "--landmarks", Path.Combine(TestFiles.RepositoryRoot, "samples"),
        "--styles", "oil,engraving", "--per-style", "60", "--check", "nme", "--check-threshold", "40", "--out", folder, "--quiet",
    ];

    private static string Command(string folder) =>
        $"DOTNET_EnableWriteXorExecute=0 dotnet {string.Join(' ', Arguments(folder).Select(a => $"'{a}'"))}";

    private static async Task End(Process process, int code)
    {
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == code, errors);
    }

    private Process Start(string folder, params string[] more) =>
        Process.Start(new ProcessStartInfo("dotnet", [.. Arguments(folder), .. more])
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardError = true,
        })!;

    private string[] Files(string folder) =>
        [.. Directory.GetFiles(_folder[folder], "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(_folder[folder], f)).Order(StringComparer.Ordinal)];
}
