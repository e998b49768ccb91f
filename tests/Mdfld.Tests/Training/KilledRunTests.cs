using System.Diagnostics;
using System.Globalization;

namespace Mdfld.Tests.Training;

/// <summary>The program itself, stopped and killed in the middle of a run.</summary>
public sealed class KilledRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AKilledRunResumesToTheSameWeights()
    {
        TinyFaces.Write(At("faces"), 4);
        // A checkpoint is written at every report; a measurement every twentieth step makes a report of it.
        File.WriteAllText(
            At("recipe.yaml"), TinyFaces.Recipe(steps: 400).Replace("validate_every: 6", "validate_every: 20"));
        using (var unbroken = Start("unbroken"))
        {
            await End(unbroken);
            Assert.Equal(0, unbroken.ExitCode);
        }

        using (var killed = Start("killed"))
        {
            while (!File.Exists(At("killed/last.safetensors")) && !killed.HasExited)
                await Task.Delay(5);
            killed.Kill();
            await End(killed);
            Assert.NotEqual(0, killed.ExitCode);
        }
        Assert.NotEqual(
            File.ReadAllBytes(At("unbroken/last.safetensors")), File.ReadAllBytes(At("killed/last.safetensors")));
        using (var resumed = Start("killed", "--resume"))
        {
            await End(resumed);
            Assert.Equal(0, resumed.ExitCode);
        }

        Assert.Equal(
            File.ReadAllBytes(At("unbroken/last.safetensors")), File.ReadAllBytes(At("killed/last.safetensors")));
    }

    /// <summary>
    /// SIGTERM takes the same way as Ctrl-C, which a test run in the background of a shell may not receive.
    /// </summary>
    [Fact]
    public async Task ARunThatIsToldToStopSavesAndResumes()
    {
        TinyFaces.Write(At("faces"), 4);
        File.WriteAllText(At("recipe.yaml"), TinyFaces.Recipe(steps: 100_000));
        var said = new StringWriter();
        using (var told = Start("told"))
        {
            told.OutputDataReceived += (_, line) => said.WriteLine(line.Data);
            while (!File.Exists(At("told/log.jsonl")) && !told.HasExited)
                await Task.Delay(20);
            await Task.Delay(500);
            using var kill = Process.Start("kill", ["-TERM", told.Id.ToString(CultureInfo.InvariantCulture)]);
            await End(told);
            Assert.Equal(1, told.ExitCode);
        }
        Assert.Contains("--resume", said.ToString());

        using var resumed = Start("told", "--resume", "--set", "phases.0.steps=1", "--set", "phases.1.steps=1");
        await End(resumed);
        Assert.Equal(0, resumed.ExitCode);
    }

    private static async Task End(Process process)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private Process Start(string run, params string[] more)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "Mdfld.Cli.dll"), "train", "detector",
            "--recipe", At("recipe.yaml"), "--data", _folder.Path, "--out", At(run), .. more,
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        // Somebody must read what it prints, or it would wait for that.
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    private string At(string name) => Path.Combine(_folder.Path, name);
}
