using System.Diagnostics;
using System.Globalization;
using Mdfld.Tests.Detection;
using Mdfld.Tests.Torch;

namespace Mdfld.Tests.Cli;

/// <summary>The program itself with model files that are programs, or never end; and what it leaves behind.</summary>
[Collection(nameof(Alone))]
public sealed class HostileModelTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly TemporaryFolder _folder = new();

    public HostileModelTests()
    {
        Directory.CreateDirectory(_folder["home"]);
        var picture = new Picture(64, 64);
        picture.Save(_folder["black.png"]);
        picture.Data.Fill(255);
        picture.Save(_folder["white.png"]);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("best_model.pkl")]
    [InlineData("model.onnx")]
    [InlineData("weights.safetensors")]
    [InlineData("no_ending")]
    public async Task AProgramRunsOnlyWhereItIsTrustedWhateverItsName(string name)
    {
        var (model, written) = (_folder[name], _folder["written"]);
        File.WriteAllBytes(model, ScriptFiles.Archive(
            $"""
                torch.save(image, "{written}")
                return torch.add(torch.unsqueeze(self.points, 0), torch.zeros([1, 68, 2]))
            """,
            new float[136]));
        string[] detect = ["detect", _folder["white.png"], "--boxes", "whole", "--model", model];

        var info = await CliRun.Of("model", "info", model);
        Assert.Equal((0, ""), (info.ExitCode, info.Error));
        Assert.Contains("TorchScript: a program; detect runs it only with --trust-code", info.Output);
        foreach (var refused in (string[][])
            [
                detect,
                ["evaluate", "--data", Path.Combine(TestFiles.RepositoryRoot, "samples"), "--model", model],
                ["label", _folder["white.png"], "--out", _folder["out"], "--model", model],
                ["generate", "--engine", "stylize", "--landmarks", Path.Combine(TestFiles.RepositoryRoot, "samples"),
                    "--out", _folder["out"], "--check-model", model],
            ])
        {
            var run = await CliRun.Of(refused);
            Assert.Equal((1, ""), (run.ExitCode, run.Output));
            Assert.Contains($"{model}: TorchScript is a program", run.Error);
            Assert.Contains("--trust-code", run.Error);
            Assert.Single(run.Error.TrimEnd().Split('\n'));
        }
        Assert.Equal(1, (await CliRun.Of("export", model, "--out", _folder["out.onnx"])).ExitCode);
        Assert.Equal(
            1, (await CliRun.Of("calibrate", model, "--data", _folder.Path, "--out", _folder["out.onnx"])).ExitCode);
        Assert.False(File.Exists(written));
        Assert.False(Path.Exists(_folder["out"]) || Path.Exists(_folder["out.onnx"]));

        var trusted = await CliRun.Of([.. detect, "--trust-code", "--quiet"]);
        Assert.Equal((0, $"mdfld: running the program in {model} (--trust-code)"),
            (trusted.ExitCode, trusted.Error.TrimEnd()));
        Assert.True(File.Exists(written));
    }

    [Fact]
    public async Task CtrlCEndsAnEndlessModel()
    {
        File.WriteAllBytes(_folder["endless.onnx"], EndlessModel.Create());
        using var run = Start(
            "detect", _folder["black.png"], _folder["white.png"], "--boxes", "whole", "--format", "jsonl",
            "--threads", "1", "--model", _folder["endless.onnx"]);
        // The loop turns for the second picture only.
        Assert.Contains("black.png", await run.StandardOutput.ReadLineAsync());
        await Work(run);
        await Interrupt(run);
        await End(run);
        Assert.Equal(130, run.ExitCode);
        Assert.DoesNotContain("white.png", await run.StandardOutput.ReadToEndAsync());
    }

    /// <summary>
    /// libtorch's interpreter cannot be told to stop: the first Ctrl-C waits for it, the second does not.
    /// </summary>
    [Fact]
    public async Task ASecondCtrlCKills()
    {
        File.WriteAllBytes(_folder["endless.pt"], ScriptFiles.Archive(
            """
                turned = image
                goes_on = True
                while goes_on:
                  turned = torch.neg(turned)
                return turned
            """,
            new float[136]));
        using var run = Start(
            "detect", _folder["white.png"], "--boxes", "whole", "--model", _folder["endless.pt"], "--trust-code");
        Assert.Contains("running the program in", await run.StandardError.ReadLineAsync());
        await Work(run);
        await Interrupt(run);
        // It goes on working until the next.
        await Work(run);
        Assert.False(run.HasExited);
        await Interrupt(run);
        await End(run);
        Assert.Equal(130, run.ExitCode);
    }

    /// <summary>ONNX Runtime would leave a device's number and a queue of events, and say so to a server.</summary>
    [Fact]
    public async Task NothingIsLeftInTheUsersFolder()
    {
        File.WriteAllBytes(_folder["tiny.onnx"], TinyModels.Means());
        string[][] calls =
        [
            ["detect", Directory.GetFiles(Path.Combine(TestFiles.RepositoryRoot, "samples", "images"))[0], "-q"],
            ["detect", _folder["white.png"], "--boxes", "whole", "--model", _folder["tiny.onnx"], "-q"],
            ["model", "info", _folder["tiny.onnx"]],
            ["model", "info", TestFiles.Golden("star_tiny.pkl")],
        ];
        foreach (var call in calls)
        {
            using var run = Start(call);
            var error = run.StandardError.ReadToEndAsync();
            await run.StandardOutput.ReadToEndAsync();
            await End(run);
            Assert.Equal((0, ""), (run.ExitCode, await error));
            Assert.Empty(Directory.GetFileSystemEntries(_folder["home"], "*", SearchOption.AllDirectories));
        }
    }

    private static async Task End(Process process)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>
    /// Waits until the process has worked for two more seconds: longer than anything but an endless run.
    /// </summary>
    private static async Task Work(Process process)
    {
        var before = process.TotalProcessorTime;
        while (!process.HasExited && process.TotalProcessorTime - before < TimeSpan.FromSeconds(2))
        {
            await Task.Delay(20);
            process.Refresh();
        }
    }

    private static async Task Interrupt(Process process)
    {
        using var kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>The program, in an empty home, as nobody's continuous integration.</summary>
    private Process Start(params string[] args)
    {
        // A test run in the background of a shell passes on that Ctrl-C is ignored.
        string[] command =
            ["--default-signal=INT", "dotnet", Path.Combine(AppContext.BaseDirectory, "Mdfld.Cli.dll"), .. args];
        var start = new ProcessStartInfo("env", command)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder.Path,
        };
        var kept = start.Environment
            .Where(e => e.Key is "PATH" or "DOTNET_ROOT" or "LD_LIBRARY_PATH").ToArray();
        start.Environment.Clear();
        foreach (var (name, value) in kept)
            start.Environment[name] = value;
        start.Environment["HOME"] = _folder["home"];
        start.Environment[TorchRuntime.Variable] = TorchRuntime.Find();
        return Process.Start(start)!;
    }
}
