using System.Globalization;
using Mdfld.Training;
using Spectre.Console;

namespace Mdfld.Cli.Training;

/// <summary>A training run as lines: what it is; how far, how well, how fast, how long yet; what came out.</summary>
/// <param name="console">Where to write them.</param>
/// <param name="lossFormat">Format of the loss.</param>
/// <param name="errorFormat">Format of a validation set's error.</param>
/// <param name="unit">What follows the error's name.</param>
/// <param name="group">The processes of the run: the first one writes.</param>
internal sealed class TrainingLines(
    IAnsiConsole console, string lossFormat, string errorFormat, string unit = "", ProcessGroup? group = null)
    : ITrainingObserver
{
    private static CultureInfo Culture => CultureInfo.InvariantCulture;

    private bool IsSilent => group is { Rank: > 0 };

    public void Begin(TrainingHeader header)
    {
        if (IsSilent)
            return;
        var processes = header.Processes > 1 ? $"{header.Processes} processes x " : "";
        console.MarkupLineInterpolated(
            Culture,
            $"{header.Network}: {header.Parameters / 1e6:0.00} M parameters, {header.Samples} faces an epoch, {header.Device}, {processes}{header.Replicas} replicas x {header.Threads} threads, step {header.Step} of {header.Steps}, about {Text(header.Expected)}");
    }

    public void Report(TrainingReport report)
    {
        var loss = report.Loss.ToString(lossFormat, Culture);
        var progress = string.Create(Culture, $"loss {loss} rate {report.LearningRate:0.0e+0}");
        var speed = string.Create(Culture, $"{report.SamplesPerSecond:0.0} faces/s");
        console.MarkupLineInterpolated(
            Culture,
            $"[grey]{report.Step,6}/{report.Steps}[/] {progress} [blue]{speed}[/] left {Text(report.TimeLeft)}");
        if (report.Validation is { } sets)
        {
            var errors = string.Join("  ", sets.Select(s => $"{s.Name} {s.Value.ToString(errorFormat, Culture)}"));
            console.MarkupLineInterpolated(Culture, $"       [green]{report.Measure}{unit} {errors}[/]");
        }
    }

    /// <summary>Says how a run ended, and which of its checkpoints is the better one.</summary>
    /// <param name="result">How it ended.</param>
    /// <param name="last">Its last checkpoint.</param>
    /// <param name="next">What to do with the better one.</param>
    public void End(TrainingResult result, string last, string next)
    {
        if (IsSilent)
            return;
        var (best, newest) = (result.State.Best, result.State.Last);
        var errors = double.IsInfinity(newest) ? ""
            : string.Create(
                Culture,
                $" (best {best.ToString(errorFormat, Culture)} at step {result.State.BestStep}, last {newest.ToString(errorFormat, Culture)})");
        console.MarkupLineInterpolated(
            Culture,
            $"{(result.Finished ? $"done: {result.Checkpoint}{errors}; {next}" : $"stopped: {last}{errors}; go on with --resume")}");
    }

    private static string Text(TimeSpan time) => time < TimeSpan.FromDays(1)
        ? time.ToString(@"h\:mm\:ss", Culture)
        : string.Create(Culture, $"{time.TotalDays:0.0} days");
}
