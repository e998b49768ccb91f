using System.CommandLine;
using System.Globalization;
using Mdfld.Training;
using Spectre.Console;

namespace Mdfld.Cli.Commands;

/// <summary>The recipe of a run and the data that it names: <c>--recipe</c>, <c>--data</c>, <c>--set</c>.</summary>
/// <param name="read">Reads a recipe's file with KEY=VALUE changes, which an ArgumentException is about.</param>
/// <param name="change">Such a change, for the help.</param>
internal sealed class RecipeOptions<T>(Func<string, IEnumerable<string>?, T> read, string change) : IOptionGroup
{
    private readonly Option<string> _recipe =
        SharedOptions.Required("--recipe", "FILE", "YAML file that says what to train, on what, and how");

    private readonly Option<string[]> _data = new("--data")
    {
        Description = "Folder that holds the folders of faces which the recipe names; may be repeated",
        HelpName = "DIR",
        Required = true,
    };

    private readonly Option<string[]> _set = new("--set")
    {
        Description = $"Changes the recipe, such as {change}; may be repeated",
        HelpName = "KEY=VALUE",
    };

    public void AddTo(Command command)
    {
        command.Add(_recipe);
        command.Add(_data);
        command.Add(_set);
    }

    /// <summary>The recipe's file.</summary>
    public string File(ParseResult parsed) => parsed.GetRequiredValue(_recipe);

    /// <summary>The folders in which data is searched.</summary>
    public string[] Data(ParseResult parsed) => parsed.GetRequiredValue(_data);

    /// <summary>The recipe with its changes.</summary>
    /// <exception cref="UsageException">There is no such file, or no such key.</exception>
    public T Read(ParseResult parsed)
    {
        var file = File(parsed);
        if (!System.IO.File.Exists(file))
            throw new UsageException($"--recipe {file}: no such file");
        try
        {
            return read(file, parsed.GetValue(_set));
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"--set {e.Message}");
        }
    }
}

/// <summary>Where a training run is kept: <c>--out</c> and <c>--resume</c>.</summary>
internal sealed class RunOptions(string holds) : IOptionGroup
{
    private readonly Option<string?> _output =
        SharedOptions.Text("--out", "DIR", $"Folder for {holds} [default: runs/NAME]");

    private readonly Option<bool> _resume =
        SharedOptions.Flag("--resume", "Goes on from the last checkpoint; begins anew where there is none");

    public void AddTo(Command command)
    {
        command.Add(_output);
        command.Add(_resume);
    }

    /// <summary>The run's folder.</summary>
    public string Folder(ParseResult parsed, string name) => parsed.GetValue(_output) ?? Path.Combine("runs", name);

    /// <summary>Whether to go on with what is there.</summary>
    /// <exception cref="UsageException">There is a run that is not to be gone on with.</exception>
    public bool GoesOn(ParseResult parsed, string folder, bool hasRun)
    {
        if (hasRun && !parsed.GetValue(_resume))
        {
            throw new UsageException(
                $"{folder} holds a run already: --resume goes on with it; "
                + "for a new one choose another folder with --out");
        }
        return hasRun;
    }
}

/// <summary>A training run's reports as lines: step, loss, error, rate, time left.</summary>
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
