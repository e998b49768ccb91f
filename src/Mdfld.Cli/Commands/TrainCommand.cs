using Mdfld.Generation;
using Spectre.Console;

namespace Mdfld.Cli.Commands;

/// <summary>
/// <c>mdfld train</c>: trains by a recipe, can be stopped at any moment, and resumes; <c>preview</c> and <c>scenes</c>
/// show and write what a run would learn from.
/// </summary>
internal static class TrainCommand
{
    public static Command Create() => new("train", "Trains a model of your own.")
    {
        Train<DetectorRecipe>(
            "detector", "Trains a landmark detector on folders of labelled faces.",
            (recipe, data, onBad) => new DetectorJob(recipe, data, onBad)),
        Train<FinderRecipe>(
            "finder", "Trains a face finder on pictures composed of labelled faces.",
            (recipe, data, onBad) => new FinderJob(recipe, data, onBad)),
        Generator(),
        AdaptCommand.Create(),
        Preview(),
        Scenes(),
    };

    private static Command Train<T>(
        string name, string description, Func<T, string[], Action<string>?, TrainingJob> makeJob)
        where T : FaceRecipe
    {
        var recipe = Recipe();
        var run = new RunOptions("checkpoints and logs");
        return new Command(name, description) { recipe, run }.Does((parsed, stop) =>
        {
            var read = ReadFor<T>(recipe, parsed, name);
            read = read with { Device = run.Device(parsed) ?? read.Device };
            var folder = run.Folder(parsed, read.Name);
            var job = recipe.WithHint(parsed, () => UsageException.IfMissing(
                "--data: ", () => makeJob(read, recipe.Data(parsed), recipe.OnBad(parsed))));
            var configuration = parsed.InvocationConfiguration;
            using var group = ProcessGroup.Join(words => configuration.Error.WriteLine($"mdfld: {words}"));
            var trainer = new Trainer(read, job, folder, group);
            var goesOn = run.GoesOn(parsed, folder, File.Exists(trainer.LastCheckpoint));
            using var held = RunOptions.Hold(folder, group);
            var lines = new TrainingLines(
                Terminal.On(configuration.Output), "0.000", "0.00", " %", group, run.IsQuiet(parsed));
            var result = RunOptions.EndTogether(
                group, () => recipe.WithHint(parsed, () => trainer.Run(goesOn, lines, stop)));
            lines.End(
                result, trainer.LastCheckpoint,
                $"make it a model with: mdfld export {result.Checkpoint} --out {read.Name}.onnx");
            return result.Finished ? 0 : ExitCode.Failed;
        });
    }

    private static Command Generator()
    {
        var stage = SharedOptions.Required(
            "--stage", "autoencoder|joint|base|1|2",
            "autoencoder: from nothing; joint: all else from nothing; base: UNet and text encoder from nothing; "
            + "1: ControlNet on real faces; 2: styles");
        stage.Only("autoencoder", "joint", "base", "1", "2");
        var recipe = new RecipeOptions<GeneratorRecipe>(RecipeFile.Read<GeneratorRecipe>, "diffusion.steps=200");
        var run = new RunOptions("checkpoints, logs and the model");
        return new Command("generator", "Trains a generator of labelled faces, one stage at a time.")
        {
            stage, recipe, run,
        }.Does((parsed, stop) =>
        {
            var asked = parsed.GetRequiredValue(stage);
            var read = recipe.Read(parsed);
            read = read with
            {
                Device = run.Device(parsed) ?? read.Device,
                Autoencoder = read.Autoencoder is { Teacher: { } teacher } autoencoder
                    ? autoencoder with { Teacher = ModelFolder.ResolveAutoencoder("teacher", teacher) }
                    : read.Autoencoder,
            };
            if (read.Stage != asked)
                throw new UsageException($"--stage {asked}: {recipe.File(parsed)} is a recipe of stage {read.Stage}");
            var folder = run.Folder(parsed, read.Name);
            var trainer = UsageException.IfMissing(
                "", () => new GeneratorTrainer(
                    read, recipe.Data(parsed), folder, onBad: recipe.OnBad(parsed)));
            var goesOn = run.GoesOn(parsed, folder, trainer.HasRun);
            var configuration = parsed.InvocationConfiguration;
            using var group = ProcessGroup.Join(words => configuration.Error.WriteLine($"mdfld: {words}"));
            using var held = RunOptions.Hold(folder, group);
            var console = Terminal.On(configuration.Output);
            var quiet = run.IsQuiet(parsed);
            var lines = new TrainingLines(console, "0.0000", "0.0000", group: group, quiet: quiet);
            var isComplete = RunOptions.EndTogether(group, () => trainer.Run(
                goesOn, lines,
                words =>
                {
                    if (!quiet)
                        console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[grey]{words}[/]");
                },
                stop, group));
            if (group is not { Rank: > 0 } && !quiet)
            {
                configuration.Output.WriteLine(
                    isComplete ? $"done: {trainer.ModelFolder}" : $"stopped: {folder}; go on with --resume");
            }
            return isComplete ? 0 : ExitCode.Failed;
        });
    }

    private static Command Preview()
    {
        var recipe = Recipe();
        var output = SharedOptions.Out("FILE", "Picture to write, .jpg or .png");
        var phase = SharedOptions.Number("--phase", "N", "Phase of the recipe, from 0", 0);
        return new Command(
            "preview", "Draws augmented faces, as a run would see them.")
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
            var sheet = UsageException.IfMissing("--data: ", () => read is FinderRecipe finder
                ? new FinderJob(finder, roots, recipe.OnBad(parsed)).Preview(read.Phases[number])
                : new DetectorJob((DetectorRecipe)read, roots, recipe.OnBad(parsed)).Preview(read.Phases[number]));
            sheet.Save(picture);
            return 0;
        });
    }

    private static Command Scenes()
    {
        var recipe = Recipe();
        var output = SharedOptions.Out("DIR", "Folder to write");
        var count = SharedOptions.Number("--count", "N", "Pictures with faces, and pictures without", 500, 1, 100_000);
        var seed = SharedOptions.Seed();
        return new Command(
            "scenes",
            "Writes pictures composed of a finder's validation faces, and pictures without a face.")
        {
            recipe, output, count, seed,
        }.Does(parsed =>
        {
            var folder = parsed.GetRequiredValue(output);
            if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
                throw new UsageException($"--out {folder}: is there already; choose another folder");
            var read = ReadFor<FinderRecipe>(recipe, parsed, "scenes");
            if (read.Validation.Count == 0)
                throw new UsageException($"--recipe {recipe.File(parsed)}: it names no folder under 'validation'");
            return UsageException.IfMissing("--data: ", () =>
            {
                SceneFolder.Write(
                    read, recipe.Data(parsed), folder, parsed.GetValue(count), parsed.GetValue(seed),
                    recipe.OnBad(parsed));
                return 0;
            });
        });
    }

    private static RecipeOptions<FaceRecipe> Recipe() =>
        new(FaceRecipes.Read, "phases.0.steps=200");

    /// <summary>The recipe for a command that takes one kind.</summary>
    /// <exception cref="UsageException">It is of the other kind.</exception>
    private static T ReadFor<T>(RecipeOptions<FaceRecipe> options, ParseResult parsed, string command)
        where T : FaceRecipe
    {
        var recipe = options.Read(parsed);
        return recipe as T ?? throw new UsageException(
            $"{options.File(parsed)}: a recipe of {recipe.Network.NameOf()}, "
            + $"which is not for train {command}");
    }
}
