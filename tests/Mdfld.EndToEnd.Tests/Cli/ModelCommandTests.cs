using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Mdfld.Tests.Detection;

namespace Mdfld.Tests.Cli;

public sealed class ModelCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ModelCommandTests()
    {
        File.WriteAllBytes(_folder["tiny.onnx"], TinyModels.Means());
        File.WriteAllText(_folder["tiny.md"], "# Tiny\n\nMade by a test.\n");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task InfoTellsWhatTheFileSaysAndItsCard()
    {
        var run = await CliRun.Of("model", "info", _folder["tiny.onnx"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(TinyModels.Means())), run.Output);
        Assert.Contains("68 (300W)", run.Output);
        Assert.Contains("32 x 32", run.Output);
        Assert.Contains("1.25 x", run.Output);
        Assert.EndsWith("# Tiny\n\nMade by a test.\n", run.Output);
    }

    [Fact]
    public async Task InfoIsJsonWhereThatIsAskedFor()
    {
        var run = await CliRun.Of("model", "info", _folder["tiny.onnx"], "--json");
        using var json = JsonDocument.Parse(run.Output);
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(TinyModels.Means())),
            json.RootElement.GetProperty("sha256").GetString());
    }

    /// <summary>What there is and what is missing, with what to do; a broken model makes it fail.</summary>
    [Fact]
    public void DoctorNamesWhatIsThereAndWhatIsWrong()
    {
        var (code, output, error) = Start("doctor");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(TinyModels.Means()))[..12], output);
        foreach (var name in (string[])["mdfld ", ".NET ", "ONNX Runtime ", "libtorch ", "cache ", "default model "])
            Assert.Contains($"\n{name}", "\n" + output);
        Assert.Contains("mdfld-v2: not there", output);
        Assert.Contains("mdfld model pull mdfld-v2", output);

        File.WriteAllText(_folder["broken.onnx"], "nothing");
        (code, output, _) = Start("doctor", "--json");
        Assert.Equal(1, code);
        using var json = JsonDocument.Parse(output);
        var wrong = Assert.Single(json.RootElement.EnumerateArray(), f => f.GetProperty("wrong").GetBoolean());
        Assert.Contains("broken.onnx", wrong.GetProperty("todo").GetString());
    }

    [Fact]
    public async Task AFinderIsDescribedAsOne()
    {
        File.WriteAllBytes(_folder["bright.onnx"], TinyFinders.Bright());
        var run = await CliRun.Of("model", "info", _folder["bright.onnx"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("finds     faces, from a score of 0.5", run.Output);
        Assert.DoesNotContain("points", run.Output);
        Assert.Contains("finds faces", Start("model", "list").Output);
    }

    [Fact]
    public void ListNamesTheModelsOfAFolderAndWhatIsBroken()
    {
        File.WriteAllText(_folder["broken.onnx"], "nothing");
        var (code, output, error) = Start("model", "list");
        Assert.Equal(1, code);
        Assert.Contains("tiny", output);
        Assert.Contains("tiny.md", output);
        Assert.Contains("broken.onnx", error);
    }

    [Fact]
    public void AModelIsFoundByName()
    {
        var (code, output, _) = Start("model", "info", "tiny");
        Assert.Equal(0, code);
        Assert.Contains("Made by a test.", output);
        (code, _, var error) = Start("model", "info", "other");
        Assert.Equal(2, code);
        Assert.Contains("no model is called 'other'", error);
        Assert.Contains("tiny", error);
    }

    // MDFLD_MODELS belongs to a process; the other tests' must not see it.
    private (int Code, string Output, string Error) Start(params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Mdfld.Cli.dll"), .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["MDFLD_MODELS"] = _folder.Path },
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
