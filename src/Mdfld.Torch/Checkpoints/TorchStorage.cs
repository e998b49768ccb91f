using Mdfld.Torch.Checkpoints.Pickle;

namespace Mdfld.Torch.Checkpoints;

/// <summary>
/// A storage of a torch file: elements that tensors are views of. A pickle refers to it before its place in the file is
/// known, so the bytes are attached later.
/// </summary>
internal sealed class TorchStorage(ScalarType type, long count) : TensorData
{
    private TensorData? _data;

    public ScalarType Type => type;

    /// <summary>Number of elements.</summary>
    public long Count => count;

    public override long Length => count * type.ByteSize;

    public void Attach(TensorData data) => _data = data;

    public override void Read(long offset, Span<byte> destination) => _data!.Read(offset, destination);
}

/// <summary>The storages that the pickle of a torch file refers to, by key.</summary>
internal sealed class TorchStorages(CheckpointFile file)
{
    private readonly Dictionary<string, TorchStorage> _byKey = [];

    public IReadOnlyDictionary<string, TorchStorage> ByKey => _byKey;

    /// <summary>
    /// <c>("storage", class, key, location, count[, view])</c>. The location (<c>cpu</c>, <c>cuda:0</c>) makes no
    /// difference here.
    /// </summary>
    public TorchStorage Find(object?[] id)
    {
        if (id is not ["storage", PickleGlobal { StorageType: { } type }, string key, string, long count, ..]
            || id.Length > 6 || (id.Length == 6 && id[5] is not null))
            throw file.Bad(
                $"it refers to {PickleValues.Describe(id.FirstOrDefault())}, not to a storage: " +
                "save the state dict alone, torch.save(model.state_dict(), path)");
        if (!_byKey.TryGetValue(key, out var storage))
        {
            // No storage is larger than the file, so that later arithmetic on counts and bytes cannot overflow.
            if (count < 0 || count > file.Length / type.ByteSize)
                throw file.Bad($"storage '{key}' of {count} {type} elements cannot be, in {file.Length} bytes");
            storage = new(type, count);
            _byKey.Add(key, storage);
        }
        if (storage.Type != type || storage.Count != count)
            throw file.Bad(
                $"storage '{key}' is {storage.Count} {storage.Type} in one place, {count} {type} in another");
        return storage;
    }
}
