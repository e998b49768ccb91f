namespace Mdfld.Training;

/// <summary>
/// Trains a network by its recipe. The result is a function of recipe, data and the machine's number of cores: a run
/// that was stopped, or killed, goes on from its last checkpoint to the same weights.
/// </summary>
public abstract class Trainer
{
    private readonly TrainingLoop _loop;

    private protected Trainer(TrainingLoop loop) => _loop = loop;

    /// <summary>The newest checkpoint; <c>best.safetensors</c> beside it is the one that validated best.</summary>
    public string LastCheckpoint => _loop.LastCheckpoint;

    /// <summary>Runs to the end of the recipe.</summary>
    /// <param name="resume">Whether to go on from <see cref="LastCheckpoint"/>.</param>
    /// <param name="report">Is told every few seconds, and of every measurement.</param>
    /// <param name="stop">Saves and returns.</param>
    /// <returns>Whether the recipe was done to its end.</returns>
    /// <exception cref="InvalidOperationException">
    /// The loss or its gradient is no longer finite, or the folder holds a run that is not resumed.
    /// </exception>
    public bool Run(bool resume, Action<TrainingReport> report, CancellationToken stop) =>
        _loop.Run(resume, report, stop);
}
