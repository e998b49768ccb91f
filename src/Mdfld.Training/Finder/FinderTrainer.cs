namespace Mdfld.Training.Finder;

/// <summary>Trains a face finder by its recipe.</summary>
/// <param name="recipe">What to do.</param>
/// <param name="dataRoots">Folders in which the recipe's data folders are looked for, in turn.</param>
/// <param name="folder">Where checkpoints and logs go; made if missing.</param>
/// <exception cref="DirectoryNotFoundException">A data folder is in none of the roots.</exception>
public sealed class FinderTrainer(Recipe recipe, IReadOnlyList<string> dataRoots, string folder)
    : Trainer(new TrainingLoop(recipe, new FinderPlan(recipe, dataRoots), folder))
{
    /// <summary>Draws composed pictures of a phase with their boxes and points.</summary>
    /// <param name="recipe">What to compose.</param>
    /// <param name="dataRoots">Folders in which the recipe's data folders are looked for, in turn.</param>
    /// <param name="phase">Number of the phase, from 0.</param>
    public static Picture Preview(Recipe recipe, IReadOnlyList<string> dataRoots, int phase)
    {
        var plan = new FinderPlan(recipe, dataRoots);
        using var task = plan.MakeTask();
        plan.Load(task, CancellationToken.None);
        return plan.Preview(recipe.Phases[phase], new Random(recipe.Seed));
    }
}
