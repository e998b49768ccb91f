using System.Collections.Concurrent;

namespace Mdfld.Training;

/// <summary>
/// A thread that does nothing but train. libtorch keeps the number of threads, and the processor how it treats denormal
/// numbers, for each thread and for the helpers that it starts: on a borrowed thread both would be what an earlier user
/// left there, and the order of sums with them.
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
        // Who waits goes on elsewhere: here, it could not dispose this thread.
        var task = new Task<T>(work, TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(task);
        return task;
    }

    /// <summary>Waits for the work that was given.</summary>
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
