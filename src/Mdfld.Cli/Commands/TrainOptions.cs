using Spectre.Console;

namespace Mdfld.Cli.Commands;

/// <summary>The recipe of a run and the data that it names: <c>--recipe</c>, <c>--data</c>, <c>--set</c>.</summary>
/// <param name="read">Reads a recipe's file with KEY=VALUE changes, which an ArgumentException is about.</param>
/// <param name="change">Such a change, for the help.</param>
internal sealed class RecipeOptions<T>(Func<string, IEnumerable<string>?, T> read, string change) : IOptionGroup
{
    private readonly Option<string> _recipe =
        SharedOptions.Required("--recipe", "FILE", "Recipe: a YAML file");

    private readonly Option<string[]> _data = new("--data")
    {
        Description = "Folder that holds the recipe's folders of faces; may be repeated",
        HelpName = "DIR",
        Required = true,
    };

    private readonly Option<bool> _skipBad = SharedOptions.SkipBad();

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
        command.Add(_skipBad);
    }

    public string File(ParseResult parsed) => parsed.GetRequiredValue(_recipe);

    /// <summary>The folders in which data is searched.</summary>
    public string[] Data(ParseResult parsed) => parsed.GetRequiredValue(_data);

    /// <summary>Says what is left out of the data; null where nothing may be.</summary>
    public Action<string>? OnBad(ParseResult parsed) => !parsed.GetValue(_skipBad) ? null
        : problem => parsed.InvocationConfiguration.Error.WriteLine($"mdfld: {ErrorText.OneLine(problem)}; left out");

    /// <summary>Does what reads the data; see <see cref="ErrorText.WithHint"/>.</summary>
    public TResult WithHint<TResult>(ParseResult parsed, Func<TResult> read) =>
        ErrorText.WithHint(parsed.GetValue(_skipBad), read);

    /// <summary>The recipe with its changes.</summary>
    /// <exception cref="UsageException">There is no such file or key, or it is broken.</exception>
    public T Read(ParseResult parsed)
    {
        var file = File(parsed);
        if (!System.IO.File.Exists(file))
            throw new UsageException($"--recipe {file}: no such file");
        return UsageException.IfBroken(() => UsageException.IfRefused("--set ", () => read(file, parsed.GetValue(_set))));
    }
}

/// <summary>Folder and messages of a training run: <c>--out</c>, <c>--resume</c>, <c>--quiet</c>.</summary>
internal sealed class RunOptions(string holds) : IOptionGroup
{
    private readonly Option<string?> _output =
        SharedOptions.OutOrNone("DIR", $"Folder for {holds} [default: runs/NAME]");

    private readonly Option<bool> _resume =
        SharedOptions.Flag("--resume", "Goes on from the last checkpoint, if there is one");

    private readonly Option<string?> _device = SharedOptions.TorchDevice("the recipe's");
    private readonly Option<bool> _quiet = SharedOptions.Quiet();

    /// <summary>Does the work of one of several processes; where it fails, all end: the others would wait.</summary>
    public static T EndTogether<T>(ProcessGroup? group, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (group is { Size: > 1 })
        {
            Console.Error.WriteLine($"mdfld: process {group.Rank} of {group.Size} ends all: {ErrorText.Of(e)}");
            ProcessGroup.Abort();
            throw;
        }
    }

    public void AddTo(Command command)
    {
        command.Add(_output);
        command.Add(_device);
        command.Add(_resume);
        command.Add(_quiet);
    }

    public bool IsQuiet(ParseResult parsed) => parsed.GetValue(_quiet);

    /// <summary>The device to train on, or null for the recipe's.</summary>
    public string? Device(ParseResult parsed) => parsed.GetValue(_device);

    public string Folder(ParseResult parsed, string name) => parsed.GetValue(_output) ?? Path.Combine("runs", name);

    /// <summary>
    /// Holds the folder of a run as long as it is not disposed: two processes that do not know of each other would mix
    /// their checkpoints. Of several that share the run the first one holds it.
    /// </summary>
    public static IDisposable? Hold(string folder, ProcessGroup? group) =>
        group is { Rank: > 0 } ? null : FolderLock.Take(folder, ".mdfld-train", FileOptions.DeleteOnClose);

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

/// <summary>A training run as lines: what it is; how far, how well, how fast, how long yet; what came out.</summary>
/// <param name="errorFormat">Format of a validation set's error.</param>
/// <param name="unit">What follows the error's name.</param>
/// <param name="group">The processes of the run: the first one writes.</param>
/// <param name="quiet">Says nothing.</param>
internal sealed class TrainingLines(
    IAnsiConsole console, string lossFormat, string errorFormat, string unit = "", ProcessGroup? group = null,
    bool quiet = false)
    : ITrainingObserver
{
    private static CultureInfo Culture => CultureInfo.InvariantCulture;

    private bool IsSilent => quiet || group is { Rank: > 0 };

    public void Begin(TrainingHeader header)
    {
        if (IsSilent)
            return;
        var network = string.Create(Culture, $"{header.Network}: {header.Parameters / 1e6:0.00} M parameters");
        var processes = header.Processes > 1 ? $"{header.Processes} processes x " : "";
        var workers = $"{header.Device}, {processes}{header.Replicas} replicas x {header.Threads} threads";
        var steps = $"step {header.Step} of {header.Steps}, about {Text(header.Expected)}";
        WriteLine($"{network}, {header.Samples} faces an epoch, {workers}, {steps}");
    }

    public void Report(TrainingReport report)
    {
        if (IsSilent)
            return;
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
    public void End(TrainingResult result, string last, string next)
    {
        if (IsSilent)
            return;
        var state = result.State;
        var (best, newest) = (state.Best.ToString(errorFormat, Culture), state.Last.ToString(errorFormat, Culture));
        var errors = double.IsInfinity(state.Last) ? "" : $" (best {best} at step {state.BestStep}, last {newest})";
        var end = result.Finished
            ? $"done: {result.Checkpoint}{errors}; {next}" : $"stopped: {last}{errors}; go on with --resume";
        WriteLine(end);
    }

    // In one line, however narrow the terminal.
    private void WriteLine(string text) => console.Profile.Out.Writer.WriteLine(text);

    private static string Text(TimeSpan time) => time < TimeSpan.FromDays(1)
        ? time.ToString(@"h\:mm\:ss", Culture)
        : string.Create(Culture, $"{time.TotalDays:0.0} days");
}
