using System.CommandLine;
using Mdfld.Cli.Training;
using Mdfld.Training;
using Mdfld.Training.Finder;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld train scenes</c>: composed pictures to measure finders on.</summary>
internal static class TrainScenesCommand
{
    public static Command Create()
    {
        var recipe = DetectorRecipes.Options();
        var output = new Option<string>("--out") { Description = "Folder to write", HelpName = "DIR", Required = true };
        var count = SharedOptions.Number("--count", "N", "Pictures with faces, and pictures without", 500, 1, 100_000);
        var seed = new Option<int>("--seed")
        {
            Description = "Decides on all of them",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        var command = new Command(
            "scenes",
            "Writes composed pictures of a finder's validation faces, and pictures without a face, "
            + "to measure finders on.");
        recipe.AddTo(command);
        foreach (var option in (Option[])[output, count, seed])
            command.Add(option);
        command.SetAction(parsed =>
        {
            var folder = parsed.GetRequiredValue(output);
            if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
                throw new UsageException($"--out {folder}: is there already; choose another folder");
            var read = recipe.ReadFor<FinderRecipe>(parsed, "scenes");
            if (read.Validation.Count == 0)
                throw new UsageException($"--recipe {recipe.File(parsed)}: it names no folder under 'validation'");
            DetectorRecipes.WithData(() =>
            {
                SceneFolder.Write(read, recipe.Data(parsed), folder, parsed.GetValue(count), parsed.GetValue(seed));
                return folder;
            });
            return 0;
        });
        return command;
    }
}
