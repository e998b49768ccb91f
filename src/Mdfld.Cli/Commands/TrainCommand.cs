using System.CommandLine;
using System.Globalization;
using Mdfld.Diffusion;
using Mdfld.Training;
using Mdfld.Training.Finder;
using Spectre.Console;

namespace Mdfld.Cli.Commands;

/// <summary>
/// <c>mdfld train</c>: trains by a recipe, can be stopped at any moment, and resumes; <c>preview</c> and <c>scenes</c>
/// show and write what a run would learn from.
/// </summary>
internal static class TrainCommand
{
    private const string AutoencoderOnly = "base-vae";

    public static Command Create() => new("train", "Trains a model of your own.")
    {
        Train("detector", "Trains a landmark detector on folders of labelled faces.", finder: false),
        Train("finder", "Trains a face finder on pictures composed of labelled faces.", finder: true),
        Generator(),
        Preview(),
        Scenes(),
    };

    private static Command Train(string name, string description, bool finder)
    {
        var recipe = Recipe();
        var run = new RunOptions("checkpoints and logs");
        return new Command(name, description) { recipe, run }.Does((parsed, stop) =>
        {
            var read = ReadFor(recipe, parsed, name, finder);
            var folder = run.Folder(parsed, read.Name);
            var trainer = UsageException.IfMissing<Trainer>("--data: ", () => finder
                ? new FinderTrainer(read, recipe.Data(parsed), folder)
                : new DetectorTrainer(read, recipe.Data(parsed), folder));
            var checkpoint = trainer.LastCheckpoint;
            var goesOn = run.GoesOn(parsed, folder, File.Exists(checkpoint));
            var output = parsed.InvocationConfiguration.Output;
            var lines = new TrainingLines(Terminal.On(output), "0.000", "0.00", " %");
            var isComplete = trainer.Run(goesOn, lines.Show, stop);
            output.WriteLine(isComplete
                ? $"done: {checkpoint}; make it a model with: mdfld export {checkpoint} --out {read.Name}.onnx"
                : $"stopped: {checkpoint}; go on with --resume");
            return isComplete ? 0 : ExitCode.Failed;
        });
    }

    private static Command Generator()
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

    private static Command Preview()
    {
        var recipe = Recipe();
        var output = SharedOptions.Required("--out", "FILE", "Picture to write, .jpg or .png");
        var phase = new Option<int>("--phase") { Description = "Number of the recipe's phase, from 0", HelpName = "N" };
        return new Command(
            "preview", "Draws augmented faces with their points, as a run would show them its network.")
        {
            recipe, output, phase,
        }.Does(parsed =>
        {
            var picture = parsed.GetRequiredValue(output);
            if (Path.GetExtension(picture).ToLowerInvariant() is not (".jpg" or ".jpeg" or ".png"))
                throw new UsageException($"--out {picture}: expected a name that ends in .jpg or .png");
            var read = recipe.Read(parsed);
            var number = parsed.GetValue(phase);
            if (number < 0 || number >= read.Phases.Count)
                throw new UsageException($"--phase {number}: the recipe has the phases 0 to {read.Phases.Count - 1}");
            var roots = recipe.Data(parsed);
            var sheet = UsageException.IfMissing("--data: ", () => read.Network == NetworkKind.Finder
                ? FinderTrainer.Preview(read, roots, number)
                : TrainingPreview.Draw(read, DataFolders.Open(read.Data.Select(d => d.Name), roots), number));
            sheet.Save(picture);
            return 0;
        });
    }

    private static Command Scenes()
    {
        var recipe = Recipe();
        var output = SharedOptions.Required("--out", "DIR", "Folder to write");
        var count = SharedOptions.Number("--count", "N", "Pictures with faces, and pictures without", 500, 1, 100_000);
        var seed = SharedOptions.Value("--seed", "N", "Decides on all of them", 1);
        return new Command(
            "scenes",
            "Writes composed pictures of a finder's validation faces, and pictures without a face, "
            + "to measure finders on.")
        {
            recipe, output, count, seed,
        }.Does(parsed =>
        {
            var folder = parsed.GetRequiredValue(output);
            if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
                throw new UsageException($"--out {folder}: is there already; choose another folder");
            var read = ReadFor(recipe, parsed, "scenes", finder: true);
            if (read.Validation.Count == 0)
                throw new UsageException($"--recipe {recipe.File(parsed)}: it names no folder under 'validation'");
            return UsageException.IfMissing("--data: ", () =>
            {
                SceneFolder.Write(read, recipe.Data(parsed), folder, parsed.GetValue(count), parsed.GetValue(seed));
                return 0;
            });
        });
    }

    private static RecipeOptions<Recipe> Recipe() => new(RecipeFile.Read, "phases.0.steps=200");

    /// <summary>The recipe for a command that takes one kind.</summary>
    /// <exception cref="UsageException">It is of the other kind.</exception>
    private static Recipe ReadFor(RecipeOptions<Recipe> options, ParseResult parsed, string command, bool finder)
    {
        var recipe = options.Read(parsed);
        if ((recipe.Network == NetworkKind.Finder) == finder)
            return recipe;
        var kind = recipe.Network.ToString().ToLowerInvariant();
        throw new UsageException($"{options.File(parsed)}: a recipe of {kind}, which is not for train {command}");
    }
}
