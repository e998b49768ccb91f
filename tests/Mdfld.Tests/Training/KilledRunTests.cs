using System.Diagnostics;

namespace Mdfld.Tests.Training;

/// <summary>The program itself, killed without warning in the middle of a run.</summary>
public sealed class KilledRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AKilledRunResumesToTheSameWeights()
    {
        TinyFaces.Write(At("faces"), 4);
        // A checkpoint is written at every report; a measurement every twentieth step makes a report of it.
        File.WriteAllText(At("recipe.yaml"), TinyFaces.Recipe(steps: 400).Replace("validate_every: 6", "validate_every: 20"));
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
        Assert.NotEqual(File.ReadAllBytes(At("unbroken/last.safetensors")), File.ReadAllBytes(At("killed/last.safetensors")));
        using (var resumed = Start("killed", "--resume"))
        {
            await End(resumed);
            Assert.Equal(0, resumed.ExitCode);
        }

        Assert.Equal(File.ReadAllBytes(At("unbroken/last.safetensors")), File.ReadAllBytes(At("killed/last.safetensors")));
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
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            RedirectStandardOutput = true,
        };
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
