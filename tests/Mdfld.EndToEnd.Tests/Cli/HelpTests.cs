using System.CommandLine;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Mdfld.Cli.Commands;

namespace Mdfld.Tests.Cli;

/// <summary>The words of the program: help, errors of calls, completion.</summary>
public sealed partial class HelpTests
{
    private static string HelpFile =>
        Path.Combine(TestFiles.RepositoryRoot, "tests", "Mdfld.EndToEnd.Tests", "Cli", "help.txt");

    /// <summary>Commands from the root down, by their words.</summary>
    private static IEnumerable<(string[] Words, Command Command)> Commands()
    {
        return Below([], CommandLine.Root());

        static IEnumerable<(string[], Command)> Below(string[] words, Command command) =>
            command.Subcommands.Where(c => !c.Hidden).SelectMany(c => Below([.. words, c.Name], c))
                .Prepend((words, command));
    }

    /// <summary>MDFLD_UPDATE=1 writes the file anew, to be read word by word before it is committed.</summary>
    [Fact]
    public async Task HelpIsAsItWasReviewed()
    {
        var text = new StringBuilder();
        foreach (var (words, _) in Commands())
        {
            var run = await CliRun.Of([.. words, "--help"]);
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
            text.Append($"$ {string.Join(' ', words.Prepend("mdfld").Append("--help"))}\n");
            var lines = run.Output.ReplaceLineEndings("\n").Trim().Split('\n').Select(l => l.TrimEnd());
            text.Append($"{string.Join('\n', lines)}\n\n");
        }
        if (Environment.GetEnvironmentVariable("MDFLD_UPDATE") == "1")
            await File.WriteAllTextAsync(HelpFile, text.ToString());
        Assert.Equal(await File.ReadAllTextAsync(HelpFile), text.ToString());
    }

    /// <summary>One name, one meaning: an option has the same value and the same words wherever it is.</summary>
    [Fact]
    public void OptionsOfOneNameTakeOneKindOfValue()
    {
        string[] shared =
        [
            "--model", "--finder", "--mirror", "--threads", "--quiet", "--json", "--force", "--trust-code", "--search",
            "--longest-side", "--faces", "--data", "--resume", "--seed", "--out",
        ];
        var kinds = Commands().SelectMany(c => c.Command.Options).Where(o => shared.Contains(o.Name))
            .GroupBy(o => o.Name).Select(g => (g.Key, Kinds: g.Select(o => KindOf(o)).Distinct().ToArray()));
        Assert.All(kinds, k => Assert.Single(k.Kinds));
        Assert.All(
            Commands().SelectMany(c => c.Command.Options).Where(o => o.Name == "--out"),
            o => Assert.Contains("-o", o.Aliases));

        // A folder and a file are both places to write to, one and many of them a source.
        static string KindOf(Option option) => option.Name switch
        {
            "--out" => "a path",
            _ when option.ValueType == typeof(bool) => "a flag",
            _ => option.HelpName ?? "",
        };
    }

    [Theory]
    [InlineData("mdfld has no command 'detct'; did you mean detect?", "detct", "samples")]
    [InlineData("dataset has no command 'convrt'; did you mean convert?", "dataset", "convrt")]
    [InlineData("dataset needs a command: convert, ", "dataset")]
    [InlineData("--mirorr: no such option; did you mean --mirror?", "evaluate", "--mirorr")]
    [InlineData("--seed 'x': expected a whole number.", "samples", "--out", "x", "--seed", "x")]
    [InlineData(
        "--size '12,5': expected a whole number from 32 to 4096, with a point",
        "samples", "-o", "x", "--size", "12,5")]
    [InlineData(
        "--tolerance '2,5': expected a number from 0.001 to 100, with a point",
        "label", "x", "-o", "y", "--tolerance", "2,5")]
    [InlineData("--check-threshold '12,5': expected a number", "generate", "-o", "x", "--check-threshold", "12,5")]
    [InlineData("--start 'Noise': expected noise, photo, stylized", "generate", "-o", "x", "--start", "Noise")]
    [InlineData("--shard '5/4': expected I/N", "generate", "-o", "x", "--shard", "5/4")]
    [InlineData("MODEL is missing.", "model", "info")]
    [InlineData("--seed lacks its value, N.", "samples", "-o", "x", "--seed")]
    [InlineData("no shell 'sh' is known", "completion", "sh")]
    public async Task ACallThatIsWrongIsToldInOneLine(string message, params string[] args) =>
        (await CliRun.Of(args)).AssertBadCall(message);

