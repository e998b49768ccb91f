using System.Buffers.Binary;

namespace Mdfld.Hdf5;

/// <summary>What the elements of a data set are.</summary>
internal enum Hdf5Class
{
    /// <summary>Whole numbers.</summary>
    Integer = 0,

    /// <summary>Real numbers.</summary>
    Float = 1,

    /// <summary>Addresses of other objects.</summary>
    Reference = 7,
}

/// <summary>A table of elements of one type, whole or in chunks, packed or not.</summary>
internal sealed class Hdf5Dataset
{
    private const int MostDimensions = 4;

    // Deflate packs no better than this, so a file cannot claim more.
    private const long BestPacking = 1032;

    private readonly Hdf5Reader _reader;
    private readonly Hdf5Layout _layout;
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
        var layout = Message(MessageType.Layout) ?? throw new FormatException("a data set without its place");
        _layout = Hdf5Layout.Of(layout, Message(MessageType.Filters), Shape.Length);

        byte[]? Message(int wanted) => messages.Find(m => m.Type == wanted).Data;
    }

    /// <summary>Extents, slowest first: MATLAB's in reverse.</summary>
    public long[] Shape { get; }

    /// <summary>What its elements are.</summary>
    public Hdf5Class Class { get; }

    /// <summary>Bytes of an element.</summary>
    public int ElementBytes { get; }

    // Extents are below 2^31; once the product is not, what it is no longer matters.
    private long Count => Shape.Aggregate(1L, (a, b) => a > int.MaxValue ? a : a * b);

    /// <summary>All elements as numbers, the last dimension fastest.</summary>
    /// <param name="most">Of more elements nothing is read.</param>
    public double[] Numbers(long most)
    {
        if (Class == Hdf5Class.Reference)
            throw new FormatException("references, expected numbers");
        var bytes = Bytes(most);
        var values = new double[bytes.Length / ElementBytes];
        for (var i = 0; i < values.Length; i++)
            values[i] = Number(bytes.AsSpan(i * ElementBytes, ElementBytes));
        return values;
    }

    /// <summary>All elements as addresses for <see cref="Hdf5File.At"/>.</summary>
    /// <param name="most">Of more elements nothing is read.</param>
    public ulong[] References(long most)
    {
        if (Class != Hdf5Class.Reference || ElementBytes != 8)
            throw new FormatException("no references to objects");
        var bytes = Bytes(most);
        var addresses = new ulong[bytes.Length / 8];
        for (var i = 0; i < addresses.Length; i++)
            addresses[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(8 * i));
        return addresses;
    }

    /// <summary>All elements as they are stored, unpacked.</summary>
    /// <param name="most">Of more elements nothing is read.</param>
    public byte[] Bytes(long most)
    {
        if (Count > most || Count > Array.MaxLength / ElementBytes)
            throw new FormatException($"{string.Join(" x ", Shape)} elements, expected at most {most}");
        if (Count == 0 || Count * ElementBytes / BestPacking > _reader.Length)
            throw new FormatException($"{string.Join(" x ", Shape)} elements, none, or more than the file can hold");
        return _layout.Read(_reader, Shape, ElementBytes);
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

    private double Number(ReadOnlySpan<byte> element) => (Class, ElementBytes, _isSigned) switch
    {
        (Hdf5Class.Float, 4, _) => BinaryPrimitives.ReadSingleLittleEndian(element),
        (Hdf5Class.Float, 8, _) => BinaryPrimitives.ReadDoubleLittleEndian(element),
        (Hdf5Class.Integer, 1, false) => element[0],
        (Hdf5Class.Integer, 1, true) => (sbyte)element[0],
        (Hdf5Class.Integer, 2, false) => BinaryPrimitives.ReadUInt16LittleEndian(element),
        (Hdf5Class.Integer, 2, true) => BinaryPrimitives.ReadInt16LittleEndian(element),
        (Hdf5Class.Integer, 4, false) => BinaryPrimitives.ReadUInt32LittleEndian(element),
        (Hdf5Class.Integer, 4, true) => BinaryPrimitives.ReadInt32LittleEndian(element),
        (Hdf5Class.Integer, 8, false) => BinaryPrimitives.ReadUInt64LittleEndian(element),
        (Hdf5Class.Integer, 8, true) => BinaryPrimitives.ReadInt64LittleEndian(element),
        _ => throw new FormatException($"{Class} numbers of {ElementBytes} bytes"),
    };
}
