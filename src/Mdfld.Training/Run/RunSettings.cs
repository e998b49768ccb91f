namespace Mdfld.Training;

/// <summary>What every training run is told, whatever it trains; the recipe of a kind adds the rest.</summary>
public record RunSettings
{
    /// <summary>The model's name; its run is kept in <c>runs/NAME</c> unless told otherwise.</summary>
    public required string Name { get; init; }

    /// <summary>Seed of the first weights, of the order of samples and of all augmentation.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Samples a step, of all processes together.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>Copies of the network that share a batch: faster than threads inside operators.</summary>
    public int Replicas { get; init; } = 2;

    /// <summary>Parts of a batch that are computed one after the other, for less memory.</summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>Threads inside the operators of a replica; not given: the cores, shared by the replicas.</summary>
    public int? Threads { get; init; }

    /// <summary>"cpu", "cuda", "cuda:N" or "auto".</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>
    /// A checkpoint whose averaged weights the run starts from; first weights are random without it. What a network
    /// has beyond the file's begins as its definition says.
    /// </summary>
    public string? Start { get; init; }

    /// <summary>How weights are changed.</summary>
    public OptimiserSettings Optimiser { get; init; } = new();

    /// <summary>Decay of the moving average of the weights, the network that is validated and exported.</summary>
    public double Average { get; init; } = 0.998;

    /// <summary>Whether the average follows faster over the first steps; STAR's does not.</summary>
    public bool AverageWarmup { get; init; } = true;

    /// <summary>The run's parts, one after the other.</summary>
    public required IReadOnlyList<Phase> Phases { get; init; }

    /// <summary>Steps between two validations.</summary>
    public int ValidateEvery { get; init; } = 500;

    /// <summary>Minutes between two checkpoints.</summary>
    public double CheckpointMinutes { get; init; } = 3;

    internal long Steps => Phases.Sum(p => (long)p.Steps);

    /// <summary>Samples that a replica of one of <paramref name="processes"/> computes at a time.</summary>
    internal int SamplesAtOnce(int processes = 1) => Batch / (processes * Replicas * Accumulate);

    /// <summary>The phase a step belongs to, and how far into it (0..1) the step is.</summary>
    internal (Phase Phase, double Progress) At(long step)
    {
        foreach (var phase in Phases)
        {
            if (step < phase.Steps)
                return (phase, step / (double)phase.Steps);
            step -= phase.Steps;
        }
        return (Phases[^1], 1);
    }

    internal double RateAt(long step)
    {
        var (phase, progress) = At(step);
        return Optimiser.LearningRate * double.Lerp(phase.Rate, phase.RateEnd ?? phase.Rate, progress);
    }

    /// <summary>What is wrong with it, or null.</summary>
    public virtual string? Fault()
    {
        if (Phases is not { Count: > 0 } || Phases.Any(p => p is null || p.Steps <= 0))
            return "expected at least one phase, each of at least one step";
        if (Optimiser is null)
            return "'optimiser' is empty";
        if (ValidateEvery < 1 || !(CheckpointMinutes >= 0) || Average is not (>= 0 and < 1))
            return "'validate_every' begins at 1, 'checkpoint_minutes' at 0, 'average' lies between 0 and 1";
        if (Batch < 1 || Replicas < 1 || Accumulate < 1 || Batch % (Replicas * Accumulate) != 0)
        {
            return $"a batch of {Batch} cannot be shared by {Replicas} replicas"
                + (Accumulate == 1 ? "" : $" in {Accumulate} parts");
        }
        return null;
    }
}

/// <summary>A stretch of training.</summary>
public sealed record Phase
{
    /// <summary>Its length.</summary>
    public required int Steps { get; init; }

    /// <summary>Side of the crop, pixels.</summary>
    public int Size { get; init; } = 128;

    /// <summary>Learning rate at its start, as a share of the optimiser's.</summary>
    public double Rate { get; init; } = 1;

    /// <summary>Learning rate at its end; in between it changes linearly. Not given: stays.</summary>
    public double? RateEnd { get; init; }

    /// <summary>Factor on the strength of the augmentation.</summary>
    public float Strength { get; init; } = 1;
}

/// <summary>How weights are changed.</summary>
public sealed record OptimiserSettings
{
    /// <summary>Which rule.</summary>
    public OptimiserKind Kind { get; init; } = OptimiserKind.AdamW;

    /// <summary>Learning rate at a phase's rate of 1.</summary>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>Weight decay.</summary>
    public double WeightDecay { get; init; } = 1e-3;

    /// <summary>Largest norm of the gradients; 0 for no limit.</summary>
    public double Clip { get; init; } = 5;
}

/// <summary>Rules that change weights.</summary>
public enum OptimiserKind
{
    /// <summary>Adam without decay.</summary>
    Adam,

    /// <summary>Adam with decoupled decay.</summary>
    AdamW,

    /// <summary>Gradient descent with a momentum of 0.9.</summary>
    Sgd,
}
