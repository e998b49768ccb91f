using System.CommandLine;
using Mdfld.Training;

namespace Mdfld.Cli.Training;

/// <summary>What only the recipes of detectors have: two kinds, each for its own commands.</summary>
internal static class DetectorRecipes
{
    public static RecipeOptions<Recipe> Options() => new(RecipeFile.Read, "phases.0.steps=200");

    /// <summary>The recipe for a command that takes one kind.</summary>
    /// <exception cref="UsageException">It is of the other kind.</exception>
    public static Recipe ReadFor(this RecipeOptions<Recipe> options, ParseResult parsed, string command, bool finder)
    {
        var recipe = options.Read(parsed);
        if ((recipe.Network == NetworkKind.Finder) != finder)
        {
            var kind = recipe.Network.ToString().ToLowerInvariant();
            throw new UsageException(
                $"{options.File(parsed)}: a recipe of {kind}, which is not for train {command}");
        }
        return recipe;
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
