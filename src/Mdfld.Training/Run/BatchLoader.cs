namespace Mdfld.Training;

/// <summary>
/// Makes the batches of a run ahead of time, on all cores, in order: of each the parts that are accumulated, and of
/// each part this process's share.
/// </summary>
internal sealed class BatchLoader : IDisposable
{
    // Enough to bridge a hiccup, not enough to hold much memory.
    private const int Ahead = 4;

    private readonly RunSettings _settings;
    private readonly SampleSource _source;
    private readonly int _rank;
    private readonly int _processes;
    private readonly Queue<Task<SamplePart[][]>> _pending = new();
    private readonly CancellationTokenSource _stop = new();
    private long _next;

    /// <param name="step">The first batch to make.</param>
    public BatchLoader(RunSettings settings, SampleSource source, long step, int rank = 0, int processes = 1) =>
        (_settings, _source, _next, _rank, _processes) =
            (settings, source, step * settings.Accumulate, rank, processes);

    /// <summary>The next part of a batch, a share for each replica.</summary>
    public SamplePart[][] Next()
    {
        var part = Peek();
        _pending.Dequeue();
        return part;
    }

    /// <summary>The part of a batch that <see cref="Next"/> will give.</summary>
    public SamplePart[][] Peek()
    {
        while (_pending.Count < Ahead && _next < _settings.Steps * _settings.Accumulate)
            _pending.Enqueue(Start(_next++));
        return _pending.Peek().GetAwaiter().GetResult();
    }

    /// <summary>Waits for batches in work; they touch the task's encoder.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        foreach (var batch in _pending)
        {
            // A batch that is not taken any more may fail or be cancelled.
            ((IAsyncResult)batch).AsyncWaitHandle.WaitOne();
        }
        _stop.Dispose();
    }

    private Task<SamplePart[][]> Start(long part)
    {
        var phase = _settings.At(part / _settings.Accumulate).Phase;
        var samples = new Func<IReadOnlyList<SamplePart>>[_settings.SamplesAtOnce(_processes) * _settings.Replicas];
        var first = ((part * _processes) + _rank) * samples.Length;
        for (var i = 0; i < samples.Length; i++)
            samples[i] = _source(first + i, phase);
        return Task.Run(() => Make(samples), _stop.Token);
    }

    private SamplePart[][] Make(Func<IReadOnlyList<SamplePart>>[] samples)
    {
        var each = samples.Length / _settings.Replicas;
        var shares = new SamplePart[_settings.Replicas][];
        for (var r = 0; r < shares.Length; r++)
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
            shares[r] = joined!;
        }
        return shares;
    }
}

/// <summary>
/// The order of samples: a new shuffle each epoch, a function of the seed and the position only, so that a resumed
/// run goes on with the very samples, and draws, of an unbroken one.
/// </summary>
public sealed class SampleOrder(int count, int seed)
{
    private readonly int[] _order = new int[count];
    private long _epoch = -1;

    public int this[long position]
    {
        get
        {
            var epoch = position / count;
            if (epoch != _epoch)
                Shuffle(epoch);
            return _order[position % count];
        }
    }

    public Random RandomAt(long position) => new(Mix(seed, position));

    private void Shuffle(long epoch)
    {
        for (var i = 0; i < count; i++)
            _order[i] = i;
        new Random(Mix(~seed, epoch)).Shuffle(_order);
        _epoch = epoch;
    }

    /// <summary>Scatters neighbouring positions over all seeds (the finaliser of SplitMix64).</summary>
    private static int Mix(int seed, long position)
    {
        var z = unchecked(((ulong)(uint)seed << 32) + ((ulong)position * 0x9E3779B97F4A7C15));
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EB);
        return (int)(z ^ (z >> 31)) & int.MaxValue;
    }
}
