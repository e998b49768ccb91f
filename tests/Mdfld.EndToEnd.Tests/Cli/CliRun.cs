using Mdfld.Cli.Commands;

namespace Mdfld.Tests.Cli;

/// <summary>One call of the command line inside the test's own process.</summary>
internal sealed record CliRun(int ExitCode, string Output, string Error)
{
    public static async Task<CliRun> Of(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        return await Of(args, output, error, CancellationToken.None);
    }

    /// <summary>A call whose Ctrl-C arrives with the first words it writes.</summary>
    public static Task<CliRun> Interrupted(params string[] args) => InterruptedAt("", args);

    /// <summary>A call whose Ctrl-C arrives when it writes some words.</summary>
    public static async Task<CliRun> InterruptedAt(string words, string[] args)
    {
        using var stop = new CancellationTokenSource();
        using var output = new StoppingWriter(words, stop);
        using var error = new StoppingWriter(words, stop);
        return await Of(args, output, error, stop.Token);
    }

    /// <summary>One line on stderr, nothing on stdout, exit code 2.</summary>
    public void AssertBadCall(string message)
    {
        Assert.Equal((2, ""), (ExitCode, Output));
        Assert.Contains(message, Error);
        Assert.Equal(1, Error.Count(c => c == '\n'));
        Assert.StartsWith("mdfld: ", Error);
    }

    private static async Task<CliRun> Of(string[] args, TextWriter output, TextWriter error, CancellationToken stop)
    {
        // One that goes on for ever fails by its name, instead of hanging all tests.
        var code = await CommandLine.RunAsync(args, output, error, stop).WaitAsync(TimeSpan.FromMinutes(10), CancellationToken.None);
        return new CliRun(code, output.ToString()!, error.ToString()!);
    }

    private sealed class StoppingWriter(string words, CancellationTokenSource stop) : StringWriter
    {
        public override void Write(string? value)
        {
            base.Write(value);
            if (value?.Contains(words) == true)
                stop.Cancel();
        }

        public override void WriteLine(string? value) => Write(value + "\n");
    }
}
