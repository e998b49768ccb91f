namespace Mdfld.Diffusion.Synthesis;

/// <summary>What decides a generated data set, besides engine and landmarks.</summary>
public sealed record SynthesisOptions
{
    /// <summary>Rows and columns of every picture.</summary>
    public const int Size = 256;

    /// <summary>The styles, in the order of their file.</summary>
    public required IReadOnlyList<Style> Styles { get; init; }

    /// <summary>Pairs of each style.</summary>
    public required int PerStyle { get; init; }

    /// <summary>All random numbers follow from it, the style's id and the sample's index.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Attempts before a sample is given up.</summary>
    public int Attempts { get; init; } = 10;

    /// <summary>Which of <see cref="Shards"/> processes this is, from 0 on.</summary>
    public int Shard { get; init; }

    /// <summary>Processes that share the work; sample i belongs to shard i mod this.</summary>
    public int Shards { get; init; } = 1;

    /// <summary>The samples of this shard: the first of every style, then the second ones, ...</summary>
    public IEnumerable<(Style Style, int Index)> Samples()
    {
        var number = 0L;
        for (var index = 0; index < PerStyle; index++)
        {
            foreach (var style in Styles)
            {
                if (number++ % Shards == Shard)
                    yield return (style, index);
            }
        }
    }
}
