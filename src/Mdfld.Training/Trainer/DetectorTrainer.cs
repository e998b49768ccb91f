namespace Mdfld.Training;

/// <summary>Trains a landmark detector by its recipe.</summary>
/// <param name="recipe">What to do.</param>
/// <param name="dataRoots">Folders in which the recipe's data folders are looked for, in turn.</param>
/// <param name="folder">Where checkpoints and logs go; made if missing.</param>
/// <exception cref="DirectoryNotFoundException">A data folder is in none of the roots.</exception>
public sealed class DetectorTrainer(Recipe recipe, IReadOnlyList<string> dataRoots, string folder)
    : Trainer(new TrainingLoop(recipe, new DetectorPlan(recipe, dataRoots), folder));
