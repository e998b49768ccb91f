using System.Diagnostics;
using System.Text.Json;

namespace Mdfld.Tests.Generation.Training;

/// <summary>The program itself: several processes that share a run, bad calls.</summary>
public sealed class GeneratorProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public GeneratorProcessTests()
    {
        TinyGenerator.WriteFaces(_folder.Path);
        File.WriteAllText(
            _folder["base.yaml"],
            TinyGenerator.Base.Replace("replicas: 2", "replicas: 1").Replace("validate_every: 3", "validate_every: 1"));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task TwoProcessesHaveTheLossesAndTheModelOfOne()
    {
        var one = await Run("base.yaml", "base", "one", []);
        Assert.True(one.Code == 0, one.Errors);
        var two = await Run("base.yaml", "base", "two", ["mpiexec", "-n", "2"]);
        Assert.True(two.Code == 0, two.Errors);

        var (alone, together) = (Losses("one"), Losses("two"));
        Assert.Equal(8, alone.Length);
        Assert.Equal(alone.Length, together.Length);
        Assert.All(alone.Zip(together), p => Assert.Equal(p.First, p.Second, 1e-5));
        Assert.True(File.Exists(_folder["two", "model", "model_index.json"]));
    }

    [Fact]
    public async Task AWrongStageIsABadCall()
    {
        var result = await Run("base.yaml", "1", "run", []);

        Assert.Equal(2, result.Code);
        Assert.Contains("is a recipe of stage base", result.Errors);
        Assert.False(Directory.Exists(_folder["run"]));
    }

    [Fact]
    public async Task AModelFolderWithoutItsUNetIsOneClearError()
    {
        Directory.CreateDirectory(_folder["broken"]);
        File.WriteAllText(_folder["broken", "model_index.json"], "{}");
        File.WriteAllText(_folder["first.yaml"], TinyGenerator.Stage1.Replace("nowhere", _folder["broken"]));

        var result = await Run("first.yaml", "1", "run", []);

        Assert.Equal(1, result.Code);
        Assert.Contains(_folder["broken"], result.Errors);
        Assert.DoesNotContain("   at ", result.Errors);
    }

    private double[] Losses(string run) =>
    [
        .. File.ReadLines(_folder[run, "diffusion", "log.jsonl"])
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("loss").GetDouble()),
    ];

    private async Task<(int Code, string Errors)> Run(
        string recipe, string stage, string run, IReadOnlyList<string> launcher)
    {
        string[] arguments =
        [
            .. launcher, "dotnet", Path.Combine(AppContext.BaseDirectory, "Mdfld.Cli.dll"), "train", "generator", "--stage", stage,
            "--recipe", _folder[recipe], "--data", _folder.Path, "--out", _folder[run],
        ];
        var start = new ProcessStartInfo(arguments[0], arguments[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, $"{await output}{await errors}");
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }
}
