namespace Mdfld.Torch.Checkpoints;

/// <summary>
/// Where the elements of a tensor lie in its storage: index = offset + sum of position * stride, counted in elements.
/// Every layout that exists has passed the checks of its factory, so no later arithmetic overflows.
/// </summary>
internal sealed class TensorLayout
{
    /// <summary>PyTorch's own limit on dimensions.</summary>
    private const int MaxRank = 64;

    private readonly long[] _shape;
    private readonly long[] _strides;

    private TensorLayout(long[] shape, long[] strides, long offset, long count, long lastIndex)
    {
        (_shape, _strides, Offset, Count, LastIndex) = (shape, strides, offset, count, lastIndex);
        IsContiguous = count <= 1 || IsRowMajor(shape, strides);
    }

    public long[] Shape => _shape;

    public long Offset { get; }

    /// <summary>Number of elements.</summary>
    public long Count { get; }

    /// <summary>The highest index of any element; meaningless for an empty tensor.</summary>
    public long LastIndex { get; }

    /// <summary>Whether the elements lie in C order without gaps.</summary>
    public bool IsContiguous { get; }

    /// <summary>C order from the start of the storage; null when the shape is impossible.</summary>
    public static TensorLayout? Contiguous(ReadOnlySpan<long> shape)
    {
        if (CountOf(shape) is not { } count)
            return null;
        var sides = shape.ToArray();
        return new(sides, RowMajor(sides), 0, count, count - 1);
    }

    /// <summary>
    /// A view of a storage of <paramref name="available"/> elements; null when it reaches outside, or shows more
    /// elements than there are (a few bytes that claim to be gigabytes).
    /// </summary>
    public static TensorLayout? View(long[] shape, long[] strides, long offset, long available)
    {
        if (shape.Length != strides.Length || offset < 0 || CountOf(shape) is not { } count || count > available)
            return null;
        if (count == 0)
            return new(shape, strides, 0, 0, -1);
        Int128 last = offset;
        for (var i = 0; i < shape.Length; i++)
        {
            if (strides[i] < 0)
                return null;
            last += (Int128)(shape[i] - 1) * strides[i];
            if (last >= available)
                return null;
        }
        return last < available ? new(shape, strides, offset, count, (long)last) : null;
    }

    /// <summary>Bytes of all elements.</summary>
    public long ByteCount(ScalarType type) => Count * type.ByteSize;

    /// <summary>Copies the elements into C order.</summary>
    /// <param name="touched">The storage from <see cref="Offset"/> to <see cref="LastIndex"/>.</param>
    /// <param name="destination">All elements.</param>
    /// <param name="size">Bytes of an element.</param>
    public void Gather(ReadOnlySpan<byte> touched, Span<byte> destination, int size)
    {
        Span<long> position = stackalloc long[_shape.Length];
        position.Clear();
        var index = 0L;
        for (var target = 0; target < destination.Length; target += size)
        {
            touched.Slice((int)index * size, size).CopyTo(destination[target..]);
            for (var axis = _shape.Length - 1; axis >= 0; axis--)
            {
                index += _strides[axis];
                if (++position[axis] < _shape[axis])
                    break;
                index -= _strides[axis] * _shape[axis];
                position[axis] = 0;
            }
        }
    }

    /// <summary>Number of elements; null when a side is negative or their bytes could overflow a long.</summary>
    private static long? CountOf(ReadOnlySpan<long> shape)
    {
        if (shape.Length > MaxRank)
            return null;
        Int128 count = 1;
        var empty = false;
        foreach (var side in shape)
        {
            if (side < 0)
                return null;
            empty |= side == 0;
            count *= Math.Max(side, 1);
            if (count > long.MaxValue / sizeof(double))
                return null;
        }
        return empty ? 0 : (long)count;
    }

    private static long[] RowMajor(ReadOnlySpan<long> shape)
    {
        var strides = new long[shape.Length];
        var step = 1L;
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            strides[i] = step;
            step *= Math.Max(shape[i], 1);
        }
        return strides;
    }

    /// <summary>
    /// C order; a dimension of one element may claim any stride (PyTorch leaves odd ones after slicing).
    /// </summary>
    private static bool IsRowMajor(long[] shape, long[] strides)
    {
        var step = 1L;
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            if (shape[i] != 1 && strides[i] != step)
                return false;
            step *= shape[i];
        }
        return true;
    }
}
