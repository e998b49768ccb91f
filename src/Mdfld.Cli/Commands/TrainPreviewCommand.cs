using System.CommandLine;
using Mdfld.Cli.Training;
using Mdfld.Training;
using Mdfld.Training.Finder;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld train preview</c>: what a run would show its network.</summary>
internal static class TrainPreviewCommand
{
    public static Command Create()
    {
        var recipe = DetectorRecipes.Options();
        var output = new Option<string>("--out")
        {
            Description = "Picture to write, .jpg or .png",
            HelpName = "FILE",
            Required = true,
        };
        var phase = new Option<int>("--phase") { Description = "Number of the recipe's phase, from 0", HelpName = "N" };
        var command = new Command(
            "preview", "Draws augmented faces with their points, as a run would show them its network.");
        recipe.AddTo(command);
        command.Add(output);
        command.Add(phase);
        command.SetAction(parsed =>
        {
            var picture = parsed.GetRequiredValue(output);
            if (Path.GetExtension(picture).ToLowerInvariant() is not (".jpg" or ".jpeg" or ".png"))
                throw new UsageException($"--out {picture}: expected a name that ends in .jpg or .png");
            var read = recipe.Read(parsed);
            var number = parsed.GetValue(phase);
            if (number < 0 || number >= read.Phases.Count)
                throw new UsageException($"--phase {number}: the recipe has the phases 0 to {read.Phases.Count - 1}");
            var roots = recipe.Data(parsed);
            var sheet = DetectorRecipes.WithData(() => read is FinderRecipe finder
                ? new FinderJob(finder, roots).Preview(read.Phases[number])
                : new DetectorJob((DetectorRecipe)read, roots).Preview(read.Phases[number]));
            sheet.Save(picture);
            return 0;
        });
        return command;
    }
}
