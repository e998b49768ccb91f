using System.CommandLine;
using System.Globalization;
using Mdfld.Training;
using Mdfld.Training.Finder;
using Spectre.Console;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld train</c>: trains by a recipe, can be stopped at any moment, and resumes.</summary>
internal static class TrainCommand
{
    public static Command Create() => new("train", "Trains a model of your own.")
    {
        Run("detector", "Trains a landmark detector on folders of labelled faces.", finder: false),
        Run("finder", "Trains a face finder on pictures composed of labelled faces.", finder: true),
        TrainGeneratorCommand.Create(),
        Preview(),
        Scenes(),
    };

    private static Command Run(string name, string description, bool finder)
    {
        var recipe = RecipeOption();
        var data = DataOption();
        var set = SetOption();
        var output = new Option<string?>("--out")
        {
            Description = "Folder for checkpoints and logs [default: runs/NAME]",
            HelpName = "DIR",
        };
        var resume = new Option<bool>("--resume")
        {
            Description = "Goes on from the last checkpoint; begins anew where there is none",
        };
        var command = new Command(name, description)
        {
            recipe, data, output, resume, set,
        };
        command.SetAction((parsed, stop) => Task.Run(
            () => Train(
                ReadFor(name, finder, parsed.GetRequiredValue(recipe), parsed.GetValue(set)),
                parsed.GetRequiredValue(data),
                parsed.GetValue(output),
                parsed.GetValue(resume),
                parsed.InvocationConfiguration.Output,
                stop),
            CancellationToken.None));
        return command;
    }

    private static Command Preview()
    {
        var recipe = RecipeOption();
        var data = DataOption();
        var set = SetOption();
        var output = new Option<string>("--out")
        {
            Description = "Picture to write, .jpg or .png",
            HelpName = "FILE",
            Required = true,
        };
        var phase = new Option<int>("--phase") { Description = "Number of the recipe's phase, from 0", HelpName = "N" };
        var command = new Command(
            "preview", "Draws augmented faces with their points, as a run would show them its network.")
        {
            recipe, data, output, phase, set,
        };
        command.SetAction(parsed =>
        {
            var picture = parsed.GetRequiredValue(output);
            if (Path.GetExtension(picture).ToLowerInvariant() is not (".jpg" or ".jpeg" or ".png"))
                throw new UsageException($"--out {picture}: expected a name that ends in .jpg or .png");
            var read = Read(parsed.GetRequiredValue(recipe), parsed.GetValue(set));
            var number = parsed.GetValue(phase);
            if (number < 0 || number >= read.Phases.Count)
                throw new UsageException($"--phase {number}: the recipe has the phases 0 to {read.Phases.Count - 1}");
            var roots = parsed.GetRequiredValue(data);
            var sheet = WithData(() => read.Network == NetworkKind.Finder
                ? FinderTrainer.Preview(read, roots, number)
                : TrainingPreview.Draw(read, DataFolders.Open(read.Data.Select(d => d.Name), roots), number));
            sheet.Save(picture);
            return 0;
        });
        return command;
    }

