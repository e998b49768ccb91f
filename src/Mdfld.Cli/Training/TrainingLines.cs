using System.Globalization;
using Mdfld.Training;
using Spectre.Console;

namespace Mdfld.Cli.Training;

/// <summary>A training run's reports as lines: how far, how well, how fast, how long yet.</summary>
/// <param name="console">Where to write them.</param>
/// <param name="lossFormat">Format of the loss.</param>
/// <param name="errorFormat">Format of a validation set's error.</param>
/// <param name="unit">What follows the error's name.</param>
internal sealed class TrainingLines(IAnsiConsole console, string lossFormat, string errorFormat, string unit = "")
{
    private static CultureInfo Culture => CultureInfo.InvariantCulture;

    public void Show(TrainingReport report)
    {
        var left = report.TimeLeft < TimeSpan.FromDays(1)
            ? report.TimeLeft.ToString(@"h\:mm\:ss", Culture)
            : string.Create(Culture, $"{report.TimeLeft.TotalDays:0.0} days");
        var loss = report.Loss.ToString(lossFormat, Culture);
        var progress = string.Create(Culture, $"loss {loss} rate {report.LearningRate:0.0e+0}");
        var speed = string.Create(Culture, $"{report.FacesPerSecond:0.0} faces/s");
        console.MarkupLineInterpolated(
            Culture, $"[grey]{report.Step,6}/{report.Steps}[/] {progress} [blue]{speed}[/] left {left}");
        if (report.Validation is { } sets)
        {
            var errors = string.Join("  ", sets.Select(s => $"{s.Name} {s.Value.ToString(errorFormat, Culture)}"));
            console.MarkupLineInterpolated(Culture, $"       [green]{report.Measure}{unit} {errors}[/]");
        }
    }
}
