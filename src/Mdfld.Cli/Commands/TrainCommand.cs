using System.CommandLine;
using System.Globalization;
using Mdfld.Training;
using Spectre.Console;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld train</c>: trains by a recipe, can be stopped at any moment, and resumes.</summary>
internal static class TrainCommand
{
    public static Command Create() => new("train", "Trains a model of your own.") { Detector(), Preview() };

    private static Command Detector()
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
        var command = new Command("detector", "Trains a landmark detector on folders of labelled faces.")
        {
            recipe, data, output, resume, set,
        };
        command.SetAction((parsed, stop) => Task.Run(
            () => Train(
                Read(parsed.GetRequiredValue(recipe), parsed.GetValue(set)),
                parsed.GetRequiredValue(data),
                parsed.GetValue(output),
                parsed.GetValue(resume),
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
        var command = new Command("preview", "Draws augmented faces with their points, as a run would show them its network.")
        {
            recipe, data, output, phase, set,
        };
        command.SetAction(parsed =>
        {
            var read = Read(parsed.GetRequiredValue(recipe), parsed.GetValue(set));
            var number = parsed.GetValue(phase);
            if (number < 0 || number >= read.Phases.Count)
                throw new UsageException($"--phase {number}: the recipe has the phases 0 to {read.Phases.Count - 1}");
            var folders = DataFolders.Open(read.Data.Select(d => d.Name), parsed.GetRequiredValue(data));
            TrainingPreview.Draw(read, folders, number).Save(parsed.GetRequiredValue(output));
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
        Description = "Folder that holds the recipe's data folders; may be repeated",
        HelpName = "DIR",
        DefaultValueFactory = _ => ["../shared/data"],
    };

    private static Option<string[]> SetOption() => new("--set")
    {
        Description = "Changes the recipe, such as phases.0.steps=200; may be repeated",
        HelpName = "KEY=VALUE",
    };

    private static Recipe Read(string path, string[]? changes)
    {
        try
        {
            return RecipeFile.Read(path, changes);
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"--set {e.Message}");
        }
    }

    private static int Train(Recipe recipe, string[] data, string? output, bool resume, CancellationToken stop)
    {
        var folder = output ?? Path.Combine("runs", recipe.Name);
        var trainer = new DetectorTrainer(recipe, data, folder);
        if (!resume && File.Exists(trainer.LastCheckpoint))
        {
            throw new UsageException(
                $"{folder} holds a run already: --resume goes on with it; for a new one choose another folder with --out");
        }
        var finished = trainer.Run(resume && File.Exists(trainer.LastCheckpoint), Show, stop);
        var checkpoint = trainer.LastCheckpoint;
        Console.WriteLine(finished
            ? $"done: {checkpoint}; make it a model with: mdfld export {checkpoint} --out {recipe.Name}.onnx"
            : $"stopped: {checkpoint}; go on with --resume");
        return finished ? 0 : CommandLine.Failed;
    }

    private static void Show(TrainingReport report)
    {
        var culture = CultureInfo.InvariantCulture;
        var left = report.TimeLeft < TimeSpan.FromDays(1)
            ? report.TimeLeft.ToString(@"h\:mm\:ss", culture)
            : string.Create(culture, $"{report.TimeLeft.TotalDays:0.0} days");
        var speed = string.Create(culture, $"{report.FacesPerSecond:0.0} faces/s");
        AnsiConsole.MarkupLineInterpolated(
            culture,
            $"[grey]{report.Step,6}/{report.Steps}[/] loss {report.Loss:0.000} rate {report.LearningRate:0.0e+0} [blue]{speed}[/] left {left}");
        if (report.Validation is { } sets)
        {
            var errors = string.Join("  ", sets.Select(s => string.Create(culture, $"{s.Name} {s.Nme:0.00}")));
            AnsiConsole.MarkupLineInterpolated(culture, $"       [green]NME % {errors}[/]");
        }
    }
}
