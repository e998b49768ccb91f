using System.CommandLine;
using System.Globalization;
using Mdfld.Training;
using Spectre.Console;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld train detector</c>: trains by a recipe, can be stopped at any moment, and resumes.</summary>
internal static class TrainCommand
{
    public static Command Create() => new("train", "Train a model of your own.") { Detector() };

    private static Command Detector()
    {
        var recipe = new Option<string>("--recipe") { Description = "YAML file that says what to train, on what, and how.", Required = true };
        var data = new Option<string[]>("--data") { Description = "Folder that holds the recipe's data folders; may be repeated.", DefaultValueFactory = _ => ["../shared/data"] };
        var output = new Option<string?>("--out") { Description = "Folder for checkpoints and logs [default: runs/NAME]." };
        var resume = new Option<bool>("--resume") { Description = "Go on from the last checkpoint; begins anew where there is none." };
        var set = new Option<string[]>("--set") { Description = "Change the recipe: KEY=VALUE, such as phases.0.steps=200; may be repeated." };
        var command = new Command("detector", "Train a landmark detector on folders of labelled faces.") { recipe, data, output, resume, set };
        command.SetAction((parsed, stop) => Task.Run(
            () => Run(
                Read(parsed.GetRequiredValue(recipe), parsed.GetValue(set)),
                parsed.GetRequiredValue(data),
                parsed.GetValue(output),
                parsed.GetValue(resume),
                stop),
            CancellationToken.None));
        return command;
    }

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

    private static int Run(Recipe recipe, string[] data, string? output, bool resume, CancellationToken stop)
    {
        var folder = output ?? Path.Combine("runs", recipe.Name);
        var trainer = new DetectorTrainer(recipe, data, folder);
        if (!resume && File.Exists(trainer.LastCheckpoint))
            throw new UsageException($"{folder} holds a run already: --resume goes on with it; for a new one choose another folder with --out");
        var finished = trainer.Run(resume && File.Exists(trainer.LastCheckpoint), Show, stop);
        Console.WriteLine(finished
            ? $"done: {trainer.LastCheckpoint}; make it a model with: mdfld export {trainer.LastCheckpoint} --out {recipe.Name}.onnx"
            : $"stopped: {trainer.LastCheckpoint}; go on with --resume");
        return finished ? 0 : 1;
    }

    private static void Show(TrainingReport r)
    {
        var left = r.TimeLeft < TimeSpan.FromDays(1) ? r.TimeLeft.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture) : $"{r.TimeLeft.TotalDays:0.0} days";
        AnsiConsole.MarkupLineInterpolated(
            CultureInfo.InvariantCulture,
            $"[grey]{r.Step,6}/{r.Steps}[/] loss {r.Loss:0.0000} rate {r.LearningRate:0.0e+0} norm {r.GradientNorm:0.0} [blue]{r.FacesPerSecond:0.0} faces/s[/] left {left}");
        if (r.Validation is { } sets)
            AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"       [green]NME % {string.Join("  ", sets.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Name} {s.Nme:0.00}")))}[/]");
    }
}
