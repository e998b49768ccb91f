using System.Numerics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Mdfld.Tests.Launchers;

namespace Mdfld.Tests.Cli;

/// <summary>Inputs that once failed: each gives its right value, or one clear line.</summary>
public sealed partial class CaseTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Yaml =>
    [
        .. Directory.GetFiles(TestFiles.Case("yaml")).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal),
        "deep-flow.yaml", "deep-block.yaml",
    ];

    public void Dispose() => _folder.Dispose();

    /// <summary>The same picture turned by 90 and by 180 degrees: the same points, turned.</summary>
    [Fact]
    public async Task TurnedFacesAreFound()
    {
        var (quarter, half) = (await Points("rot90.jpg"), await Points("rot180.jpg"));
        Vector2[] upright = [.. half.Select(p => new Vector2(255 - p.X, 255 - p.Y))];
        // Which way the quarter was is not known.
        var apart = ((Func<Vector2, Vector2>[])[p => new(p.Y, 255 - p.X), p => new(255 - p.Y, p.X)])
            .Min(turn => quarter.Zip(upright, (q, u) => Vector2.Distance(turn(q), u)).Average());
        Assert.InRange(apart, 0, 4);
    }

    [Fact]
    public async Task ASmallFaceIsFoundOrTheLastLineSaysHow()
    {
        var run = await CliRun.Of("detect", TestFiles.Case("pictures", "small_face_in_4000px.jpg"), "--format", "csv");
        Assert.Equal(0, run.ExitCode);
        Assert.Matches("1 with 1 face|--search thorough finds smaller", run.Error);
    }

    [Theory]
    [InlineData("half_face_at_border.jpg")]
    [InlineData("x.bmp")]
    public async Task PicturesAreRead(string name)
    {
        var run = await CliRun.Of("detect", TestFiles.Case("pictures", name), "--format", "csv", "-q");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
    }

    [Theory]
    [InlineData("none of the formats")]
    [InlineData("entry 1: ", "--from", "json")]
    public async Task BrokenAnnotationsAreRefused(string said, params string[] options) => await FailsInOneLine(
        said, 1, ["dataset", "inspect", TestFiles.Case("configs", "fmt-json-92388.json"), .. options]);

    [Fact]
    public async Task AProgramUnderACheckpointsNameIsNotRun()
    {
        var model = TestFiles.Case("models", "best_model.pkl");
        var info = await CliRun.Of("model", "info", model);
        Assert.Equal((0, ""), (info.ExitCode, info.Error));
        Assert.Contains("TorchScript: a program", info.Output);
        await FailsInOneLine(
            "TorchScript is a program", 1, "detect", TestFiles.Sample("comic.png"), "--model", model);
    }

    /// <summary>Both signals end a model that has no end, at once.</summary>
    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public void AnEndlessModelIsEnded(string signal)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Mdfld.Cli.dll");
        var run = Shell.Run(
            $"""
            env --default-signal=INT dotnet '{program}' detect '{TestFiles.Sample("comic.png")}' --boxes whole \
                --model '{TestFiles.Case("models", "loop-endless.onnx")}' &
            sleep 4
            kill -{signal} $!
            start=$(date +%s)
            wait $!
            echo $? $(($(date +%s) - start < 4))
            """,
            _folder.Path);
        Assert.Equal("130 1", run.Output.Split('\n')[^1]);
    }

    /// <summary>The key of its name has bytes of zero, which ONNX Runtime would take for its end.</summary>
    [Fact]
    public async Task AModelWithZerosInItsPropertiesIsRefused()
    {
        var model = _folder["zeros.onnx"];
        File.Copy(TestFiles.Case("models", "onnx-NullReferenceException-3-96.bin"), model);
        await FailsInOneLine(
            $"{model}: ", 1,
            "detect", TestFiles.Sample("comic.png"), "--boxes", "whole", "--model", model);
    }

    /// <summary>A kilobyte that asks for two gigabytes: refused within the bound that the line names.</summary>
    [Fact]
    public void AModelThatAsksForTwoGigabytesIsRefused()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Mdfld.Cli.dll");
        var run = Shell.Run(
            $$"""
            export MDFLD_MODEL_MEMORY=300
            dotnet '{{program}}' detect '{{TestFiles.Sample("comic.png")}}' --boxes whole --quiet \
                --model '{{TestFiles.Case("models", "run-2GB.onnx")}}' >found 2>said &
            most=0
            while rss=$(awk '/VmHWM/ { print $2 }' /proc/$!/status 2>/dev/null) && [[ -n $rss ]]; do
                most=$rss; sleep 0.02; done
            wait $!
            echo $? $((most < 800000)) $(grep -c "more than the 300 MB that models may take" said) $(wc -l <said)
            """,
            _folder.Path);
        Assert.Equal("1 1 1 1", run.Output);
    }

    [Fact]
    public async Task NoTerminalEscapeComesOfAModelsName()
    {
        var model = TestFiles.Case("models", "name-escape.onnx");
        string[][] calls =
        [
            ["model", "info", model], ["detect", TestFiles.Sample("comic.png"), "--boxes", "whole", "--model", model],
            ["evaluate", "--data", Path.Combine(TestFiles.RepositoryRoot, "samples"), "--model", model],
        ];
        foreach (var call in calls)
        {
            var run = await CliRun.Of(call);
            Assert.DoesNotContain('\e', run.Output + run.Error);
        }
    }

    /// <summary>
    /// Recipes of detectors and generators, style files: the line names the file and the line or key.
    /// </summary>
    [Theory]
    [MemberData(nameof(Yaml))]
    public async Task ABrokenRecipeIsOneLine(string name)
    {
        // Under a name without the exception's.
        var path = _folder["case.yaml"];
        if (File.Exists(TestFiles.Case("yaml", name)))
            File.Copy(TestFiles.Case("yaml", name), path);
        else if (name == "deep-flow.yaml")
            File.WriteAllText(path, "a: " + new string('[', 100_000));
        else
            File.WriteAllText(path, string.Concat(Enumerable.Repeat("- ", 100_000)));
        string[][] calls =
        [
            ["train", "detector", "--recipe", path, "--data", _folder.Path, "--out", _folder["out"]],
            ["train", "generator", "--stage", "base", "--recipe", path, "--data", _folder.Path, "-o", _folder["out"]],
            ["generate", "--engine", "stylize", "--landmarks", Path.Combine(TestFiles.RepositoryRoot, "samples"),
                "--style-file", path, "--out", _folder["out"]],
        ];
        var kinds = name switch
        {
            _ when name.StartsWith("recipe", StringComparison.Ordinal) => calls[..1],
            _ when name.StartsWith("grecipe", StringComparison.Ordinal) => calls[1..2],
            _ when name.StartsWith("styles", StringComparison.Ordinal) => calls[2..],
            _ => calls,
        };
        foreach (var call in kinds)
        {
            var run = await CliRun.Of(call);
            Assert.Equal(2, run.ExitCode);
            Assert.Contains(path, run.Error);
            Assert.Matches(@"line \d+|'\w+'", run.Error);
            Assert.Single(run.Error.TrimEnd().Split('\n'));
            Assert.InRange(run.Error.Length, 20, 600);
            Assert.DoesNotMatch(TypeName(), run.Error);
            Assert.False(Path.Exists(_folder["out"]));
        }
    }

    private static async Task FailsInOneLine(string message, int exitCode, params string[] args)
    {
        var run = await CliRun.Of(args);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(message, run.Error);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
        Assert.DoesNotMatch(TypeName(), run.Error);
    }

    private static async Task<Vector2[]> Points(string name)
    {
        var run = await CliRun.Of("detect", TestFiles.Case("pictures", name), "--format", "jsonl", "-q");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var json = JsonDocument.Parse(run.Output);
        var face = Assert.Single(json.RootElement.GetProperty("faces").EnumerateArray());
        return [.. face.GetProperty("landmarks").EnumerateArray()
            .Select(p => new Vector2(p[0].GetSingle(), p[1].GetSingle()))];
    }

    [GeneratedRegex(@"Exception|System\.|YamlDotNet|`1|   at ")]
    private static partial Regex TypeName();
}
