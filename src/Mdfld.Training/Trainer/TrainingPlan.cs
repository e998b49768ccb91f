namespace Mdfld.Training;

/// <summary>
/// What of a run differs from one kind of network to another; <see cref="TrainingLoop"/> does the rest.
/// </summary>
public abstract class TrainingPlan
{
    /// <summary>What <see cref="Measurer"/> measures, in %: the word in the log.</summary>
    public abstract string Measure { get; }

    /// <summary>Whether anything is measured; without it no second network is made.</summary>
    public virtual bool Measures => true;

    /// <summary>What a checkpoint says of its network, for the export.</summary>
    public abstract IReadOnlyDictionary<string, string> Properties { get; }

    /// <summary>A network and its loss.</summary>
    public abstract TrainingTask MakeTask();

    /// <summary>Reads what there is to learn from.</summary>
    /// <param name="task">The task that will learn.</param>
    /// <param name="stop">Stops reading.</param>
    public abstract SampleSource Load(TrainingTask task, CancellationToken stop);

    /// <summary>Reads what there is to measure on and gives the measurement, in % of each set, less being better; null
    /// where the recipe names nothing.</summary>
    /// <param name="task">Its network gets new weights before each measurement.</param>
    /// <param name="device">Where the network is.</param>
    /// <param name="stop">Stops reading.</param>
    public abstract Func<IReadOnlyList<(string Name, double Value)>>? Measurer(
        TrainingTask task, Device device, CancellationToken stop);

    /// <summary>What a phase shows its network, for the eye. <see cref="Load"/> came before.</summary>
    public abstract Picture Preview(Phase phase, Random random);

    /// <summary>What the network makes by now, for the eye; null where there is nothing to look at.</summary>
    /// <param name="task">The task that is measured.</param>
    public virtual Picture? Samples(TrainingTask task) => null;
}
