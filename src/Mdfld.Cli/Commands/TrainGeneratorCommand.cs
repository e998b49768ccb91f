using System.CommandLine;
using System.Globalization;
using Mdfld.Diffusion;
using Mdfld.Training;
using Spectre.Console;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld train generator</c>: one stage of a generator's training.</summary>
internal static class TrainGeneratorCommand
{
    private const string AutoencoderOnly = "base-vae";

    public static Command Create()
    {
        var stage = new Option<string>("--stage")
        {
            Description = "base: autoencoder, UNet and text encoder from nothing (base-vae: the autoencoder only); "
                + "1: ControlNet on real faces; 2: styles",
            HelpName = "STAGE",
            Required = true,
        };
        stage.AcceptOnlyFromAmong("base", AutoencoderOnly, "1", "2");
        var recipe = new Option<string>("--recipe")
        {
            Description = "YAML file that says what to train, on what, and how",
            HelpName = "FILE",
            Required = true,
        };
        var data = new Option<string[]>("--data")
        {
            Description = "Folder that holds the folders of faces which the recipe names; may be repeated",
            HelpName = "DIR",
            Required = true,
        };
        var output = new Option<string?>("--out")
        {
            Description = "Folder for checkpoints, logs and the model [default: runs/NAME]",
            HelpName = "DIR",
        };
        var resume = new Option<bool>("--resume")
        {
            Description = "Goes on from the last checkpoint; begins anew where there is none",
        };
        var set = new Option<string[]>("--set")
        {
            Description = "Changes the recipe, such as diffusion.steps=200; may be repeated",
            HelpName = "KEY=VALUE",
        };
        var command = new Command("generator", "Trains a generator of labelled faces, one stage at a time.")
        {
            stage, recipe, data, output, resume, set,
        };
        command.SetAction((parsed, stop) => Task.Run(
            () =>
            {
                var asked = parsed.GetRequiredValue(stage);
                return Train(
                    Read(parsed.GetRequiredValue(recipe), parsed.GetValue(set), asked),
                    asked == AutoencoderOnly,
                    parsed.GetRequiredValue(data),
                    parsed.GetValue(output),
                    parsed.GetValue(resume),
                    parsed.InvocationConfiguration.Output,
                    stop);
            },
            CancellationToken.None));
        return command;
    }

    private static GeneratorRecipe Read(string path, string[]? changes, string stage)
    {
        if (!File.Exists(path))
            throw new UsageException($"--recipe {path}: no such file");
        GeneratorRecipe recipe;
        try
        {
            recipe = GeneratorRecipeFile.Read(path, changes);
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"--set {e.Message}");
        }
        var wanted = stage == AutoencoderOnly ? "base" : stage;
        return recipe.Stage == wanted ? recipe
            : throw new UsageException($"--stage {stage}: {path} is a recipe of stage {recipe.Stage}");
    }

    private static int Train(
        GeneratorRecipe recipe, bool autoencoderOnly, string[] data, string? target, bool resume, TextWriter output,
        CancellationToken stop)
    {
        var folder = target ?? Path.Combine("runs", recipe.Name);
        GeneratorTrainer trainer;
        try
        {
            trainer = new GeneratorTrainer(recipe, data, folder);
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException)
        {
            throw new UsageException(e.Message);
        }
        if (!resume && trainer.HasRun)
        {
            throw new UsageException(
                $"{folder} holds a run already: --resume goes on with it; "
                + "for a new one choose another folder with --out");
        }
        var console = Terminal.On(output);
        var finished = trainer.Run(
            resume, autoencoderOnly, report => Show(report, console),
            words => console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[grey]{words}[/]"), stop);
        output.WriteLine(
            !finished ? $"stopped: {folder}; go on with --resume"
            : autoencoderOnly ? $"done: {folder}; go on with: --stage base --resume"
            : $"done: {trainer.ModelFolder}");
        return finished ? 0 : CommandLine.Failed;
    }

    private static void Show(TrainingReport report, IAnsiConsole console)
    {
        var culture = CultureInfo.InvariantCulture;
        TrainCommand.ShowProgress(report, console, "0.0000");
        if (report.Validation is { } sets)
        {
            var errors = string.Join("  ", sets.Select(s => string.Create(culture, $"{s.Name} {s.Value:0.0000}")));
            console.MarkupLineInterpolated(culture, $"       [green]{report.Measure} {errors}[/]");
        }
    }
}
