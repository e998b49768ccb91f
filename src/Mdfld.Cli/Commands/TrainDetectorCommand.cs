using System.CommandLine;
using Mdfld.Cli.Training;
using Mdfld.Training;
using Mdfld.Training.Finder;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld train detector</c> and <c>mdfld train finder</c>: the two kinds of detector.</summary>
internal static class TrainDetectorCommand
{
    public static Command Detector() => Create<DetectorRecipe>(
        "detector", "Trains a landmark detector on folders of labelled faces.",
        (recipe, data) => new DetectorJob(recipe, data));

    public static Command Finder() => Create<FinderRecipe>(
        "finder", "Trains a face finder on pictures composed of labelled faces.",
        (recipe, data) => new FinderJob(recipe, data));

    private static Command Create<T>(string name, string description, Func<T, string[], TrainingJob> makeJob)
        where T : FaceRecipe
    {
        var recipe = DetectorRecipes.Options();
        var run = new RunOptions("checkpoints and logs");
        var command = new Command(name, description);
        recipe.AddTo(command);
        run.AddTo(command);
        command.SetAction((parsed, stop) => Task.Run(
            () =>
            {
                var read = run.Change(parsed, recipe.ReadFor<T>(parsed, name));
                var folder = run.Folder(parsed, read.Name);
                var job = DetectorRecipes.WithData(() => makeJob(read, recipe.Data(parsed)));
                var configuration = parsed.InvocationConfiguration;
                using var group = ProcessGroup.Join(words => configuration.Error.WriteLine($"mdfld: {words}"));
                var trainer = new Trainer(read, job, folder, group);
                var goesOn = run.GoesOn(parsed, folder, File.Exists(trainer.LastCheckpoint));
                var lines = new TrainingLines(Terminal.On(configuration.Output), "0.000", "0.00", " %", group);
                var result = MpiJob.Run(group, () => trainer.Run(goesOn, lines, stop));
                lines.End(
                    result, trainer.LastCheckpoint,
                    $"make it a model with: mdfld export {result.Checkpoint} --out {read.Name}.onnx");
                return result.Finished ? 0 : CommandLine.Failed;
            },
            CancellationToken.None));
        return command;
    }
}
