using System.Buffers.Binary;

namespace Mdfld.Hdf5;

/// <summary>Pieces of an HDF5 file by their address: never more than the file holds.</summary>
/// <param name="stream">The whole file; it must seek.</param>
/// <param name="origin">Where address 0 is in it: after a user block.</param>
internal sealed class Hdf5Reader(Stream stream, long origin)
{
    /// <summary>Bytes of the file.</summary>
    public long Length => stream.Length;

    /// <exception cref="FormatException">The file is shorter.</exception>
    public byte[] Read(ulong address, long count)
    {
        if (count is < 0 or > int.MaxValue || address > (ulong)stream.Length
            || (long)address + origin + count > stream.Length)
            throw new FormatException($"{count} bytes at {address}, beyond the end of the file");
        var bytes = new byte[count];
        stream.Position = (long)address + origin;
        stream.ReadExactly(bytes);
        return bytes;
    }
}

/// <summary>Reads numbers one after another, little-endian, as all of HDF5's own are.</summary>
internal ref struct Hdf5Cursor(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Position { get; private set; }

    public byte Byte() => Take(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <exception cref="FormatException">There are fewer.</exception>
    public ReadOnlySpan<byte> Take(long count)
    {
        if (count < 0 || count > _bytes.Length - Position)
            throw new FormatException("a part of it is shorter than it says");
        var taken = _bytes.Slice(Position, (int)count);
        Position += (int)count;
        return taken;
    }
}
