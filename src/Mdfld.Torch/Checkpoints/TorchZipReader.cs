using Mdfld.Torch.Checkpoints.Pickle;

namespace Mdfld.Torch.Checkpoints;

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
        var zip = ZipDirectory.Read(file);
        // Weights alone have the pickle; constants beside it are what the code refers to.
        if (zip.Names.Any(name => name.EndsWith("/constants.pkl", StringComparison.Ordinal)))
            return WeightFormat.TorchScript;
        Prefix(file, zip);
        return WeightFormat.TorchZip;
    }

    public static object? Read(CheckpointFile file)
    {
        var zip = ZipDirectory.Read(file);
        var name = Prefix(file, zip);
        if (zip.Has($"{name}/byteorder")
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
            storage.Attach(bytes);
        }
        return root;
    }

    /// <summary>The folder that everything in the zip file lies in.</summary>
    private static string Prefix(CheckpointFile file, ZipDirectory zip)
    {
        var pickles = zip.Names.Where(name => name.EndsWith(Pickle, StringComparison.Ordinal)).Take(2).ToArray();
        return pickles.Length == 1
            ? pickles[0][..^Pickle.Length]
            : throw file.Bad(
                $"a checkpoint is a zip file with one NAME{Pickle}; "
                + $"this one has {(pickles.Length == 0 ? "none" : "several")}");
    }

    private static byte[] ReadAll(FileSlice entry, int limit, CheckpointFile file)
    {
        if (entry.Length > limit)
            throw file.Bad($"its description has {entry.Length} bytes; {limit} are read at most");
        var bytes = new byte[entry.Length];
        entry.Read(0, bytes);
        return bytes;
    }
}
