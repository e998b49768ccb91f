using System.Runtime.CompilerServices;

namespace Mdfld.Diffusion;

/// <summary>One number for every level of a network, or one a level.</summary>
[CollectionBuilder(typeof(NumberOrList), nameof(Create))]
public sealed record NumberOrList
{
    private readonly int[] _values;

    internal NumberOrList(int[] values, bool isList = true) => (_values, IsList) = (values, isList);

    /// <summary>The numbers: one, or one a level.</summary>
    public IReadOnlyList<int> Values => _values;

    /// <summary>Whether they are written as a list.</summary>
    internal bool IsList { get; }

    /// <summary>The number of a level, 0 the finest.</summary>
    public int At(int level) => IsList ? _values[level] : _values[0];

    /// <summary>The same number for every level.</summary>
    public static implicit operator NumberOrList(int value) => new([value], isList: false);

    /// <summary>One number a level.</summary>
    public static NumberOrList Create(ReadOnlySpan<int> values) => new(values.ToArray());

    /// <summary>For collection expressions.</summary>
    public IEnumerator<int> GetEnumerator() => Values.GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(NumberOrList? other) =>
        other is not null && IsList == other.IsList && _values.AsSpan().SequenceEqual(other._values);

    /// <inheritdoc/>
    public override int GetHashCode() => _values.Aggregate(IsList ? 1 : 0, HashCode.Combine);
}
