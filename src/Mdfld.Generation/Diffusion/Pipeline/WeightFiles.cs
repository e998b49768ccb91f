using System.Text.Json;
using Mdfld.Training.Weights;

namespace Mdfld.Generation;

/// <summary>
/// The weights of one part of a model folder: one file, or several with an index that says which tensor is in which.
/// Tensors are read when asked for.
/// </summary>
internal sealed class WeightFiles : IDisposable
{
    private const int MaxShards = 1000;

    private readonly List<Checkpoint> _files = [];
    private readonly Dictionary<string, RawTensor> _tensors = [];

    private WeightFiles(string source) => Source = source;

    /// <summary>The file, or the index.</summary>
    public string Source { get; }

    /// <summary>Opens the weights of a folder.</summary>
    /// <param name="folder">The part's folder.</param>
    /// <param name="name">Name of the file without ending.</param>
    /// <exception cref="InvalidDataException">There are none, or they are broken.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static WeightFiles Open(string folder, string name)
    {
        foreach (var ending in (string[])[".safetensors", ".fp16.safetensors", ".bin"])
        {
            var path = Path.Combine(folder, name + ending);
            if (File.Exists(path))
                return Open(path, files => files.Add(path));
            var index = path + ".index.json";
            if (File.Exists(index))
                return Open(index, files => files.AddShards(folder));
        }
        throw new InvalidDataException(
            $"{Path.Combine(folder, name)}.safetensors: expected the weights, found neither this file nor its index");
    }

    /// <summary>All tensors by name.</summary>
    public IReadOnlyDictionary<string, RawTensor> Tensors => _tensors;

    public void Dispose() => _files.ForEach(file => file.Dispose());

    private static WeightFiles Open(string source, Action<WeightFiles> fill)
    {
        var files = new WeightFiles(source);
        try
        {
            fill(files);
            return files;
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    private Dictionary<string, RawTensor> Add(string path)
    {
        var file = Checkpoint.Load(path);
        _files.Add(file);
        var tensors = file.StateDict().ToDictionary();
        foreach (var (name, tensor) in tensors)
        {
            if (!_tensors.TryAdd(name, tensor))
                throw new InvalidDataException($"{path}: '{name}' is in another file of {Source} too");
        }
        return tensors;
    }

    private void AddShards(string folder)
    {
        var map = ReadMap();
        var shards = map.GroupBy(entry => entry.Value, entry => entry.Key).ToArray();
        if (shards.Length is 0 or > MaxShards)
            throw new InvalidDataException($"{Source}: {shards.Length} files, expected 1 to {MaxShards}");
        foreach (var shard in shards)
        {
            if (shard.Key != Path.GetFileName(shard.Key) || shard.Key is "" or "." or "..")
                throw new InvalidDataException($"{Source}: '{shard.Key}' is no file beside it");
            var path = Path.Combine(folder, shard.Key);
            if (!File.Exists(path))
                throw new InvalidDataException($"{path}: expected a file of {Source}, found none");
            var tensors = Add(path);
            if (shard.FirstOrDefault(name => !tensors.ContainsKey(name)) is { } missing)
                throw new InvalidDataException($"{path}: {Source} says that '{missing}' is here; it is not");
        }
    }

    private Dictionary<string, string> ReadMap()
    {
        try
        {
            using var index = JsonDocument.Parse(SmallFile.Read(Source));
            return index.RootElement.GetProperty("weight_map").EnumerateObject()
                .ToDictionary(entry => entry.Name, entry => entry.Value.GetString() ?? "");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException
            or ArgumentException)
        {
            throw new InvalidDataException($"{Source}: expected a 'weight_map' of tensors and files: {e.Message}", e);
        }
    }
}
