namespace Mdfld;

/// <summary>
/// Bytes that may be in use at once; a request for more waits until enough is given back, first come, first served.
/// Where all that is in use is held by threads that wait for more, the first is granted whatever it asks for: so a request
/// above the full budget is granted when nothing else is in use, and nobody waits for himself.
/// </summary>
/// <param name="capacity">Bytes in all.</param>
/// <param name="files">Of these, what encoded files may take: each stays while others are decoded.</param>
internal sealed class MemoryBudget(long capacity, MemoryBudget? files = null)
{
    // Dead pixels or files of this size are collected at once: the collector would let several pictures' worth pile up.
    private const long CollectedAtOnce = 64 << 20;

    private readonly Lock _lock = new();
    private readonly Queue<(long Bytes, int? Thread, TaskCompletionSource Granted)> _waiting = new();

    // What each thread has taken and not yet given back.
    private readonly Dictionary<int, long> _held = [];
    private long _used;

    // By thread.
    private readonly Dictionary<int, Files> _files = [];

    // Of what is used, what threads hold that wait for more.
    private long _idle;

    /// <summary>
    /// What decoding pictures takes, in all of the process: nearly all of it is native memory, which is the process's,
    /// and a caller of <see cref="Picture.Load(string, long)"/> has no other object in common with the rest. With the
    /// run time and two models it stays well under 1 GB.
    /// </summary>
    public static MemoryBudget Decoding { get; } = new(512L << 20, files: new(128L << 20));

    public long Capacity => capacity;

    public long Used
    {
        get
        {
            lock (_lock)
                return _used;
        }
    }

    /// <summary>Takes bytes, and blocks until they are there.</summary>
    public Lease Take(long bytes)
    {
        var thread = Environment.CurrentManagedThreadId;
        TaskCompletionSource granted;
        lock (_lock)
            granted = Request(bytes, thread);
        granted.Task.GetAwaiter().GetResult();
        return new Lease(this, bytes, thread);
    }

    /// <summary>Takes bytes, and waits until they are there without blocking.</summary>
    /// <exception cref="OperationCanceledException">It was told to stop.</exception>
    public async Task<Lease> TakeAsync(long bytes, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        TaskCompletionSource granted;
        lock (_lock)
            granted = Request(bytes, thread: null);
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

    /// <summary>
    /// Counts the files that this thread reads until that is disposed; elsewhere nobody knows when a file is let go.
    /// </summary>
    public IDisposable CountFiles()
    {
        var counted = new Files(this, Environment.CurrentManagedThreadId);
        lock (_lock)
            _files.Add(counted.Thread, counted);
        return counted;
    }

    /// <summary>Takes the bytes of a file that is about to be read, where this thread's files are counted.</summary>
    public void TakeFile(long bytes)
    {
        Files? counted;
        bool holds;
        lock (_lock)
        {
            _files.TryGetValue(Environment.CurrentManagedThreadId, out counted);
            holds = HeldBy(Environment.CurrentManagedThreadId) > 0;
        }
        if (counted is null)
            return;
        // Nobody who holds some waits for others' files: they may wait for him.
        if (files is not null && !holds)
            counted.Leases.Add(files.Take(bytes));
        counted.Leases.Add(Take(bytes));
        counted.Bytes += bytes;
    }

    /// <summary>Frees what was let go, to be called before it is given back, where that is much.</summary>
    public static void Collect(long bytes)
    {
        if (bytes >= CollectedAtOnce)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    private TaskCompletionSource Request(long bytes, int? thread)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        var granted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Enqueue((bytes, thread, granted));
        _idle += HeldBy(thread);
        Grant();
        return granted;
    }

    private long HeldBy(int? thread) => thread is { } id ? _held.GetValueOrDefault(id) : 0;

    private void Return(long bytes, int? thread)
    {
        lock (_lock)
        {
            _used -= bytes;
            if (thread is { } id && (_held[id] = _held.GetValueOrDefault(id) - bytes) == 0)
                _held.Remove(id);
            // Given back by another thread while its own waits.
            if (thread is not null && _waiting.Any(w => w.Thread == thread && !w.Granted.Task.IsCompleted))
                _idle -= bytes;
            Grant();
        }
    }

    private void Grant()
    {
        while (_waiting.TryPeek(out var first)
            && (first.Granted.Task.IsCompleted || _used == _idle || _used + first.Bytes <= capacity))
        {
            _waiting.Dequeue();
            _idle -= HeldBy(first.Thread);
            // One that was told to stop does not take it.
            if (!first.Granted.TrySetResult())
                continue;
            _used += first.Bytes;
            if (first.Thread is { } id)
                _held[id] = _held.GetValueOrDefault(id) + first.Bytes;
        }
    }

    private sealed class Files(MemoryBudget budget, int thread) : IDisposable
    {
        public int Thread => thread;

        public List<Lease> Leases { get; } = [];

        public long Bytes { get; set; }

        public void Dispose()
        {
            lock (budget._lock)
                budget._files.Remove(thread);
            Collect(Bytes);
            foreach (var lease in Leases)
                lease.Dispose();
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
            budget.Return(_bytes - kept, thread);
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
