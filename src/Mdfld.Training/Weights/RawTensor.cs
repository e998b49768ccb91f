using System.Runtime.InteropServices;

namespace Mdfld.Training.Weights;

/// <summary>Copies the bytes behind a tensor, little-endian, from an offset on, wherever they lie.</summary>
internal delegate void ReadBytes(long offset, Span<byte> destination);

/// <summary>An array of a checkpoint; its elements are read when asked for. Needs no libtorch.</summary>
/// <remarks>Elements are read on each call, while the <see cref="Checkpoint"/> is open.</remarks>
public sealed class RawTensor
{
    private readonly ReadBytes _read;
    private readonly TensorLayout _layout;

    internal RawTensor(ScalarType type, TensorLayout layout, ReadBytes read) =>
        (Type, _layout, _read) = (type, layout, read);

    /// <summary>Wraps elements in memory, without copying them.</summary>
    /// <param name="shape">Number of elements per dimension; empty for a scalar.</param>
    /// <param name="bytes">The elements in C order, little-endian.</param>
    /// <exception cref="ArgumentException">The number of bytes does not fit the shape.</exception>
    public RawTensor(ScalarType type, ReadOnlySpan<long> shape, ReadOnlyMemory<byte> bytes)
    {
        if (TensorLayout.Contiguous(shape.ToArray()) is not { } layout || layout.ByteCount(type) != bytes.Length)
            throw new ArgumentException(
                $"{bytes.Length} bytes are no {type} tensor [{string.Join(", ", shape.ToArray())}]");
        (Type, _layout) = (type, layout);
        _read = (offset, destination) => bytes.Span.Slice((int)offset, destination.Length).CopyTo(destination);
    }

    public ScalarType Type { get; }

    /// <summary>Number of elements per dimension; empty for a scalar.</summary>
    public ReadOnlySpan<long> Shape => _layout.Shape;

    public long Count => _layout.Count;

    /// <summary>Bytes that <see cref="CopyTo"/> writes.</summary>
    public long ByteCount => _layout.ByteCount(Type);

    /// <summary>Writes the elements in C order, little-endian, whatever their order in the file.</summary>
    /// <param name="destination"><see cref="ByteCount"/> bytes.</param>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    /// <exception cref="InvalidDataException">The file was cut short since it was opened.</exception>
    /// <exception cref="ObjectDisposedException">The checkpoint is closed.</exception>
    public void CopyTo(Span<byte> destination)
    {
        if (destination.Length != ByteCount)
            throw new ArgumentException($"the tensor has {ByteCount} bytes, the destination {destination.Length}");
        if (Count == 0)
            return;
        if (_layout.IsContiguous)
        {
            _read(_layout.Offset * Type.ByteSize, destination);
            return;
        }
        // The part of the storage that the view touches; layouts are checked against the storage when they are made.
        var touched = new byte[checked((int)((_layout.LastIndex - _layout.Offset + 1) * Type.ByteSize))];
        _read(_layout.Offset * Type.ByteSize, touched);
        _layout.Gather(touched, destination, Type.ByteSize);
    }

    /// <summary>The elements in C order.</summary>
    /// <typeparam name="T">The .NET type of <see cref="Type"/>; ushort gives the bits of a bfloat16.</typeparam>
    /// <exception cref="InvalidOperationException">The elements are of another type.</exception>
    public T[] ToArray<T>()
        where T : unmanaged
    {
        if (typeof(T) == typeof(ushort) ? Type != ScalarType.BFloat16 : ScalarTypes.Of<T>() != Type)
            throw new InvalidOperationException($"the elements are {Type}, not {typeof(T).Name}");
        if (Count > Array.MaxLength)
            throw new InvalidDataException($"a tensor of {Count} elements; at most {Array.MaxLength} are read at once");
        var elements = new T[(int)Count];
        CopyTo(MemoryMarshal.AsBytes(elements.AsSpan()));
        return elements;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Type} [{string.Join(", ", _layout.Shape)}]";

    /// <summary>Writes the elements in C order, in pieces, so that a large contiguous tensor needs no copy.</summary>
    internal void WriteTo(Stream stream)
    {
        if (!_layout.IsContiguous)
        {
            var all = new byte[checked((int)ByteCount)];
            CopyTo(all);
            stream.Write(all);
            return;
        }
        Span<byte> buffer = new byte[(int)Math.Min(ByteCount, 1 << 20)];
        for (var done = 0L; done < ByteCount; done += buffer.Length)
        {
            buffer = buffer[..(int)Math.Min(buffer.Length, ByteCount - done)];
            _read((_layout.Offset * Type.ByteSize) + done, buffer);
            stream.Write(buffer);
        }
    }
}