    /// <summary>Every option of every command with a value that is none.</summary>
    [Fact]
    public async Task NoMessageNamesATypeOfDotNet()
    {
        foreach (var (words, command) in Commands().Where(c => c.Command.Subcommands.Count == 0))
        {
            string[] arguments =
                [.. command.Arguments.SelectMany(a => Enumerable.Repeat("x", a.Arity.MinimumNumberOfValues))];
            // These two need nothing, and would stay.
            if (words is not (["studio"] or ["serve"]))
                await Check([.. words]);
            await Check([.. words, .. arguments, "--no-such-option"]);
            foreach (var option in command.Options.Where(o => o.ValueType != typeof(bool) && o.HelpName is not null))
            {
                await Check([.. words, .. arguments, option.Name]);
                if (option.ValueType != typeof(string) && option.ValueType != typeof(string[]))
                    await Check([.. words, .. arguments, option.Name, "12,5e"]);
            }
        }

        static async Task Check(string[] args)
        {
            var run = await CliRun.Of(args);
            Assert.DoesNotMatch(TypeName(), (run.Error + run.Output).Replace(AppContext.BaseDirectory, ""));
            Assert.True(run.ExitCode == 2 || args is ["doctor" or "model" or "setup" or "completion", ..],
                $"{string.Join(' ', args)}: {run.ExitCode} {run.Error}");
        }
    }

    [Theory]
    [InlineData("help", "detect")]
    [InlineData("detect", "-h")]
    public async Task HelpComesHoweverItIsAskedFor(params string[] args)
    {
        var run = await CliRun.Of(args);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("--threshold", run.Output);
    }

    [Theory]
    [InlineData("version")]
    [InlineData("-v")]
    [InlineData("--version")]
    public async Task TheVersionComesHoweverItIsAskedFor(string word)
    {
        var run = await CliRun.Of(word);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Matches(@"^\d+\.\d+\.\d+\S*\n$", run.Output.ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData("mdfld det", "detect")]
    [InlineData("./mdfld dataset con", "convert")]
    [InlineData("mdfld detect --thr", "--threshold")]
    [InlineData("mdfld detect --format ", "jsonl")]
    public async Task ShellsCompleteCommandsOptionsAndWords(string line, string word)
    {
        var run = await CliRun.Of("complete", $"{line.Length}", line);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains(word, run.Output.ReplaceLineEndings("\n").Split('\n'));
    }

    [Fact]
    public void BashTakesItsScript()
    {
        var program = $"dotnet '{Path.Combine(AppContext.BaseDirectory, "Mdfld.Cli.dll")}'";
        var run = Launchers.Shell.Run(
            $$"""
            mdfld() { {{program}} "$@"; }
            source <(mdfld completion bash)
            COMP_LINE='mdfld detect --sea' COMP_POINT=18 COMP_CWORD=2
            _mdfld mdfld --sea detect
            echo "${COMPREPLY[@]}"
            """,
            Path.GetTempPath());
        Assert.Equal((0, "--search", ""), (run.ExitCode, run.Output, run.Errors));
    }

    [GeneratedRegex(@"System\.|Mdfld\.[A-Z]\w+\.|Exception|Nullable|`1|\bInt32\b|\bSingle\b|   at ")]
    private static partial Regex TypeName();
}
