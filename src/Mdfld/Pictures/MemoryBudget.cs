namespace Mdfld;

/// <summary>
/// Bytes that may be in use at once; a request for more waits until enough is given back, first come, first served.
/// A request above the full budget is granted when nothing else is in use.
/// </summary>
internal sealed class MemoryBudget(long capacity)
{
    private readonly Lock _lock = new();
    private readonly Queue<(long Bytes, TaskCompletionSource Granted)> _waiting = new();

    // Leases taken by each thread and not yet given back. One that waited for itself would wait for ever.
    private readonly Dictionary<int, int> _held = [];
    private long _used;

    /// <summary>
    /// What decoding pictures takes, in all of the process: nearly all of it is native memory, which is the process's,
    /// and a caller of <see cref="Picture.Load(string, long)"/> has no other object in common with the rest. With the
    /// run time and two models it stays well under 1 GB.
    /// </summary>
    public static MemoryBudget Decoding { get; } = new(512L << 20);

    public long Capacity => capacity;

    public long Used
    {
        get
        {
            lock (_lock)
                return _used;
        }
    }

    /// <summary>
    /// Takes bytes, and blocks until they are there. A thread that holds a lease gets them at once: it cannot give back
    /// what it holds while it waits.
    /// </summary>
    public Lease Take(long bytes)
    {
        var thread = Environment.CurrentManagedThreadId;
        TaskCompletionSource granted;
        lock (_lock)
            granted = Request(bytes, isUrgent: _held.ContainsKey(thread));
        granted.Task.GetAwaiter().GetResult();
        lock (_lock)
            _held[thread] = _held.GetValueOrDefault(thread) + 1;
        return new Lease(this, bytes, thread);
    }

    /// <summary>Takes bytes, and waits until they are there without blocking.</summary>
    /// <exception cref="OperationCanceledException">It was told to stop.</exception>
    public async Task<Lease> TakeAsync(long bytes, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        TaskCompletionSource granted;
        lock (_lock)
            granted = Request(bytes);
        using (stop.UnsafeRegister(_ => granted.TrySetCanceled(stop), null))
        {
            try
            {
                await granted.Task.ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // Those behind it may be smaller.
                lock (_lock)
                    Grant();
                throw;
            }
        }
        return new Lease(this, bytes, thread: null);
    }

    private TaskCompletionSource Request(long bytes, bool isUrgent = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        var granted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (isUrgent)
        {
            _used += bytes;
            granted.SetResult();
            return granted;
        }
        _waiting.Enqueue((bytes, granted));
        Grant();
        return granted;
    }

    private void Return(long bytes, int? thread)
    {
        lock (_lock)
        {
            _used -= bytes;
            if (thread is { } id && --_held[id] == 0)
                _held.Remove(id);
            Grant();
        }
    }

    private void Grant()
    {
        while (_waiting.TryPeek(out var first)
            && (first.Granted.Task.IsCompleted || _used == 0 || _used + first.Bytes <= capacity))
        {
            _waiting.Dequeue();
            // One that was told to stop does not take it.
            if (first.Granted.TrySetResult())
                _used += first.Bytes;
        }
    }

    /// <summary>Bytes that were taken; disposing it gives them back, on any thread.</summary>
    public sealed class Lease(MemoryBudget budget, long bytes, int? thread) : IDisposable
    {
        private long _bytes = bytes;
        private bool _isReturned;

        /// <summary>Gives back all but <paramref name="kept"/> bytes.</summary>
        public void ShrinkTo(long kept)
        {
            if (kept >= _bytes)
                return;
            budget.Return(_bytes - kept, thread: null);
            _bytes = kept;
        }

        public void Dispose()
        {
            if (_isReturned)
                return;
            _isReturned = true;
            budget.Return(_bytes, thread);
        }
    }
}
