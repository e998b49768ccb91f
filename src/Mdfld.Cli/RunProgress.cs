using System.Diagnostics;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Mdfld.Cli;

/// <summary>Tells on stderr how far a long run is: a bar on a terminal, else a line now and then.</summary>
/// <param name="error">Where to tell it.</param>
/// <param name="things">What is counted, such as pictures.</param>
/// <param name="total">How many are to come, where that is known.</param>
internal abstract class RunProgress(TextWriter error, string things, int? total)
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(5);

    private readonly long _start = Stopwatch.GetTimestamp();
    private IAnsiConsole? _bar;
    private bool _quiet;

    /// <summary>How far the run is, in a few words.</summary>
    protected abstract string Counts { get; }

    /// <summary>What is behind the run, by itself or by an earlier one.</summary>
    protected abstract int Seen { get; }

    /// <summary>What this run did of that.</summary>
    protected abstract int Done { get; }

    /// <summary>How long the run has lasted.</summary>
    protected TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    /// <summary>" of 12", or nothing where it is unknown of how many.</summary>
    protected string OfTotal => total is { } known ? $" of {known}" : "";

    /// <summary>Runs a job while it reports here.</summary>
    /// <param name="quiet">Tells of errors only.</param>
    /// <param name="bar">Whether a bar may stand on the terminal: nothing else is printed there.</param>
    /// <param name="job">What to run.</param>
    public async Task<int> RunAsync(bool quiet, bool bar, Func<Task<int>> job)
    {
        _quiet = quiet;
        if (quiet)
            return await job();
        if (bar && new AnsiConsoleOutput(error).IsTerminal)
            return await WithBarAsync(job);
        await using var lines = new Timer(_ => Say(Counts + Left()), null, BetweenLines, BetweenLines);
        return await job();
    }

    /// <summary>Prints one line, unless only errors are to be told.</summary>
    public void Note(string message)
    {
        if (!_quiet)
            Say(message);
    }

    /// <summary>Prints one line.</summary>
    public void Say(string message)
    {
        message = Terminal.Clean(message, lines: true);
        lock (error)
        {
            if (_bar is null)
                error.WriteLine($"mdfld: {message}");
            else
                _bar.WriteLine($"mdfld: {message}");
        }
    }

    private string Left() => total - Seen is > 0 and var rest && Done > 0
        ? $", {TimeSpan.FromSeconds(Math.Ceiling(rest * Elapsed.TotalSeconds / Done)):c} left" : "";

    private async Task<int> WithBarAsync(Func<Task<int>> job)
    {
        _bar = Terminal.On(error);
        return await _bar.Progress().AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(), new ProgressBarColumn(), new Counters(this), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var task = context.AddTask(things, maxValue: total ?? 1);
                task.IsIndeterminate = total is null;
                await using var ticks = new Timer(_ => task.Value = total is null ? 0 : Seen, null, 0, 200);
                return await job();
            });
    }

    private sealed class Counters(RunProgress progress) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(progress.Counts);
    }
}
