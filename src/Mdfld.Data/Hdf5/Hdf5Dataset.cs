using System.Runtime.InteropServices;
using Mdfld.Data;

namespace Mdfld.Hdf5;

internal enum Hdf5Class
{
    Integer = 0,

    Float = 1,

    /// <summary>Addresses of other objects.</summary>
    Reference = 7,
}

/// <summary>A table of elements of one type, contiguous or in chunks, packed or not.</summary>
internal sealed class Hdf5Dataset
{
    private const int MostDimensions = 4;

    // Deflate packs no better than this, so a file cannot claim more.
    private const long BestPacking = 1032;

    private readonly Hdf5Reader _reader;
    private readonly byte[] _layout;
    private readonly byte[]? _filters;
    private readonly bool _isSigned;

    /// <summary>Puts together what the messages of its header say.</summary>
    public Hdf5Dataset(Hdf5Reader reader, List<(int Type, byte[] Data)> messages)
    {
        _reader = reader;
        if (Message(MessageType.ExternalFiles) is not null)
            throw new FormatException("a data set kept in another file, expected its elements in this one");
        Shape = Space(Message(MessageType.Dataspace) ?? throw new FormatException("no HDF5 data set"));
        var type = new Hdf5Cursor(
            Message(MessageType.Datatype) ?? throw new FormatException("a data set without type"));
        Class = (Hdf5Class)(type.Byte() & 0x0F);
        var flags = type.Byte();
        type.Take(2);
        var size = type.UInt32();
        if (Class is not (Hdf5Class.Integer or Hdf5Class.Float or Hdf5Class.Reference) || size is < 1 or > 8
            || (Class != Hdf5Class.Reference && (flags & 1) != 0))
        {
            throw new FormatException(
                $"elements of class {(int)Class} and {size} bytes, expected little-endian numbers or references");
        }
        (_isSigned, ElementBytes) = ((flags & 8) != 0, (int)size);
        _layout = Message(MessageType.Layout) ?? throw new FormatException("a data set without its address");
        _filters = Message(MessageType.Filters);

        byte[]? Message(int wanted) => messages.Find(m => m.Type == wanted).Data;
    }

    /// <summary>Extents, slowest first: MATLAB's in reverse.</summary>
    public long[] Shape { get; }

    public Hdf5Class Class { get; }
    public int ElementBytes { get; }

    // Extents are below 2^31; once the product is not, what it is no longer matters.
    private long Count => Shape.Aggregate(1L, (a, b) => a > int.MaxValue ? a : a * b);

    /// <summary>All elements as numbers, the last dimension fastest.</summary>
    /// <param name="most">Of more elements nothing is read.</param>
    public double[] Numbers(long most)
    {
        if (Class == Hdf5Class.Reference)
            throw new FormatException("references, expected numbers");
        return PackedNumbers.Read(
            Bytes(most), Class == Hdf5Class.Float ? 'f' : _isSigned ? 'i' : 'u', ElementBytes);
    }

    /// <summary>All elements as addresses for <see cref="Hdf5File.At"/>.</summary>
    public ulong[] References(long most)
    {
        if (Class != Hdf5Class.Reference || ElementBytes != 8)
            throw new FormatException("no references to objects");
        return MemoryMarshal.Cast<byte, ulong>(Bytes(most)).ToArray();
    }

    /// <summary>All elements as they are stored, unpacked.</summary>
    public byte[] Bytes(long most)
    {
        if (Count > most || Count > Array.MaxLength / ElementBytes)
            throw new FormatException($"{string.Join(" x ", Shape)} elements, expected at most {most}");
        if (Count == 0 || Count * ElementBytes / BestPacking > _reader.Length)
            throw new FormatException($"{string.Join(" x ", Shape)} elements, none, or more than the file can hold");
        var size = Count * ElementBytes;
        var layout = new Hdf5Cursor(_layout);
        if (layout.Byte() is not 3 and var version)
            throw new FormatException($"HDF5 with a data layout of version {version}, expected 3");
        switch (layout.Byte())
        {
            case 0:
                var compact = layout.Take(layout.UInt16());
                return compact.Length >= size
                    ? compact[..(int)size].ToArray() : throw new FormatException("fewer elements than it says");
            case 1:
                return _reader.Read(layout.UInt64(), size);
            case 2:
                return new Hdf5Chunks(_reader, layout, _filters, Shape, ElementBytes).Read();
            case var other:
                throw new FormatException($"HDF5 with a data layout of class {other}");
        }
    }

    private static long[] Space(byte[] message)
    {
        var cursor = new Hdf5Cursor(message);
        var (version, rank) = (cursor.Byte(), cursor.Byte());
        if (version is not (1 or 2) || rank is < 1 or > MostDimensions)
            throw new FormatException($"a data set of {rank} dimensions, expected 1 to {MostDimensions}");
        cursor.Take(version == 1 ? 6 : 2);
        var shape = new long[rank];
        for (var i = 0; i < rank; i++)
            shape[i] = cursor.UInt64() is <= int.MaxValue and var extent
                ? (long)extent : throw new FormatException("a data set without end");
        return shape;
    }
}
