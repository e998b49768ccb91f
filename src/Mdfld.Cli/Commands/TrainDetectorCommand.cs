using System.CommandLine;
using Mdfld.Cli.Training;
using Mdfld.Training;
using Mdfld.Training.Finder;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld train detector</c> and <c>mdfld train finder</c>: the two kinds of detector.</summary>
internal static class TrainDetectorCommand
{
    public static Command Detector() =>
        Create("detector", "Trains a landmark detector on folders of labelled faces.", finder: false);

    public static Command Finder() =>
        Create("finder", "Trains a face finder on pictures composed of labelled faces.", finder: true);

    private static Command Create(string name, string description, bool finder)
    {
        var recipe = DetectorRecipes.Options();
        var run = new RunOptions("checkpoints and logs");
        var command = new Command(name, description);
        recipe.AddTo(command);
        run.AddTo(command);
        command.SetAction((parsed, stop) => Task.Run(
            () =>
            {
                var read = recipe.ReadFor(parsed, name, finder);
                var folder = run.Folder(parsed, read.Name);
                var trainer = DetectorRecipes.WithData(() => MakeTrainer(read, recipe.Data(parsed), folder));
                var checkpoint = trainer.LastCheckpoint;
                var goesOn = run.GoesOn(parsed, folder, File.Exists(checkpoint));
                var output = parsed.InvocationConfiguration.Output;
                var lines = new TrainingLines(Terminal.On(output), "0.000", "0.00", " %");
                var finished = trainer.Run(goesOn, lines.Show, stop);
                output.WriteLine(finished
                    ? $"done: {checkpoint}; make it a model with: mdfld export {checkpoint} --out {read.Name}.onnx"
                    : $"stopped: {checkpoint}; go on with --resume");
                return finished ? 0 : CommandLine.Failed;
            },
            CancellationToken.None));
        return command;
    }

    private static Trainer MakeTrainer(Recipe recipe, string[] data, string folder) =>
        recipe.Network == NetworkKind.Finder
            ? new FinderTrainer(recipe, data, folder)
            : new DetectorTrainer(recipe, data, folder);
}
