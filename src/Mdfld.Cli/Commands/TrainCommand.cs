using System.CommandLine;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld train</c>: trains by a recipe, can be stopped at any moment, and resumes.</summary>
internal static class TrainCommand
{
    public static Command Create() => new("train", "Trains a model of your own.")
    {
        TrainDetectorCommand.Detector(),
        TrainDetectorCommand.Finder(),
        TrainGeneratorCommand.Create(),
        TrainPreviewCommand.Create(),
        TrainScenesCommand.Create(),
    };
}
