using System.Diagnostics;
using System.Globalization;

namespace Mdfld.Tests.Training;

/// <summary>Several processes that train one network, started by MPICH's mpiexec.</summary>
public sealed class MpiTests : IDisposable
{
    private readonly TinyRuns _runs = new();

    public void Dispose() => _runs.Dispose();

    [Theory]
    [InlineData("detector", "batch=8")]
    [InlineData("finder", "batch=4")]
    public async Task TwoProcessesHaveTheLossesOfOneWithTheJoinedBatch(string kind, string batch)
    {
        // Batch statistics are those of a replica's share: two replicas in one process share as two processes do.
        string[] more = ["--set", batch, "--set", "validate_every=1", "--set", "threads=1"];
        using (var one = _runs.Start(kind, "one", [.. more, "--set", "replicas=2"]))
            await AssertEnds(one);
        using (var two = _runs.Start(kind, "two", [.. more, "--set", "replicas=1"], "mpiexec", "-n", "2"))
        {
            var said = await AssertEnds(two);
            Assert.Contains("2 processes x 1 replicas", said);
            Assert.Single(said.Split('\n'), line => line.StartsWith("done:", StringComparison.Ordinal));
        }

        var (alone, together) = (_runs.Losses("one"), _runs.Losses("two"));
        Assert.Equal(alone.Length, together.Length);
        Assert.All(alone.Zip(together), p => Assert.Equal(p.First, p.Second, 1e-5 * Math.Abs(p.First)));
    }

    [Fact]
    public async Task AKilledProcessEndsAllAndTheRunResumes()
    {
        string[] more = ["--set", "replicas=1", "--set", "phases.0.steps=100000"];
        using (var run = _runs.Start("detector", "run", more, "mpiexec", "-n", "2"))
        {
            while (!File.Exists(_runs.At("run/last.safetensors")) && !run.HasExited)
                await Task.Delay(20);
            using (var kill = Process.Start("kill", ["-KILL", Ranks().First().ToString(CultureInfo.InvariantCulture)]))
                await kill.WaitForExitAsync();
            Assert.Contains("BAD TERMINATION", await TinyRuns.EndOf(run));
            Assert.NotEqual(0, run.ExitCode);
        }
        Assert.Empty(Ranks());

        string[] rest = ["--set", "replicas=1", "--set", "phases.0.steps=1", "--set", "phases.1.steps=1", "--resume"];
        using var resumed = _runs.Start("detector", "run", rest, "mpiexec", "-n", "2");
        await AssertEnds(resumed);
    }

    [Fact]
    public async Task AProcessThatFailsEndsAllAndSaysWhy()
    {
        using var run = _runs.Start(
            "detector", "run", ["--set", "batch=6", "--set", "replicas=2"], "mpiexec", "-n", "2");
        var said = await TinyRuns.EndOf(run);
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("cannot be shared by 2 processes of 2 replicas", said);
    }

    [Fact]
    public void VariablesThatMeanNothingHereAreToldOf()
    {
        var told = new List<string>();
        Assert.Null(ProcessGroup.Join(_ => null, told.Add));
        Assert.Empty(told);
        Assert.Null(ProcessGroup.Join(name => name == "WORLD_SIZE" ? "4" : null, told.Add));
        Assert.Contains("mpiexec", Assert.Single(told));
        var other = Assert.Throws<InvalidOperationException>(
            () => ProcessGroup.Join(name => name == "OMPI_COMM_WORLD_SIZE" ? "2" : null, told.Add));
        Assert.Contains("MPICH", other.Message);
    }

    /// <summary>The training processes of this test, by the folder on their command line.</summary>
    private IEnumerable<int> Ranks() =>
        from folder in Directory.EnumerateDirectories("/proc")
        let name = Path.GetFileName(folder)
        where int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _)
        let words = CommandLine(folder).Split('\0')
        where words[0] == "dotnet" && words.Contains(_runs.At("run"))
        select int.Parse(name, CultureInfo.InvariantCulture);

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static async Task<string> AssertEnds(Process process)
    {
        var said = await TinyRuns.EndOf(process);
        Assert.True(process.ExitCode == 0, said);
        return said;
    }
}
