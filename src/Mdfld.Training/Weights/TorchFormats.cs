namespace Mdfld.Training.Weights;

/// <summary>
/// A storage of a torch file: elements that tensors are views of. A pickle refers to it before its position in the file
/// is known.
/// </summary>
internal sealed class TorchStorage(ScalarType type, long count)
{
    public ScalarType Type => type;
    public long Count => count;
    public long Length => count * type.ByteSize;

    /// <summary>Where the elements lie, once it is known.</summary>
    public FileSlice Bytes { get; set; }

    public void Read(long offset, Span<byte> destination) => Bytes.Read(offset, destination);
}

/// <summary>The storages that the pickle of a torch file refers to, by key.</summary>
internal sealed class TorchStorages(CheckpointFile file)
{
    public Dictionary<string, TorchStorage> ByKey { get; } = [];

    /// <summary>
    /// <c>("storage", class, key, location, count[, view])</c>. The location (<c>cpu</c>, <c>cuda:0</c>) makes no
    /// difference here.
    /// </summary>
    public TorchStorage Find(object?[] id)
    {
        if (id is not ["storage", PickleGlobal { StorageType: { } type }, string key, string, long count, ..]
            || id.Length > 6 || (id.Length == 6 && id[5] is not null))
            throw file.Bad(
                $"it refers to {Unpickler.Describe(id.FirstOrDefault())}, not to a storage: " +
                "save the state dict alone, torch.save(model.state_dict(), path)");
        if (!ByKey.TryGetValue(key, out var storage))
        {
            // No storage is larger than the file, so that later arithmetic on counts and bytes cannot overflow.
            if (count < 0 || count > file.Length / type.ByteSize)
                throw file.Bad($"storage '{key}' of {count} {type} elements cannot be, in {file.Length} bytes");
            storage = new(type, count);
            ByKey.Add(key, storage);
        }
        if (storage.Type != type || storage.Count != count)
            throw file.Bad(
                $"storage '{key}' is {storage.Count} {storage.Type} in one place, {count} {type} in another");
        return storage;
    }
}

/// <summary>
/// torch.save's format since 1.6: a zip file with <c>NAME/data.pkl</c>, the object, and <c>NAME/data/KEY</c>, one entry
/// a storage.
/// </summary>
internal static class TorchZipReader
{
    private const string Pickle = "/data.pkl";

    /// <summary>Whether an archive is of torch.save or of torch.jit.save, by the names inside.</summary>
    /// <exception cref="InvalidDataException">It is neither.</exception>
    public static WeightFormat FormatOf(CheckpointFile file)
    {
        var zip = new ZipDirectory(file);
        // Weights have the pickle only; constants beside it are what the code refers to.
        if (zip.Names.Any(name => name.EndsWith("/constants.pkl", StringComparison.Ordinal)))
            return WeightFormat.TorchScript;
        Prefix(file, zip);
        return WeightFormat.TorchZip;
    }

    public static object? Read(CheckpointFile file)
    {
        var zip = new ZipDirectory(file);
        var name = Prefix(file, zip);
        if (zip.Names.Contains($"{name}/byteorder")
            && !ReadAll(zip.Open($"{name}/byteorder"), 16, file).AsSpan().StartsWith("little"u8))
            throw file.Bad("it was saved on a big-endian machine; save it again on another");
        var pickle = ReadAll(zip.Open(name + Pickle), TorchLegacyReader.MaxPickle, file);
        var storages = new TorchStorages(file);
        var root = new Unpickler(new PickleCursor(file.Path, pickle), storages.Find).Load();
        foreach (var (key, storage) in storages.ByKey)
        {
            var bytes = zip.Open($"{name}/data/{key}");
            if (bytes.Length != storage.Length)
                throw file.Bad($"storage '{key}' has {bytes.Length} bytes, {storage.Length} are needed");
            storage.Bytes = bytes;
        }
        return root;
    }

    /// <summary>The folder that everything in the zip file lies in.</summary>
    private static string Prefix(CheckpointFile file, ZipDirectory zip)
    {
        var pickles = zip.Names.Where(name => name.EndsWith(Pickle, StringComparison.Ordinal)).Take(2).ToArray();
        return pickles.Length == 1 ? pickles[0][..^Pickle.Length]
            : throw file.Bad(
                $"a checkpoint is a zip file with one NAME{Pickle}; "
                + $"this one has {(pickles.Length == 0 ? "none" : "several")}");
    }

    private static byte[] ReadAll(FileSlice entry, int limit, CheckpointFile file)
    {
        if (entry.Length > limit)
            throw file.Bad($"its description has {entry.Length} bytes; {limit} are read at most");
        return file.Read(entry.Start, (int)entry.Length);
    }
}

/// <summary>
/// torch.save's format before 1.6: five pickles one after the other (magic number, protocol, system, object, storage
/// keys), then for each key the number of elements as 64 bits and the elements.
/// </summary>
internal static class TorchLegacyReader
{
    /// <summary>The pickles of a checkpoint hold names and numbers; the elements come after them.</summary>
    public const int MaxPickle = 8 << 20;

    private const int ProtocolVersion = 1001;

    // The first pickle: protocol 2, an integer of 10 bytes, stop.
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
            storage.Bytes = new FileSlice(file, position, storage.Length);
            position += storage.Length;
        }
        if (waiting.Count > 0)
            throw file.Bad($"storage '{waiting.Keys.First()}' is missing");
    }
}
