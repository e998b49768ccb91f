namespace Mdfld.Training;

/// <summary>
/// What of a run differs from one kind of network to another: its data, its validation, its networks;
/// <see cref="Trainer"/> does the rest.
/// </summary>
public abstract class TrainingJob
{
    /// <summary>What <see cref="Validator"/> measures: the word in the log.</summary>
    public abstract string Measure { get; }

    /// <summary>What a checkpoint says of its network, for the export.</summary>
    public abstract IReadOnlyDictionary<string, string> Properties { get; }

    /// <summary>Samples in an epoch, once <see cref="Load"/> has read them.</summary>
    public abstract int Samples { get; }

    /// <summary>Whether anything is validated or shown; without it no second network is made.</summary>
    public virtual bool Validates => true;

    /// <summary>A network and its loss, on the processor; one for each replica.</summary>
    public abstract TrainingTask MakeTask();

    /// <summary>Reads what there is to learn from.</summary>
    public abstract SampleSource Load(TrainingTask task, CancellationToken stop);

    /// <summary>
    /// Reads what there is to validate on and gives the validation, a number a set, less being better; null where the
    /// recipe names nothing.
    /// </summary>
    /// <param name="task">Its network gets new weights before each validation.</param>
    public abstract Func<IReadOnlyList<(string Name, double Value)>>? Validator(
        TrainingTask task, Device device, CancellationToken stop);

    /// <summary>A sheet of what a phase shows its network. <see cref="Load"/> came before.</summary>
    public abstract Picture Preview(Phase phase, Random random);

    /// <summary>A sheet of what the network makes by now; null where there is nothing to show.</summary>
    public virtual Picture? Sheet(TrainingTask task) => null;
}

/// <summary>A network that learns: its first weights, and its loss.</summary>
public abstract class TrainingTask : IDisposable
{
    /// <summary>The network being trained: the weights that change, are averaged and saved.</summary>
    public abstract Module Network { get; }

    public abstract void Initialise(Random random);

    /// <summary>Whether a network may start from a file without this weight, which does nothing yet.</summary>
    public virtual bool MayBeAdded(string name) => false;

    /// <summary>The mean loss of a batch, a scalar to run backward from.</summary>
    /// <param name="batch">The parts of the samples, stacked: (N, ...).</param>
    public abstract Tensor Loss(IReadOnlyList<Tensor> batch);

    /// <summary>Moves the network, and what else the loss computes with, to a device.</summary>
    public virtual void To(Device device) => Network.To(device);

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

/// <summary>
/// Says how the sample at a position of the run is made. It is asked in order, on one thread; the work it gives may be
/// done on any thread, beside others.
/// </summary>
public delegate Func<IReadOnlyList<SamplePart>> SampleSource(long position, Phase phase);

/// <summary>A picture as the input of our networks.</summary>
public static class PicturePlanes
{
    /// <summary>(3, H, W), R, G, B, (byte - 127.5) / 127.5.</summary>
    public static SamplePart Of(Picture picture) => Of(picture, isBgr: false);

    /// <summary>As <see cref="Of(Picture)"/>, or B, G, R.</summary>
    internal static SamplePart Of(Picture picture, bool isBgr)
    {
        Span<float> values = stackalloc float[256];
        for (var i = 0; i < values.Length; i++)
            values[i] = (i - 127.5f) / 127.5f;
        var planes = new float[Picture.Channels * picture.Width * picture.Height];
        picture.ToPlanes(planes, values, isBgr);
        return new SamplePart(planes, [Picture.Channels, picture.Height, picture.Width]);
    }
}
