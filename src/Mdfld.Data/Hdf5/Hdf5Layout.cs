using System.IO.Compression;

namespace Mdfld.Hdf5;

/// <summary>Where the elements of a data set lie and how they are packed.</summary>
internal abstract class Hdf5Layout
{
    /// <param name="layout">The layout message, of version 3.</param>
    /// <param name="filters">The filter message, if there is one.</param>
    /// <param name="rank">Dimensions of the data set.</param>
    public static Hdf5Layout Of(byte[] layout, byte[]? filters, int rank)
    {
        var cursor = new Hdf5Cursor(layout);
        if (cursor.Byte() is not 3 and var version)
            throw new FormatException($"HDF5 with a data layout of version {version}, expected 3");
        switch (cursor.Byte())
        {
            case 0:
                return new Compact(cursor.Take(cursor.UInt16()).ToArray());
            case 1:
                return new Contiguous(cursor.UInt64());
            case 2:
                if (cursor.Byte() != rank + 1)
                    throw new FormatException("chunks of other dimensions than their data set");
                var tree = cursor.UInt64();
                var chunk = new long[rank];
                for (var i = 0; i < rank; i++)
                    chunk[i] = cursor.UInt32();
                return new Chunked(tree, chunk, Filters(filters));
            case var other:
                throw new FormatException($"HDF5 with a data layout of class {other}");
        }
    }

    /// <summary>All elements, the last dimension fastest.</summary>
    /// <exception cref="FormatException">The file holds fewer, or something else.</exception>
    public abstract byte[] Read(Hdf5Reader reader, long[] shape, int elementBytes);

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

    private sealed class Compact(byte[] data) : Hdf5Layout
    {
        public override byte[] Read(Hdf5Reader reader, long[] shape, int elementBytes)
        {
            var size = shape.Aggregate((long)elementBytes, (a, b) => a * b);
            return data.Length >= size ? data[..(int)size] : throw new FormatException("fewer elements than it says");
        }
    }

    private sealed class Contiguous(ulong address) : Hdf5Layout
    {
        public override byte[] Read(Hdf5Reader reader, long[] shape, int elementBytes)
        {
            var size = shape.Aggregate((long)elementBytes, (a, b) => a * b);
            return reader.Read(address, size);
        }
    }

    private sealed class Chunked(ulong tree, long[] chunk, int[] filters) : Hdf5Layout
    {
        private const int Deflate = 1;
        private const int Shuffle = 2;
        private const int Checksum = 3;
        private const int ChecksumBytes = 4;
        private const int SmallChunk = 1 << 20;

        public override byte[] Read(Hdf5Reader reader, long[] shape, int elementBytes)
        {
            // A chunk may reach beyond the table, but not be much more than it.
            var whole = shape.Aggregate((long)elementBytes, (a, b) => a * b);
            var size = chunk.Aggregate((long)elementBytes, (a, b) => a > int.MaxValue ? a : a * b);
            if (size < 1 || size > Math.Max(SmallChunk, whole))
                throw new FormatException($"chunks of {string.Join(" x ", chunk)} elements");
            var pieces = Pieces(reader, shape);
            byte[]? target = null;
            foreach (var piece in pieces)
            {
                var bytes = Unpack(reader.Read(piece.Address, piece.Stored), piece.Skipped, size, elementBytes);
                // Only now is it certain that chunks hold what they claim.
                target ??= new byte[whole];
                Copy(bytes, piece.Offsets, shape, elementBytes, target);
            }
            return target ?? [];
        }

        /// <summary>Where all chunks are, each once, before any is read.</summary>
        private List<Piece> Pieces(Hdf5Reader reader, long[] shape)
        {
            var count = chunk.Zip(shape, (c, s) => (s + c - 1) / c)
                .Aggregate(1L, (a, b) => a > int.MaxValue ? a : a * b);
            var keyBytes = 8 + (8 * (shape.Length + 1));
            var (pieces, stored) = (new List<Piece>(), 0L);
            // No node is without children, so a tree has fewer nodes than twice its leaves, and what leads to a few.
            foreach (var leaf in Hdf5Tree.Leaves(reader, tree, Hdf5Tree.Chunks, keyBytes, (2 * count) + 8))
            {
                var key = new Hdf5Cursor(leaf.Key);
                var piece = new Piece(leaf.Address, key.UInt32(), key.UInt32(), new long[shape.Length]);
                for (var i = 0; i < shape.Length; i++)
                {
                    piece.Offsets[i] = key.UInt64() is var offset && offset < (ulong)shape[i]
                        ? (long)offset : throw new FormatException("a chunk beyond its data set");
                }
                pieces.Add(piece);
                stored += piece.Stored;
            }
            return pieces.Count == count && stored <= reader.Length
                ? pieces : throw new FormatException($"{pieces.Count} chunks, expected {count} that do not overlap");
        }

        /// <summary>Undoes the filters, the last one first.</summary>
        private byte[] Unpack(byte[] bytes, uint skipped, long size, int elementBytes)
        {
            for (var i = filters.Length - 1; i >= 0; i--)
            {
                if ((skipped & (1u << i)) != 0)
                    continue;
                bytes = filters[i] switch
                {
                    Deflate => Inflate(bytes, size),
                    Shuffle => Unshuffle(bytes, elementBytes),
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
            var (whole, piece) = (new MemoryStream(), new byte[1 << 16]);
            try
            {
                for (int read; (read = inflated.Read(piece)) > 0;)
                {
                    whole.Write(piece, 0, read);
                    // A checksum may follow the elements.
                    if (whole.Length > most + ChecksumBytes)
                        throw new FormatException("a chunk of more bytes than it says");
                }
            }
            catch (InvalidDataException e)
            {
                throw new FormatException($"a chunk that cannot be unpacked: {e.Message}", e);
            }
            return whole.ToArray();
        }

        /// <summary>First bytes of all elements, then second ones, ..., back into elements.</summary>
        private static byte[] Unshuffle(byte[] bytes, int elementBytes)
        {
            var (result, count) = ((byte[])bytes.Clone(), bytes.Length / elementBytes);
            for (var i = 0; i < count; i++)
            {
                for (var b = 0; b < elementBytes; b++)
                    result[(i * elementBytes) + b] = bytes[(b * count) + i];
            }
            return result;
        }

        private readonly record struct Piece(ulong Address, uint Stored, uint Skipped, long[] Offsets);

        private void Copy(byte[] source, long[] offsets, long[] shape, int elementBytes, byte[] target)
        {
            CopyLevel(0, 0, 0);

            // Rows of the last dimension lie together in both.
            void CopyLevel(int dimension, long from, long to)
            {
                var count = Math.Min(chunk[dimension], shape[dimension] - offsets[dimension]);
                from *= chunk[dimension];
                to = (to * shape[dimension]) + offsets[dimension];
                if (dimension == shape.Length - 1)
                {
                    source.AsSpan((int)(from * elementBytes), (int)(count * elementBytes))
                        .CopyTo(target.AsSpan((int)(to * elementBytes)));
                    return;
                }
                for (var i = 0; i < count; i++)
                    CopyLevel(dimension + 1, from + i, to + i);
            }
        }
    }
}
