using Mdfld.Torch;

namespace Mdfld.Training;

/// <summary>What a training step needs to know of a network: its first weights, and how wrong it is.</summary>
public abstract class TrainingTask : IDisposable
{
    /// <summary>The network being trained.</summary>
    public abstract Module Network { get; }

    /// <summary>Draws the network's first weights.</summary>
    public abstract void Initialise(Random random);

    /// <summary>The mean loss of a batch, a scalar to run backward from.</summary>
    /// <param name="batch">The parts of the samples, stacked: (N, ...).</param>
    public abstract Tensor Loss(IReadOnlyList<Tensor> batch);

    /// <inheritdoc/>
    public void Dispose()
    {
        Network.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>One array of a sample and its shape.</summary>
public readonly record struct SamplePart(float[] Data, long[] Shape);
