using System.Buffers.Binary;
using System.Text;

namespace Mdfld.Hdf5;

/// <summary>
/// What MATLAB 7.3 writes of HDF5 ("HDF5 File Format Specification", The HDF Group): a superblock of version 0 or 1,
/// groups by symbol table, object headers of version 1.
/// </summary>
/// <remarks>
/// All addresses and sizes in a file are claims. How often and how deep they are followed is bounded, and whatever
/// does not fit is a <see cref="FormatException"/>. No other file is ever opened. A general library (PureHDF 2.2.0) was
/// measured and is not used: a file makes it read other files of the user's, or wait for a pipe for ever (external
/// storage and links, which cannot be turned off), and 28 KB of damaged file make it take 1 GB before a size can be
/// asked for.
/// </remarks>
internal sealed class Hdf5File
{
    private const int MostNodes = 1 << 8;
    private const int MostBlocks = 1 << 6;
    private const int LongestBlock = 1 << 20;
    private const int HeaderBytes = 16;
    private const int SymbolBytes = 40;

    private static readonly long[] Origins = [0, 512, 1024, 2048];

    private readonly Hdf5Reader _reader;
    private readonly ulong _root;

    private Hdf5File(Hdf5Reader reader, ulong root) => (_reader, _root) = (reader, root);

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'H', (byte)'D', (byte)'F', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Whether a file is one of HDF5, a block of the user's before it or not.</summary>
    public static bool Is(Stream stream) => Find(stream) >= 0;

    /// <exception cref="FormatException">No HDF5 file, or one of another make.</exception>
    public static Hdf5File Open(Stream stream)
    {
        var origin = Find(stream);
        if (origin < 0)
            throw new FormatException("no HDF5 file");
        var bytes = new Hdf5Reader(stream, origin).Read(0, Math.Min(100, stream.Length - origin));
        var cursor = new Hdf5Cursor(bytes);
        cursor.Take(Signature.Length);
        var version = cursor.Byte();
        if (version > 1)
            throw new FormatException($"HDF5 with a superblock of version {version}, expected 0 or 1");
        cursor.Take(4);
        var (offsets, lengths) = (cursor.Byte(), cursor.Byte());
        if ((offsets, lengths) != (8, 8))
            throw new FormatException($"HDF5 with addresses of {offsets} and lengths of {lengths} bytes, expected 8");
        cursor.Take(1 + 4 + 4 + (version == 1 ? 4 : 0));
        var start = cursor.UInt64();
        cursor.Take((3 * 8) + 8);
        if (start > (ulong)stream.Length)
            throw new FormatException("HDF5 that begins beyond its end");
        return new Hdf5File(new Hdf5Reader(stream, (long)start), cursor.UInt64());
    }

    /// <summary>The data set of that name in the root group; null where there is none.</summary>
    public Hdf5Dataset? Find(string name)
    {
        foreach (var (type, data) in Messages(_root))
        {
            if (type != MessageType.SymbolTable)
                continue;
            var cursor = new Hdf5Cursor(data);
            var (tree, heap) = (cursor.UInt64(), cursor.UInt64());
            return Symbol(tree, heap, name) is { } address ? At(address) : null;
        }
        throw new FormatException("HDF5 whose groups are not kept by symbol table");
    }

    /// <summary>The data set with its header at an address, as references name it.</summary>
    public Hdf5Dataset At(ulong address) => new(_reader, Messages(address));

    private static long Find(Stream stream)
    {
        Span<byte> head = stackalloc byte[Signature.Length];
        foreach (var origin in Origins)
        {
            if (stream.Length < origin + head.Length)
                break;
            stream.Position = origin;
            stream.ReadExactly(head);
            if (head.SequenceEqual(Signature))
                return origin;
        }
        return -1;
    }

    /// <summary>The address of the object of a name, sought through the group's B-tree.</summary>
    private ulong? Symbol(ulong tree, ulong heap, string name)
    {
        var names = HeapData(heap);
        foreach (var leaf in Hdf5Tree.Leaves(_reader, tree, Hdf5Tree.Group, keyBytes: 8, MostNodes))
        {
            var head = _reader.Read(leaf.Address, 8);
            if (!head.AsSpan().StartsWith("SNOD"u8))
                throw new FormatException("a group without its symbols");
            var count = head[6] | (head[7] << 8);
            var cursor = new Hdf5Cursor(_reader.Read(leaf.Address + 8, count * (long)SymbolBytes));
            for (var i = 0; i < count; i++)
            {
                var (at, address) = (cursor.UInt64(), cursor.UInt64());
                cursor.Take(SymbolBytes - 16);
                if (IsNamed(names, at, name))
                    return address;
            }
        }
        return null;
    }

    private byte[] HeapData(ulong heap)
    {
        var cursor = new Hdf5Cursor(_reader.Read(heap, 32));
        if (!cursor.Take(8).StartsWith("HEAP"u8))
            throw new FormatException("a group without its names");
        var size = cursor.UInt64();
        cursor.Take(8);
        return _reader.Read(cursor.UInt64(), size > int.MaxValue ? -1 : (long)size);
    }

    private static bool IsNamed(ReadOnlySpan<byte> names, ulong at, string name)
    {
        if (at >= (ulong)names.Length)
            throw new FormatException("a name beyond the names of its group");
        var rest = names[(int)at..];
        var end = rest.IndexOf((byte)0);
        return rest[..(end < 0 ? rest.Length : end)].SequenceEqual(Encoding.UTF8.GetBytes(name));
    }

    /// <summary>The messages of an object header and its continuations.</summary>
    private List<(int Type, byte[] Data)> Messages(ulong address)
    {
        var head = new Hdf5Cursor(_reader.Read(address, HeaderBytes));
        if (head.Byte() is not 1 and var version)
            throw new FormatException($"HDF5 with an object header of another version than 1 ({version})");
        head.Take(1);
        int count = head.UInt16();
        head.Take(4);
        var blocks = new Queue<(ulong Address, long Length)>([(address + HeaderBytes, head.UInt32())]);
        var messages = new List<(int Type, byte[] Data)>();
        for (var seen = 0; blocks.TryDequeue(out var block); seen++)
        {
            if (seen == MostBlocks)
                throw new FormatException("an object header of too many parts");
            var bytes = _reader.Read(block.Address, block.Length <= LongestBlock ? block.Length : -1);
            var cursor = new Hdf5Cursor(bytes);
            while (messages.Count < count && bytes.Length - cursor.Position >= 8)
            {
                var (type, size) = (cursor.UInt16(), cursor.UInt16());
                cursor.Take(4);
                var data = cursor.Take(size).ToArray();
                messages.Add((type, data));
                if (type == MessageType.Continuation)
                {
                    var next = new Hdf5Cursor(data);
                    var (at, length) = (next.UInt64(), next.UInt64());
                    blocks.Enqueue((at, length > int.MaxValue ? -1 : (long)length));
                }
            }
        }
        return messages;
    }
}

/// <summary>The messages of an object header that matter here.</summary>
internal static class MessageType
{
    public const int Dataspace = 0x01;
    public const int Datatype = 0x03;
    public const int ExternalFiles = 0x07;
    public const int Layout = 0x08;
    public const int Filters = 0x0B;
    public const int Continuation = 0x10;
    public const int SymbolTable = 0x11;
}

/// <summary>Pieces of an HDF5 file by their address: never more than the file holds.</summary>
/// <param name="stream">The file; it must seek.</param>
/// <param name="origin">Where address 0 is in it: after a user block.</param>
internal sealed class Hdf5Reader(Stream stream, long origin)
{
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
