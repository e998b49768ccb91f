using System.CommandLine;
using System.Globalization;
using Mdfld.Diffusion;
using Spectre.Console;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld train generator</c>: one stage of a generator's training.</summary>
internal static class TrainGeneratorCommand
{
    private const string AutoencoderOnly = "base-vae";

    public static Command Create()
    {
        var stage = SharedOptions.Required(
            "--stage", "STAGE",
            "base: autoencoder, UNet and text encoder from nothing (base-vae: the autoencoder only); "
            + "1: ControlNet on real faces; 2: styles");
        stage.AcceptOnlyFromAmong("base", AutoencoderOnly, "1", "2");
        var recipe = new RecipeOptions<GeneratorRecipe>(GeneratorRecipeFile.Read, "diffusion.steps=200");
        var run = new RunOptions("checkpoints, logs and the model");
        return new Command("generator", "Trains a generator of labelled faces, one stage at a time.")
        {
            stage, recipe, run,
        }.Does((parsed, stop) =>
        {
            var asked = parsed.GetRequiredValue(stage);
            var autoencoderOnly = asked == AutoencoderOnly;
            var read = recipe.Read(parsed);
            if (read.Stage != (autoencoderOnly ? "base" : asked))
                throw new UsageException($"--stage {asked}: {recipe.File(parsed)} is a recipe of stage {read.Stage}");
            var folder = run.Folder(parsed, read.Name);
            var trainer = UsageException.IfMissing(
                "", () => new GeneratorTrainer(read, recipe.Data(parsed), folder));
            var goesOn = run.GoesOn(parsed, folder, trainer.HasRun);
            var output = parsed.InvocationConfiguration.Output;
            var console = Terminal.On(output);
            var lines = new TrainingLines(console, "0.0000", "0.0000");
            var isComplete = trainer.Run(
                goesOn, autoencoderOnly, lines.Show,
                words => console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[grey]{words}[/]"), stop);
            output.WriteLine(
                !isComplete ? $"stopped: {folder}; go on with --resume"
                : autoencoderOnly ? $"done: {folder}; go on with: --stage base --resume"
                : $"done: {trainer.ModelFolder}");
            return isComplete ? 0 : ExitCode.Failed;
        });
    }
}
