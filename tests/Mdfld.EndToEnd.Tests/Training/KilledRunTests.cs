using System.Diagnostics;
using System.Globalization;
using Mdfld.Tests.Generation.Training;

namespace Mdfld.Tests.Training;

/// <summary>The program itself, stopped and killed in the middle of a run.</summary>
public sealed class KilledRunTests : IDisposable
{
    private readonly TinyRuns _runs = new();

    public KilledRunTests() => File.WriteAllText(_runs.At("generator.yaml"), TinyGenerator.Base);

    public void Dispose() => _runs.Dispose();

    // A checkpoint is written at every report, and a validation makes one.
    [Theory]
    [InlineData("detector", "validate_every=10", "phases.0.steps=80", "phases.1.steps=80")]
    [InlineData("finder", "validate_every=5", "phases.0.steps=60")]
    [InlineData("generator", "diffusion.validate_every=10", "diffusion.steps=70")]
    public async Task AKilledRunResumesToTheSameWeights(string kind, params string[] changes)
    {
        string[] more = [.. changes.SelectMany(c => new[] { "--set", c })];
        using (var unbroken = _runs.Start(kind, "unbroken", more))
            await AssertEnds(unbroken);
        using (var killed = _runs.Start(kind, "killed", more))
        {
            while (!File.Exists(_runs.Checkpoint(kind, "killed")) && !killed.HasExited)
                await Task.Delay(5);
            killed.Kill();
            await TinyRuns.EndOf(killed);
            Assert.NotEqual(0, killed.ExitCode);
        }
        Assert.NotEqual(Bytes("unbroken"), Bytes("killed"));
        using (var resumed = _runs.Start(kind, "killed", [.. more, "--resume"]))
            await AssertEnds(resumed);

        Assert.Equal(Bytes("unbroken"), Bytes("killed"));

        byte[] Bytes(string run) => File.ReadAllBytes(_runs.Checkpoint(kind, run));
    }

    /// <summary>
    /// SIGTERM takes the same way as Ctrl-C, which a test run in the background of a shell may not receive.
    /// </summary>
    [Fact]
    public async Task ARunThatIsToldToStopSavesAndResumes()
    {
        using (var told = _runs.Start("detector", "told", ["--set", "phases.0.steps=100000"]))
        {
            while (!File.Exists(_runs.At("told/last.safetensors")) && !told.HasExited)
                await Task.Delay(20);
            using var kill = Process.Start("kill", ["-TERM", told.Id.ToString(CultureInfo.InvariantCulture)]);
            Assert.Contains("--resume", await TinyRuns.EndOf(told));
            Assert.Equal(1, told.ExitCode);
        }

        using var resumed = _runs.Start(
            "detector", "told", ["--resume", "--set", "phases.0.steps=1", "--set", "phases.1.steps=1"]);
        await AssertEnds(resumed);
    }

    private static async Task AssertEnds(Process process)
    {
        var said = await TinyRuns.EndOf(process);
        Assert.True(process.ExitCode == 0, said);
    }
}
