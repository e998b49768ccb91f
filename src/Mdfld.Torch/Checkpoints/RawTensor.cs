using System.Runtime.InteropServices;

namespace Mdfld.Torch.Checkpoints;

/// <summary>
/// An array of a checkpoint: element type and shape at once, the elements when asked for. Needs no libtorch.
/// </summary>
/// <remarks>
/// Elements from a file are read on each call, as long as the <see cref="Checkpoint"/> they came from is open.
/// </remarks>
public sealed class RawTensor
{
    private readonly TensorData _data;
    private readonly TensorLayout _layout;

    internal RawTensor(ScalarType type, TensorLayout layout, TensorData data) =>
        (Type, _layout, _data) = (type, layout, data);

    /// <summary>Wraps elements in memory, without copying them.</summary>
    /// <param name="type">Type of the elements.</param>
    /// <param name="shape">Number of elements per dimension; empty for a scalar.</param>
    /// <param name="bytes">The elements in C order, little-endian.</param>
    /// <exception cref="ArgumentException">The number of bytes does not fit the shape.</exception>
    public RawTensor(ScalarType type, ReadOnlySpan<long> shape, ReadOnlyMemory<byte> bytes)
    {
        if (TensorLayout.Contiguous(shape) is not { } layout || layout.ByteCount(type) != bytes.Length)
            throw new ArgumentException(
                $"{bytes.Length} bytes are no {type} tensor [{string.Join(", ", shape.ToArray())}]");
        (Type, _layout, _data) = (type, layout, new MemoryData(bytes));
    }

    /// <summary>Type of the elements.</summary>
    public ScalarType Type { get; }

    /// <summary>Number of elements per dimension; empty for a scalar.</summary>
    public ReadOnlySpan<long> Shape => _layout.Shape;

    /// <summary>Number of elements.</summary>
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
            _data.Read(_layout.Offset * Type.ByteSize, destination);
            return;
        }
        // The part of the storage that the view touches; layouts are checked against the storage when they are made.
        var touched = new byte[checked((int)((_layout.LastIndex - _layout.Offset + 1) * Type.ByteSize))];
        _data.Read(_layout.Offset * Type.ByteSize, touched);
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
            _data.Read(_layout.Offset * Type.ByteSize + done, buffer);
            stream.Write(buffer);
        }
    }
}
