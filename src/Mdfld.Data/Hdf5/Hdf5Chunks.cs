using System.IO.Compression;

namespace Mdfld.Hdf5;

/// <summary>Elements of a data set that lie in chunks, found by a B-tree and packed by filters.</summary>
internal sealed class Hdf5Chunks
{
    private const int Deflate = 1;
    private const int Shuffle = 2;
    private const int Checksum = 3;
    private const int ChecksumBytes = 4;
    private const int SmallChunk = 1 << 20;

    private readonly Hdf5Reader _reader;
    private readonly long[] _shape;
    private readonly int _elementBytes;
    private readonly ulong _tree;
    private readonly long[] _chunk;
    private readonly int[] _filters;

    public Hdf5Chunks(Hdf5Reader reader, Hdf5Cursor layout, byte[]? filters, long[] shape, int elementBytes)
    {
        (_reader, _shape, _elementBytes) = (reader, shape, elementBytes);
        if (layout.Byte() != shape.Length + 1)
            throw new FormatException("chunks of other dimensions than their data set");
        _tree = layout.UInt64();
        _chunk = new long[shape.Length];
        for (var i = 0; i < _chunk.Length; i++)
            _chunk[i] = layout.UInt32();
        _filters = Filters(filters);
    }

    /// <summary>All elements, the last dimension fastest.</summary>
    /// <exception cref="FormatException">The file holds fewer, or something else.</exception>
    public byte[] Read()
    {
        // A chunk may reach beyond the table, but not be much more than it.
        var all = _shape.Aggregate((long)_elementBytes, (a, b) => a * b);
        var size = _chunk.Aggregate((long)_elementBytes, (a, b) => a > int.MaxValue ? a : a * b);
        if (size < 1 || size > Math.Max(SmallChunk, all))
            throw new FormatException($"chunks of {string.Join(" x ", _chunk)} elements");
        byte[]? target = null;
        foreach (var piece in Pieces())
        {
            var bytes = Unpack(_reader.Read(piece.Address, piece.Stored), piece.Skipped, size);
            // Only now is it certain that chunks hold what they claim.
            target ??= new byte[all];
            Copy(bytes, piece.Offsets, target);
        }
        return target ?? [];
    }

    private static int[] Filters(byte[]? message)
    {
        if (message is null)
            return [];
        var cursor = new Hdf5Cursor(message);
        var (version, count) = (cursor.Byte(), cursor.Byte());
        if (version is not (1 or 2))
            throw new FormatException($"HDF5 with filters of version {version}");
        cursor.Take(version == 1 ? 6 : 0);
        var filters = new int[count];
        for (var i = 0; i < count; i++)
        {
            filters[i] = cursor.UInt16();
            var name = version == 1 || filters[i] >= 256 ? cursor.UInt16() : 0;
            cursor.Take(2);
            var values = cursor.UInt16();
            cursor.Take((version == 1 ? (name + 7) / 8 * 8 : name) + (4 * (values + (version == 1 ? values & 1 : 0))));
        }
        return filters;
    }

    /// <summary>Where all chunks are, each once, before any is read.</summary>
    private List<Piece> Pieces()
    {
        var count = _chunk.Zip(_shape, (c, s) => (s + c - 1) / c)
            .Aggregate(1L, (a, b) => a > int.MaxValue ? a : a * b);
        var keyBytes = 8 + (8 * (_shape.Length + 1));
        var (pieces, stored) = (new List<Piece>(), 0L);
        // No node is without children, so a tree has fewer nodes than twice its leaves, and what leads to a few.
        foreach (var leaf in Hdf5Tree.Leaves(_reader, _tree, Hdf5Tree.Chunks, keyBytes, (2 * count) + 8))
        {
            var key = new Hdf5Cursor(leaf.Key);
            var piece = new Piece(leaf.Address, key.UInt32(), key.UInt32(), new long[_shape.Length]);
            for (var i = 0; i < _shape.Length; i++)
            {
                piece.Offsets[i] = key.UInt64() is var offset && offset < (ulong)_shape[i]
                    ? (long)offset : throw new FormatException("a chunk beyond its data set");
            }
            pieces.Add(piece);
            stored += piece.Stored;
        }
        return pieces.Count == count && stored <= _reader.Length
            ? pieces : throw new FormatException($"{pieces.Count} chunks, expected {count} that do not overlap");
    }

    /// <summary>Undoes the filters, the last one first.</summary>
    private byte[] Unpack(byte[] bytes, uint skipped, long size)
    {
        for (var i = _filters.Length - 1; i >= 0; i--)
        {
            if ((skipped & (1u << i)) != 0)
                continue;
            bytes = _filters[i] switch
            {
                Deflate => Inflate(bytes, size),
                Shuffle => Unshuffle(bytes),
                Checksum when bytes.Length >= ChecksumBytes => bytes[..^ChecksumBytes],
                var other => throw new FormatException($"HDF5 packed by the filter {other}, which is not known"),
            };
        }
        return bytes.Length == size
            ? bytes : throw new FormatException($"a chunk of {bytes.Length} bytes, expected {size}");
    }

