using System.CommandLine;
using System.Globalization;
using Mdfld.Cli.Training;
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
        var recipe = new RecipeOptions<GeneratorRecipe>(RecipeFile.Read<GeneratorRecipe>, "diffusion.steps=200");
        var run = new RunOptions("checkpoints, logs and the model");
        var command = new Command("generator", "Trains a generator of labelled faces, one stage at a time.") { stage };
        recipe.AddTo(command);
        run.AddTo(command);
        command.SetAction((parsed, stop) => Task.Run(
            () =>
            {
                var asked = parsed.GetRequiredValue(stage);
                var autoencoderOnly = asked == AutoencoderOnly;
                var read = recipe.Read(parsed);
                if (run.Device(parsed) is { } device)
                    read = read with { Device = device };
                if (read.Stage != (autoencoderOnly ? "base" : asked))
                {
                    throw new UsageException(
                        $"--stage {asked}: {recipe.File(parsed)} is a recipe of stage {read.Stage}");
                }
                var folder = run.Folder(parsed, read.Name);
                var trainer = MakeTrainer(read, recipe.Data(parsed), folder);
                var goesOn = run.GoesOn(parsed, folder, trainer.HasRun);
                var output = parsed.InvocationConfiguration.Output;
                var console = Terminal.On(output);
                var lines = new TrainingLines(console, "0.0000", "0.0000");
                var finished = trainer.Run(
                    goesOn, autoencoderOnly, lines,
                    words => console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[grey]{words}[/]"), stop);
                output.WriteLine(
                    !finished ? $"stopped: {folder}; go on with --resume"
                    : autoencoderOnly ? $"done: {folder}; go on with: --stage base --resume"
                    : $"done: {trainer.ModelFolder}");
                return finished ? 0 : CommandLine.Failed;
            },
            CancellationToken.None));
        return command;
    }

    private static GeneratorTrainer MakeTrainer(GeneratorRecipe recipe, string[] data, string folder)
    {
        try
        {
            return new GeneratorTrainer(recipe, data, folder);
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException)
        {
            throw new UsageException(e.Message);
        }
    }
}
