using System.Collections.Concurrent;
using System.Diagnostics;

namespace Mdfld.Training;

/// <summary>
/// Copies of one network that each take a share of every batch on their own thread; the first one's weights are changed
/// and copied to the others. With one replica, plain training.
/// </summary>
internal sealed class ReplicaSet : IDisposable
{
    private readonly TrainingTask[] _tasks;
    private readonly Tensor[][] _parameters;
    private readonly Tensor[][] _statistics;
    private readonly TrainingThread[] _threads;
    private readonly Device _device;

    public ReplicaSet(int count, Func<TrainingTask> make, Random random, Device device)
    {
        _device = device;
        _tasks = [.. Enumerable.Range(0, count).Select(_ => make())];
        First.Initialise(random);
        foreach (var task in _tasks)
            task.To(device);
        _parameters = [.. _tasks.Select(t => t.Network.Parameters().Select(p => (Tensor)p.Tensor).ToArray())];
        // Statistics that stay are the first one's; else each replica gathers its own.
        _statistics = [.. _tasks.Select(
            t => t.Network.KeepsStatistics ? t.Network.Buffers().Select(b => b.Tensor).ToArray() : [])];
        _threads = [.. _tasks.Skip(1).Select(_ => new TrainingThread())];
        CopyWeights();
    }

    /// <summary>The replica whose weights count.</summary>
    public TrainingTask First => _tasks[0];

    /// <summary>
    /// Adds a part of a batch to the gradients of <see cref="First"/>; called on a <see cref="TrainingThread"/>.
    /// </summary>
    /// <param name="shares">A share of the part for each replica.</param>
    /// <param name="weight">What the part counts in the mean over the batch.</param>
    /// <returns>The mean loss of the part, times its weight.</returns>
    public double Backward(SamplePart[][] shares, double weight = 1)
    {
        // Each replica's arithmetic is its own, and gradients are added in order: threads change no result.
        var others = _threads.Select((thread, i) => thread.Run(() => Backward(i + 1, shares[i + 1], weight))).ToArray();
        double loss;
        try
        {
            loss = Backward(0, shares[0], weight);
        }
        finally
        {
            // Also after a failure: no network may be disposed while another thread computes with it.
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

    /// <summary>Gives the first replica's weights to the others, and the statistics that stay.</summary>
    public void CopyWeights()
    {
        using var noGrad = no_grad();
        for (var r = 1; r < _tasks.Length; r++)
        {
            Copy(_parameters[0], _parameters[r]);
            Copy(_statistics[0], _statistics[r]);
        }

        static void Copy(Tensor[] from, Tensor[] to)
        {
            for (var i = 0; i < from.Length; i++)
                to[i].copy_(from[i]);
        }
    }

    /// <summary>How long a part of a batch takes; everything stays as it was.</summary>
    public TimeSpan TimeOf(SamplePart[][] shares)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var buffers = _tasks.SelectMany(t => t.Network.Buffers()).Select(b => (b.Tensor, Copy: b.Tensor.clone()))
            .ToArray();
        var watch = Stopwatch.StartNew();
        using (enable_grad())
            Backward(shares);
        var taken = watch.Elapsed;
        foreach (var parameter in _parameters[0])
            parameter.grad = null;
        foreach (var (buffer, copy) in buffers)
            buffer.copy_(copy);
        return taken;
    }

    public void Dispose()
    {
        foreach (var thread in _threads)
            thread.Dispose();
        foreach (var task in _tasks)
            task.Dispose();
    }

    private double Backward(int replica, SamplePart[] share, double weight)
    {
        using var scope = NewDisposeScope();
        var batch = share.Select(p => Tensor.From<float>(p.Data, p.Shape).to(_device)).ToArray();
        var loss = _tasks[replica].Loss(batch) * (weight / _tasks.Length);
        loss.backward();
        return loss.ToDouble();
    }
}

/// <summary>
/// A thread that does nothing but train. libtorch keeps the number of threads for each thread that computes, and for
/// the helpers that it starts: on a borrowed thread it would be what an earlier user left there, and the order of sums
/// with it.
/// </summary>
public sealed class TrainingThread : IDisposable
{
    private readonly BlockingCollection<Task> _work = [];
    private readonly Thread _thread;

    public TrainingThread()
    {
        _thread = new Thread(Work) { IsBackground = true, Name = "training" };
        _thread.Start();
    }

    /// <summary>Has something done, after what it was given before.</summary>
    public Task<T> Run<T>(Func<T> work)
    {
        // Continuations run elsewhere: here, they could not dispose this thread.
        var task = new Task<T>(work, TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(task);
        return task;
    }

    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }

    private void Work()
    {
        foreach (var task in _work.GetConsumingEnumerable())
            task.RunSynchronously();
    }
}
