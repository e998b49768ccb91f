using System.Diagnostics;
using System.Globalization;
using Mdfld.Diffusion.Synthesis;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Mdfld.Cli.Generating;

/// <summary>Counts what a run makes, and tells it on stderr: a bar on a terminal, else a line now and then.</summary>
internal sealed class GenerationProgress
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(5);

    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly TextWriter _error;
    private readonly bool _quiet;
    private readonly int _total;
    private IAnsiConsole? _bar;
    private int _earlier;
    private int _kept;
    private int _rejected;
    private int _givenUp;

    private GenerationProgress(TextWriter error, int total, bool quiet) => (_error, _total, _quiet) = (error, total, quiet);

    /// <summary>Samples that are done, this run's or an earlier one's.</summary>
    public int Finished => _earlier + _kept + _givenUp;

    private double Minutes => Stopwatch.GetElapsedTime(_start).TotalMinutes;

    private string Counts => string.Create(
        CultureInfo.InvariantCulture,
        $"{Finished} of {_total}, {_kept / Minutes:0} pairs/min, {_kept} kept, {_rejected} rejected");

    /// <summary>Runs a job that reports to the progress it is given.</summary>
    public static async Task<int> RunAsync(
        TextWriter error, int total, bool quiet, Func<GenerationProgress, Task<int>> job)
    {
        var progress = new GenerationProgress(error, total, quiet);
        if (quiet)
            return await job(progress);
        if (new AnsiConsoleOutput(error).IsTerminal)
            return await progress.WithBarAsync(job);
        await using var lines = new Timer(_ => progress.Say(progress.Line()), null, BetweenLines, BetweenLines);
        return await job(progress);
    }

    /// <summary>Samples of an earlier run.</summary>
    public void AddEarlier(int count) => _earlier += count;

    /// <summary>A sample is done.</summary>
    public void Add(SampleRecord record)
    {
        if (record.Image is null)
            _givenUp++;
        else
            _kept++;
        _rejected += record.Attempt + (record.Image is null ? 1 : 0);
    }

    /// <summary>Prints one line, unless nothing is to be said.</summary>
    public void Say(string message)
    {
        if (_quiet)
            return;
        lock (_error)
        {
            if (_bar is null)
                _error.WriteLine($"mdfld: {message}");
            else
                _bar.WriteLine($"mdfld: {message}");
        }
    }

    private string Line()
    {
        var done = _kept + _givenUp;
        var left = _total > Finished && done > 0
            ? $", {TimeSpan.FromSeconds(Math.Ceiling((_total - Finished) * Minutes * 60 / done)):c} left" : "";
        return Counts + left;
    }

    private async Task<int> WithBarAsync(Func<GenerationProgress, Task<int>> job)
    {
        _bar = Terminal.On(_error);
        return await _bar.Progress().AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(), new ProgressBarColumn(), new Counters(this), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var task = context.AddTask("pairs", maxValue: _total);
                await using var ticks = new Timer(_ => task.Value = Finished, null, 0, 200);
                return await job(this);
            });
    }

    private sealed class Counters(GenerationProgress progress) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(progress.Counts);
    }
}
