namespace Mdfld.Training;

/// <summary>A replica's share of a batch: the parts of its samples, joined.</summary>
internal sealed record Shard(IReadOnlyList<SamplePart> Parts);

/// <summary>
/// Says how the sample at a position of the run is made. It is asked in order, on one thread; the work it gives may be
/// done on any thread, beside others.
/// </summary>
public delegate Func<IReadOnlyList<SamplePart>> SampleSource(long position, Phase phase);

/// <summary>
/// Makes the batches of a run ahead of time, on all cores, in order: of each the parts that are accumulated, and of
/// each part this process's share.
/// </summary>
internal sealed class BatchLoader : IDisposable
{
    // Enough to bridge a hiccup, not enough to hold much memory.
    private const int Ahead = 4;

    private readonly Recipe _recipe;
    private readonly SampleSource _source;
    private readonly int _rank;
    private readonly int _processes;
    private readonly Queue<Task<Shard[]>> _pending = new();
    private readonly CancellationTokenSource _stop = new();
    private long _next;

    /// <param name="recipe">Sizes and phases.</param>
    /// <param name="source">Makes the samples.</param>
    /// <param name="step">The first batch to make.</param>
    /// <param name="rank">Number of this process.</param>
    /// <param name="processes">Processes that share every batch.</param>
    public BatchLoader(Recipe recipe, SampleSource source, long step, int rank = 0, int processes = 1) =>
        (_recipe, _source, _next, _rank, _processes) = (recipe, source, step * recipe.Accumulate, rank, processes);

    /// <summary>The next part of a batch.</summary>
    public Shard[] Next()
    {
        while (_pending.Count < Ahead && _next < _recipe.Steps * _recipe.Accumulate)
            _pending.Enqueue(Start(_next++));
        return _pending.Dequeue().GetAwaiter().GetResult();
    }

    /// <summary>Waits for batches in work; they touch the task's encoder.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        foreach (var batch in _pending)
        {
            // A batch nobody takes any more may fail or be cancelled: nobody misses it.
            ((IAsyncResult)batch).AsyncWaitHandle.WaitOne();
        }
        _stop.Dispose();
    }

    private Task<Shard[]> Start(long part)
    {
        var phase = _recipe.At(part / _recipe.Accumulate).Phase;
        var samples = new Func<IReadOnlyList<SamplePart>>[_recipe.Batch / _recipe.Accumulate / _processes];
        var first = ((part * _processes) + _rank) * samples.Length;
        for (var i = 0; i < samples.Length; i++)
            samples[i] = _source(first + i, phase);
        return Task.Run(() => Make(samples), _stop.Token);
    }

    private Shard[] Make(Func<IReadOnlyList<SamplePart>>[] samples)
    {
        var each = samples.Length / _recipe.Replicas;
        var shards = new Shard[_recipe.Replicas];
        for (var r = 0; r < shards.Length; r++)
        {
            SamplePart[]? joined = null;
            for (var i = 0; i < each; i++)
            {
                _stop.Token.ThrowIfCancellationRequested();
                var sample = samples[(r * each) + i]();
                joined ??= [.. sample.Select(p => new SamplePart(new float[each * p.Data.Length], [each, .. p.Shape]))];
                for (var p = 0; p < sample.Count; p++)
                    sample[p].Data.CopyTo(joined[p].Data, i * sample[p].Data.Length);
            }
            shards[r] = new Shard(joined!);
        }
        return shards;
    }
}