    /// <summary>What comes out is kept as it comes: a chunk's size is only a claim.</summary>
    private static byte[] Inflate(byte[] packed, long most)
    {
        using var inflated = new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress);
        var (unpacked, piece) = (new MemoryStream(), new byte[1 << 16]);
        try
        {
            for (int read; (read = inflated.Read(piece)) > 0;)
            {
                unpacked.Write(piece, 0, read);
                // A checksum may follow the elements.
                if (unpacked.Length > most + ChecksumBytes)
                    throw new FormatException("a chunk of more bytes than it says");
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new FormatException($"a chunk that cannot be unpacked: {e.Message}", e);
        }
        return unpacked.ToArray();
    }

    /// <summary>First bytes of all elements, then second ones, ..., back into elements.</summary>
    private byte[] Unshuffle(byte[] bytes)
    {
        var (result, count) = ((byte[])bytes.Clone(), bytes.Length / _elementBytes);
        for (var i = 0; i < count; i++)
        {
            for (var b = 0; b < _elementBytes; b++)
                result[(i * _elementBytes) + b] = bytes[(b * count) + i];
        }
        return result;
    }

    private readonly record struct Piece(ulong Address, uint Stored, uint Skipped, long[] Offsets);

    private void Copy(byte[] source, long[] offsets, byte[] target)
    {
        CopyLevel(0, 0, 0);

        // Rows of the last dimension lie together in both.
        void CopyLevel(int dimension, long from, long to)
        {
            var count = Math.Min(_chunk[dimension], _shape[dimension] - offsets[dimension]);
            from *= _chunk[dimension];
            to = (to * _shape[dimension]) + offsets[dimension];
            if (dimension == _shape.Length - 1)
            {
                source.AsSpan((int)(from * _elementBytes), (int)(count * _elementBytes))
                    .CopyTo(target.AsSpan((int)(to * _elementBytes)));
                return;
            }
            for (var i = 0; i < count; i++)
                CopyLevel(dimension + 1, from + i, to + i);
        }
    }
}

/// <summary>A leaf of a B-tree of version 1.</summary>
internal readonly record struct Hdf5Leaf(byte[] Key, ulong Address);

/// <summary>B-trees of version 1, of groups and of chunks.</summary>
internal static class Hdf5Tree
{
    /// <summary>Trees of a group's symbols.</summary>
    public const int Group = 0;

    /// <summary>Trees of a data set's chunks.</summary>
    public const int Chunks = 1;

    private const int HeaderBytes = 24;

    /// <summary>
    /// All leaves, left to right. All nodes together have at most so many children: a few bytes can claim a great many.
    /// </summary>
    /// <exception cref="FormatException">It is no such tree, or a larger one.</exception>
    public static IEnumerable<Hdf5Leaf> Leaves(Hdf5Reader reader, ulong root, int kind, int keyBytes, long most)
    {
        // Depth first; a child is always one level lower, so a ring of addresses ends.
        var open = new Stack<(ulong Address, int? Level)>([(root, null)]);
        var seen = 0L;
        while (open.TryPop(out var node))
        {
            var (level, children) = Node(reader, node.Address, kind, keyBytes);
            if (node.Level is { } expected && level != expected)
                throw new FormatException("an HDF5 tree that is none");
            if ((seen += children.Length) > most)
                throw new FormatException("an HDF5 tree of more leaves than there can be");
            if (level == 0)
            {
                foreach (var leaf in children)
                    yield return leaf;
            }
            else
            {
                foreach (var child in children.Reverse())
                    open.Push((child.Address, level - 1));
            }
        }
    }

    private static (int Level, Hdf5Leaf[] Children) Node(Hdf5Reader reader, ulong address, int kind, int keyBytes)
    {
        var head = new Hdf5Cursor(reader.Read(address, HeaderBytes));
        if (!head.Take(4).SequenceEqual("TREE"u8) || head.Byte() != kind)
            throw new FormatException("an HDF5 tree that is none");
        var (level, count) = (head.Byte(), head.UInt16());
        var cursor = new Hdf5Cursor(reader.Read(address + HeaderBytes, count * (keyBytes + 8L)));
        var children = new Hdf5Leaf[count];
        for (var i = 0; i < children.Length; i++)
            children[i] = new Hdf5Leaf(cursor.Take(keyBytes).ToArray(), cursor.UInt64());
        return (level, children);
    }
}
