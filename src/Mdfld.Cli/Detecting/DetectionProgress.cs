using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Mdfld.Cli.Detecting;

/// <summary>Counts what a run does, and tells it on stderr: a bar on a terminal, else a line now and then.</summary>
internal sealed class DetectionProgress
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(5);

    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly TextWriter _error;
    private readonly int? _total;
    private IAnsiConsole? _bar;
    private int _earlier;
    private int _done;
    private int _faces;
    private int _failed;

    private DetectionProgress(TextWriter error, int? total) => (_error, _total) = (error, total);

    /// <summary>Pictures that failed.</summary>
    public int Failed => _failed;

    /// <summary>Pictures that have a result, this run's or an earlier one's.</summary>
    public int Finished => _earlier + _done;

    private int Seen => Finished + _failed;

    private double Seconds => Stopwatch.GetElapsedTime(_start).TotalSeconds;

    private string OfTotal => _total is { } total ? $" of {total}" : "";

    private string Rate => string.Create(CultureInfo.InvariantCulture, $"{_faces / Seconds:0.0} faces/s");

    /// <summary>Runs a job that reports to the progress it is given.</summary>
    /// <param name="error">Where to tell it.</param>
    /// <param name="total">Pictures to come, where that is known.</param>
    /// <param name="quiet">Tells errors only.</param>
    /// <param name="bar">Whether a bar may stand on the terminal: nothing else is printed there.</param>
    /// <param name="job">What to run.</param>
    public static async Task<int> RunAsync(
        TextWriter error, int? total, bool quiet, bool bar, Func<DetectionProgress, Task<int>> job)
    {
        var progress = new DetectionProgress(error, total);
        if (quiet)
            return await job(progress);
        if (bar && new AnsiConsoleOutput(error).IsTerminal)
            return await progress.WithBarAsync(job);
        await using var lines = new Timer(_ => progress.Say(progress.Line()), null, BetweenLines, BetweenLines);
        return await job(progress);
    }

    /// <summary>A picture has its faces.</summary>
    public void Add(int faces)
    {
        _faces += faces;
        _done++;
    }

    /// <summary>A picture had its result from an earlier run.</summary>
    public void AddEarlier() => _earlier++;

    /// <summary>A picture failed.</summary>
    public void Fail(string message)
    {
        _failed++;
        Say(message);
    }

    /// <summary>Prints one line.</summary>
    public void Say(string message)
    {
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
        var left = _total - Seen is > 0 and var rest && Seen > _earlier
            ? $", {TimeSpan.FromSeconds(Math.Ceiling(rest * Seconds / (Seen - _earlier))):c} left" : "";
        return $"{Seen}{OfTotal} pictures, {_faces} faces, {Rate}{left}";
    }

    private async Task<int> WithBarAsync(Func<DetectionProgress, Task<int>> job)
    {
        _bar = Terminal.On(_error);
        return await _bar.Progress().AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(), new ProgressBarColumn(), new Counters(this), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var task = context.AddTask("pictures", maxValue: _total ?? 1);
                task.IsIndeterminate = _total is null;
                await using var ticks = new Timer(_ => task.Value = _total is null ? 0 : Seen, null, 0, 200);
                return await job(this);
            });
    }

    private sealed class Counters(DetectionProgress progress) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text($"{progress.Seen}{progress.OfTotal}, {progress.Rate}");
    }
}
