using Mdfld.Torch.Checkpoints.Pickle;

namespace Mdfld.Torch.Checkpoints;

/// <summary>
/// torch.save's format before 1.6: five pickles one after the other (magic number, protocol, system, object, storage
/// keys), then for each key the number of elements as 64 bits and the elements.
/// </summary>
internal static class TorchLegacyReader
{
    /// <summary>The pickles of a checkpoint hold names and numbers; the elements come after them.</summary>
    internal const int MaxPickle = 8 << 20;

    private const int ProtocolVersion = 1001;

    /// <summary>The first pickle: protocol 2, an integer of 10 bytes, stop.</summary>
    private static ReadOnlySpan<byte> Magic =>
        [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.'];

    public static bool Recognises(ReadOnlySpan<byte> start) => start.StartsWith(Magic);

    public static object? Read(CheckpointFile file)
    {
        var cursor = new PickleCursor(file.Path, file.Read(0, (int)Math.Min(file.Length, MaxPickle)));
        var storages = new TorchStorages(file);
        new Unpickler(cursor).Load();
        if (new Unpickler(cursor).Load() is not (long)ProtocolVersion)
            throw cursor.Bad($"protocol {ProtocolVersion} of torch's old format is read, this is another");
        if (new Unpickler(cursor).Load() is CheckpointDictionary system
            && system.GetValueOrDefault("little_endian") is false)
            throw cursor.Bad("it was saved on a big-endian machine; save it again on another");
        var root = new Unpickler(cursor, storages.Find).Load();
        if (new Unpickler(cursor).Load() is not List<object?> keys)
            throw cursor.Bad("the list of storages is missing");
        Attach(file, storages, keys, cursor.Position);
        return root;
    }

    private static void Attach(CheckpointFile file, TorchStorages storages, List<object?> keys, long position)
    {
        var waiting = storages.ByKey.ToDictionary();
        Span<byte> count = stackalloc byte[8];
        foreach (var key in keys)
        {
            if (key is not string name || !waiting.Remove(name, out var storage))
                throw file.Bad($"its list of storages names '{key}' twice or without need");
            file.Read(position, count);
            if (BitConverter.ToInt64(count) != storage.Count || storage.Length > file.Length - position - count.Length)
                throw file.Bad(
                    $"storage '{name}' should have {storage.Count} elements at byte {position}: cut short or broken");
            position += count.Length;
            storage.Attach(new FileSlice(file, position, storage.Length));
            position += storage.Length;
        }
        if (waiting.Count > 0)
            throw file.Bad($"storage '{waiting.Keys.First()}' is missing");
    }
}
