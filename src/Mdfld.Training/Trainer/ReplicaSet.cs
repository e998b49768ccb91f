namespace Mdfld.Training;

/// <summary>
/// Copies of one network that each take a share of every batch on their own thread; the first one's weights are changed
/// and the others follow. With one replica, plain training.
/// </summary>
internal sealed class ReplicaSet : IDisposable
{
    private readonly TrainingTask[] _tasks;
    private readonly Tensor[][] _parameters;
    private readonly TrainingThread[] _threads;
    private readonly Device _device;

    public ReplicaSet(int count, Func<TrainingTask> make, Random random, Device device, Precision precision)
    {
        _device = device;
        _tasks = [.. Enumerable.Range(0, count).Select(_ => make())];
        First.Initialise(random);
        foreach (var task in _tasks)
            task.To(device);
        _parameters = [.. _tasks.Select(t => t.Network.Parameters().Select(p => p.Tensor).ToArray())];
        _threads = [.. _tasks.Skip(1).Select(_ => new TrainingThread())];
        Follow();
    }

    /// <summary>The replica whose weights count.</summary>
    public TrainingTask First => _tasks[0];

    /// <summary>
    /// Adds a part of a batch to the gradients of <see cref="First"/>; called on a <see cref="TrainingThread"/>.
    /// </summary>
    /// <param name="shards">A share of the part for each replica.</param>
    /// <param name="share">What the part counts in the mean over the batch.</param>
    /// <returns>The mean loss of the part, times its share.</returns>
    public double Backward(Shard[] shards, double share = 1)
    {
        // Each replica's arithmetic is its own, and gradients are added in order: threads change no result.
        var others = _threads.Select((thread, i) => thread.Run(() => Backward(i + 1, shards[i + 1], share))).ToArray();
        double loss;
        try
        {
            loss = Backward(0, shards[0], share);
        }
        finally
        {
            // Whatever happened here: nobody may dispose a network that another thread is computing with.
            ((IAsyncResult)Task.WhenAll(others)).AsyncWaitHandle.WaitOne();
        }
        foreach (var other in others)
            loss += other.GetAwaiter().GetResult();

        using var noGrad = no_grad();
        for (var r = 1; r < _tasks.Length; r++)
        {
            for (var p = 0; p < _parameters[0].Length; p++)
            {
                using var extra = _parameters[r][p].grad;
                using var sum = _parameters[0][p].grad;
                if (extra is null && sum is null)
                    continue;
                if (extra is null || sum is null)
                    throw new InvalidOperationException(
                        "a parameter has a gradient in one replica and none in another");
                sum.add_(extra);
                _parameters[r][p].grad = null;
            }
        }
        return loss;
    }

    /// <summary>Gives the first replica's weights to the others.</summary>
    public void Follow()
    {
        using var noGrad = no_grad();
        for (var r = 1; r < _tasks.Length; r++)
        {
            for (var p = 0; p < _parameters[0].Length; p++)
                _parameters[r][p].copy_(_parameters[0][p]);
        }
    }

    public void Dispose()
    {
        foreach (var thread in _threads)
            thread.Dispose();
        foreach (var task in _tasks)
            task.Dispose();
    }

    private double Backward(int replica, Shard shard, double share)
    {
        using var scope = NewDisposeScope();
        var batch = shard.Parts.Select(p => Tensor.From<float>(p.Data, p.Shape).to(_device)).ToArray();
        var loss = _tasks[replica].Loss(batch) * (share / _tasks.Length);
        loss.backward();
        return loss.ToDouble();
    }
}
