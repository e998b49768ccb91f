namespace Mdfld.Training;

/// <summary>
/// Which face comes when: a new shuffle each epoch, a function of the seed and the position alone, so that a resumed
/// run goes on with the very faces, and draws, that an unbroken one would see.
/// </summary>
/// <param name="count">Faces in an epoch.</param>
/// <param name="seed">The run's seed.</param>
public sealed class SampleOrder(int count, int seed)
{
    private readonly int[] _order = new int[count];
    private long _epoch = -1;

    /// <summary>The face at a position of the run.</summary>
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

    /// <summary>The random numbers of a sample.</summary>
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