    private static Command Scenes()
    {
        var recipe = RecipeOption();
        var data = DataOption();
        var set = SetOption();
        var output = new Option<string>("--out") { Description = "Folder to write", HelpName = "DIR", Required = true };
        var count = SharedOptions.Number("--count", "N", "Pictures with faces, and pictures without", 500, 1, 100_000);
        var seed = new Option<int>("--seed")
        {
            Description = "Decides on all of them",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        var command = new Command(
            "scenes",
            "Writes composed pictures of a finder's validation faces, and pictures without a face, "
            + "to measure finders on.")
        {
            recipe, data, output, count, seed, set,
        };
        command.SetAction(parsed =>
        {
            var folder = parsed.GetRequiredValue(output);
            if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
                throw new UsageException($"--out {folder}: is there already; choose another folder");
            var read = ReadFor("scenes", finder: true, parsed.GetRequiredValue(recipe), parsed.GetValue(set));
            if (read.Validation.Count == 0)
                throw new UsageException(
                    $"--recipe {parsed.GetRequiredValue(recipe)}: it names no folder under 'validation'");
            WithData(() =>
            {
                SceneFolder.Write(
                    read, parsed.GetRequiredValue(data), folder, parsed.GetValue(count), parsed.GetValue(seed));
                return folder;
            });
            return 0;
        });
        return command;
    }

    private static Option<string> RecipeOption() => new("--recipe")
    {
        Description = "YAML file that says what to train, on what, and how",
        HelpName = "FILE",
        Required = true,
    };

    private static Option<string[]> DataOption() => new("--data")
    {
        Description = "Folder that holds the folders of faces which the recipe names; may be repeated",
        HelpName = "DIR",
        Required = true,
    };

    private static Option<string[]> SetOption() => new("--set")
    {
        Description = "Changes the recipe, such as phases.0.steps=200; may be repeated",
        HelpName = "KEY=VALUE",
    };

    private static Recipe Read(string path, string[]? changes)
    {
        if (!File.Exists(path))
            throw new UsageException($"--recipe {path}: no such file");
        try
        {
            return RecipeFile.Read(path, changes);
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"--set {e.Message}");
        }
    }

    private static Recipe ReadFor(string name, bool finder, string path, string[]? changes)
    {
        var recipe = Read(path, changes);
        if ((recipe.Network == NetworkKind.Finder) != finder)
            throw new UsageException(
                $"{path}: a recipe of {recipe.Network.ToString().ToLowerInvariant()}, which is not for train {name}");
        return recipe;
    }

    private static T WithData<T>(Func<T> open)
    {
        try
        {
            return open();
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException)
        {
            throw new UsageException($"--data: {e.Message}");
        }
    }

    private static int Train(
        Recipe recipe, string[] data, string? target, bool resume, TextWriter output, CancellationToken stop)
    {
        var folder = target ?? Path.Combine("runs", recipe.Name);
        var trainer = WithData(() => MakeTrainer());
        if (!resume && File.Exists(trainer.LastCheckpoint))
        {
            throw new UsageException(
                $"{folder} holds a run already: --resume goes on with it; "
                + "for a new one choose another folder with --out");
        }
        var console = Terminal.On(output);
        var finished = trainer.Run(
            resume && File.Exists(trainer.LastCheckpoint), report => Show(report, console), stop);
        var checkpoint = trainer.LastCheckpoint;
        output.WriteLine(finished
            ? $"done: {checkpoint}; make it a model with: mdfld export {checkpoint} --out {recipe.Name}.onnx"
            : $"stopped: {checkpoint}; go on with --resume");
        return finished ? 0 : CommandLine.Failed;

        Trainer MakeTrainer() => recipe.Network == NetworkKind.Finder
            ? new FinderTrainer(recipe, data, folder)
            : new DetectorTrainer(recipe, data, folder);
    }

    private static void Show(TrainingReport report, IAnsiConsole console)
    {
        var culture = CultureInfo.InvariantCulture;
        ShowProgress(report, console, "0.000");
        if (report.Validation is { } sets)
        {
            var errors = string.Join("  ", sets.Select(s => string.Create(culture, $"{s.Name} {s.Value:0.00}")));
            console.MarkupLineInterpolated(culture, $"       [green]{report.Measure} % {errors}[/]");
        }
    }

    /// <summary>One line: how far, how well, how fast, how long yet.</summary>
    internal static void ShowProgress(TrainingReport report, IAnsiConsole console, string lossFormat)
    {
        var culture = CultureInfo.InvariantCulture;
        var left = report.TimeLeft < TimeSpan.FromDays(1)
            ? report.TimeLeft.ToString(@"h\:mm\:ss", culture)
            : string.Create(culture, $"{report.TimeLeft.TotalDays:0.0} days");
        var loss = report.Loss.ToString(lossFormat, culture);
        var progress = string.Create(culture, $"loss {loss} rate {report.LearningRate:0.0e+0}");
        var speed = string.Create(culture, $"{report.FacesPerSecond:0.0} faces/s");
        console.MarkupLineInterpolated(
            culture, $"[grey]{report.Step,6}/{report.Steps}[/] {progress} [blue]{speed}[/] left {left}");
    }
}
