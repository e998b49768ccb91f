namespace Mdfld;

/// <summary>
/// Bytes that may be in use at once; a request for more waits until enough is given back, first come, first served.
/// A request above the full budget is granted when nothing else is in use.
/// </summary>
/// <param name="capacity">Bytes.</param>
internal sealed class MemoryBudget(long capacity)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Request> _waiting = new();

    // Leases taken by each thread and not yet given back. One that waited for itself would wait for ever.
    private readonly Dictionary<int, int> _held = [];
    private long _used;

    /// <summary>
    /// What decoding pictures takes, in all of the process: nearly all of it is native memory, which is the process's,
    /// and a caller of <see cref="Picture.Load(string, long)"/> has no other object in common with the rest. With the
    /// run time and two models it stays well under 1 GB.
    /// </summary>
    public static MemoryBudget Decoding { get; } = new(512L << 20);

    /// <summary>Bytes.</summary>
    public long Capacity => capacity;

    /// <summary>Bytes in use.</summary>
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
        bool holds;
        lock (_lock)
        {
            holds = _held.ContainsKey(thread);
            if (holds)
                _used += bytes;
        }
        if (!holds)
            RequestAsync(bytes, CancellationToken.None).GetAwaiter().GetResult();
        lock (_lock)
            _held[thread] = _held.GetValueOrDefault(thread) + 1;
        return new Lease(this, bytes, thread);
    }

    /// <summary>Takes bytes, and waits until they are there without blocking.</summary>
    /// <exception cref="OperationCanceledException">It was told to stop.</exception>
    public async Task<Lease> TakeAsync(long bytes, CancellationToken stop)
    {
        await RequestAsync(bytes, stop).ConfigureAwait(false);
        return new Lease(this, bytes, thread: null);
    }

    private Task RequestAsync(long bytes, CancellationToken stop)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        stop.ThrowIfCancellationRequested();
        Request request;
        LinkedListNode<Request> node;
        lock (_lock)
        {
            if (_waiting.Count == 0 && Fits(bytes))
            {
                _used += bytes;
                return Task.CompletedTask;
            }
            request = new Request(bytes);
            node = _waiting.AddLast(request);
        }
        if (!stop.CanBeCanceled)
            return request.Granted.Task;
        var registration = stop.UnsafeRegister(_ => Withdraw(node, stop), null);
        return request.Granted.Task.ContinueWith(
            granted =>
            {
                registration.Dispose();
                return granted;
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).Unwrap();
    }

    private bool Fits(long bytes) => _used == 0 || _used + bytes <= capacity;

    private void Withdraw(LinkedListNode<Request> node, CancellationToken stop)
    {
        lock (_lock)
        {
            // Granted in the meantime: its owner has it and gives it back.
            if (node.List is null)
                return;
            _waiting.Remove(node);
            // Those behind it may be smaller.
            Grant();
        }
        node.Value.Granted.SetCanceled(stop);
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
        while (_waiting.First is { } first && Fits(first.Value.Bytes))
        {
            _used += first.Value.Bytes;
            _waiting.RemoveFirst();
            first.Value.Granted.SetResult();
        }
    }

    private sealed class Request(long bytes)
    {
        public long Bytes => bytes;

        public TaskCompletionSource Granted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
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
