namespace Mdfld.Training;

/// <summary>What a training step needs to know of a network: its first weights, and how wrong it is.</summary>
public abstract class TrainingTask : IDisposable
{
    /// <summary>The network being trained: the weights that change, are averaged and saved.</summary>
    public abstract Module Network { get; }

    /// <summary>Draws the network's first weights.</summary>
    public abstract void Initialise(Random random);

    /// <summary>
    /// Whether a network may start from a file without this weight, because it does nothing yet: so networks grow.
    /// </summary>
    public virtual bool MayBeAdded(string name) => false;

    /// <summary>The mean loss of a batch, a scalar to run backward from.</summary>
    /// <param name="batch">The parts of the samples, stacked: (N, ...).</param>
    public abstract Tensor Loss(IReadOnlyList<Tensor> batch);

    /// <summary>Moves the network, and what else the loss computes with, to a device.</summary>
    public virtual void To(Device device) => Network.To(device);

    /// <inheritdoc/>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes the network, and what else is owned.</summary>
    protected virtual void Release() => Network.Dispose();
}

/// <summary>One array of a sample and its shape.</summary>
public readonly record struct SamplePart(float[] Data, long[] Shape);
