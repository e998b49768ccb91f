namespace Mdfld.Training;

/// <summary>Trains a landmark detector by its recipe.</summary>
public sealed class DetectorTrainer : Trainer
{
    /// <param name="recipe">What to do.</param>
    /// <param name="dataRoots">Folders in which the recipe's data folders are looked for, in turn.</param>
    /// <param name="folder">Where checkpoints and logs go; made if missing.</param>
    /// <exception cref="DirectoryNotFoundException">A data folder is in none of the roots.</exception>
    public DetectorTrainer(Recipe recipe, IReadOnlyList<string> dataRoots, string folder)
        : base(new TrainingLoop(recipe, new DetectorPlan(recipe, dataRoots), folder))
    {
    }

    /// <param name="recipe">What to do.</param>
    /// <param name="data">The recipe's data folders, in its order.</param>
    /// <param name="validation">Its validation folders.</param>
    /// <param name="folder">Where checkpoints and logs go; made if missing.</param>
    public DetectorTrainer(
        Recipe recipe, IReadOnlyList<FaceFolder> data, IReadOnlyList<FaceFolder> validation, string folder)
        : base(new TrainingLoop(recipe, new DetectorPlan(recipe, data, validation), folder))
    {
    }
}
