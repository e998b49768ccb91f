namespace Mdfld.Hdf5;

/// <summary>What a B-tree of version 1 leads to.</summary>
/// <param name="Key">The key before the child.</param>
/// <param name="Address">The child.</param>
internal readonly record struct Hdf5Leaf(byte[] Key, ulong Address);

/// <summary>B-trees of version 1, of groups and of chunks.</summary>
internal static class Hdf5Tree
{
    /// <summary>Trees of a group's symbols.</summary>
    public const int Group = 0;

    /// <summary>Trees of a data set's chunks.</summary>
    public const int Chunks = 1;

    private const int HeaderBytes = 24;

    /// <summary>All leaves, left to right.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="root">Address of the uppermost node.</param>
    /// <param name="kind">What it must be a tree of.</param>
    /// <param name="keyBytes">Bytes of a key.</param>
    /// <param name="most">Children that all nodes together may have: a few bytes can claim a great many.</param>
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
