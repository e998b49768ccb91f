using System.CommandLine;
using Mdfld.Training;

namespace Mdfld.Cli.Training;

/// <summary>What only the recipes of detectors have: two kinds, each for its own commands.</summary>
internal static class DetectorRecipes
{
    public static RecipeOptions<FaceRecipe> Options() =>
        new(RecipeFile.ReadDetectorOrFinder, "phases.0.steps=200");

    /// <summary>The recipe for a command that takes one kind.</summary>
    /// <exception cref="UsageException">It is of the other kind.</exception>
    public static T ReadFor<T>(this RecipeOptions<FaceRecipe> options, ParseResult parsed, string command)
        where T : FaceRecipe
    {
        var recipe = options.Read(parsed);
        return recipe as T ?? throw new UsageException(
            $"{options.File(parsed)}: a recipe of {TrainingCheckpoint.NameOf(recipe.Network)}, "
            + $"which is not for train {command}");
    }

    /// <summary>Does what opens the data.</summary>
    /// <exception cref="UsageException">A folder or a file is missing.</exception>
    public static T WithData<T>(Func<T> open)
    {
        try
        {
            return open();
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException)
        {
            throw new UsageException($"--data: {e.Message}");
        }
    }
}