/// <summary>
/// Where the elements of a tensor lie in its storage: index = offset + sum of position * stride, counted in elements.
/// Every layout that exists has passed the checks of its factory, so no later arithmetic overflows.
/// </summary>
internal sealed class TensorLayout
{
    // PyTorch's own limit on dimensions.
    private const int MaxRank = 64;

    private readonly long[] _strides;

    private TensorLayout(long[] shape, long[] strides, long offset, long count, long lastIndex) =>
        (Shape, _strides, Offset, Count, LastIndex) = (shape, strides, offset, count, lastIndex);

    public long[] Shape { get; }

    public long Offset { get; }
    public long Count { get; }

    /// <summary>The highest index of any element; meaningless for an empty tensor.</summary>
    public long LastIndex { get; }

    /// <summary>
    /// Whether the elements lie in C order without gaps; a dimension of one element may claim any stride (PyTorch
    /// leaves odd ones after slicing).
    /// </summary>
    public bool IsContiguous =>
        Count <= 1 || RowMajor(Shape).Zip(_strides, Shape).All(d => d.First == d.Second || d.Third == 1);

    /// <summary>C order from the start of the storage; null when the shape is impossible.</summary>
    public static TensorLayout? Contiguous(long[] shape) =>
        CountOf(shape) is { } count ? new(shape, RowMajor(shape), 0, count, count - 1) : null;

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
            last += (Int128)(shape[i] - 1) * strides[i];
            if (strides[i] < 0 || last >= available)
                return null;
        }
        return last < available ? new(shape, strides, offset, count, (long)last) : null;
    }

    public long ByteCount(ScalarType type) => Count * type.ByteSize;

    /// <summary>Copies the elements into C order.</summary>
    /// <param name="touched">The storage from <see cref="Offset"/> to <see cref="LastIndex"/>.</param>
    public void Gather(ReadOnlySpan<byte> touched, Span<byte> destination, int size)
    {
        var position = new long[Shape.Length];
        var index = 0L;
        for (var target = 0; target < destination.Length; target += size)
        {
            touched.Slice((int)index * size, size).CopyTo(destination[target..]);
            for (var axis = Shape.Length - 1; axis >= 0; axis--)
            {
                index += _strides[axis];
                if (++position[axis] < Shape[axis])
                    break;
                index -= _strides[axis] * Shape[axis];
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
        foreach (var side in shape)
        {
            count *= Math.Max(side, 1);
            if (side < 0 || count > long.MaxValue / sizeof(double))
                return null;
        }
        return shape.Contains(0) ? 0 : (long)count;
    }

    private static long[] RowMajor(long[] shape)
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
}

/// <summary>From checkpoints to libtorch's tensors and back.</summary>
public static class TensorBridge
{
    /// <summary>A CPU tensor with a copy of the elements, read straight into its memory.</summary>
    /// <exception cref="InvalidDataException">The file was cut short since it was opened.</exception>
    public static Tensor ToTensor(this RawTensor raw)
    {
        if (raw.ByteCount > Array.MaxLength)
            throw new InvalidDataException(
                $"a tensor of {raw.ByteCount} bytes; at most {Array.MaxLength} are read at once");
        var tensor = empty(raw.Shape, dtype: raw.Type);
        try
        {
            if (raw.ByteCount > 0)
                raw.CopyTo(tensor.bytes);
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>The elements for writing; to be used before the tensor changes or is disposed.</summary>
    /// <param name="type">What fractions become; null leaves them.</param>
    public static RawTensor ToRaw(this Tensor tensor, ScalarType? type = null)
    {
        var written = type is { } wanted && tensor.dtype.IsFloatingPoint ? wanted : tensor.dtype;
        return new(written, TensorLayout.Contiguous(tensor.shape)!, (offset, destination) =>
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            var first = offset / written.ByteSize;
            tensor.reshape(-1).slice(0, first, first + (destination.Length / written.ByteSize), 1).to(written)
                .CopyTo(destination);
        });
    }
}
