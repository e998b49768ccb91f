using System.Text.Json.Serialization;

namespace Mdfld.Generation;

/// <summary>
/// Reads and writes the networks of a model folder, each a <c>config.json</c> beside its weights. Weights are read a
/// tensor at a time, each straight into the network: there is never a second copy of a network.
/// </summary>
public static class ModelParts
{
    internal const string Config = "config.json";

    // Names in the published files of the autoencoder's attention, and today's.
    private static readonly (string Old, string New)[] RenamedAttention =
        [("query", "to_q"), ("key", "to_k"), ("value", "to_v"), ("proj_attn", "to_out.0")];

    /// <summary>Reads a UNet from its folder.</summary>
    /// <param name="folder">Holds config.json and weights.</param>
    /// <param name="type">Type of its weights, whatever the file has.</param>
    /// <exception cref="InvalidDataException">Something is missing, broken or does not fit.</exception>
    public static UNet ReadUNet(string folder, Device? device = null, ScalarType type = ScalarType.Float32) =>
        Read(folder, (UNetConfig config) => new UNet(config), device, type);

    /// <summary>Reads a ControlNet from its folder, or from one file as its authors publish it.</summary>
    /// <inheritdoc cref="ReadUNet"/>
    public static ControlNet ReadControlNet(
        string folder, Device? device = null, ScalarType type = ScalarType.Float32)
    {
        if (!File.Exists(folder))
            return Read(folder, (ControlNetConfig config) => new ControlNet(config), device, type);
        using var file = SingleFile.OpenControlNet(folder);
        return file.ReadControlNet(device, type);
    }

    /// <summary>Reads an autoencoder of either kind: its config.json says which.</summary>
    /// <inheritdoc cref="ReadUNet"/>
    public static Autoencoder ReadAutoencoder(
        string folder, Device? device = null, ScalarType type = ScalarType.Float32)
    {
        if (TaesdFiles.AreIn(folder))
            return TaesdFiles.Read(folder, device, type);
        var options = SmallFile.ReadJson<NetworkClass>(
            Path.Combine(folder, Config), "the options of a network", NetworkConfig.Json);
        return options.ClassName == AutoencoderTinyConfig.Class
            ? Read(folder, (AutoencoderTinyConfig config) => new AutoencoderTiny(config), device, type)
            : Read(folder, (AutoencoderKLConfig config) => new AutoencoderKL(config), device, type, OldVaeName);
    }

    /// <inheritdoc cref="ReadUNet"/>
    public static ClipTextEncoder ReadTextEncoder(
        string folder, Device? device = null, ScalarType type = ScalarType.Float32) =>
        Read(folder, (TextEncoderConfig config) => new ClipTextEncoder(config), device, type);

    /// <summary>Writes a part of a folder.</summary>
    /// <param name="type">Type of the weights in the file.</param>
    public static void Write(string folder, Module network, NetworkConfig config, ScalarType type)
    {
        Directory.CreateDirectory(folder);
        config.Write(Path.Combine(folder, Config));
        SafeTensors.Write(
            Path.Combine(folder, config.WeightsName + ".safetensors"), network.StateDict(),
            new Dictionary<string, string> { ["format"] = "pt" }, type);
    }

    private sealed record NetworkClass
    {
        [JsonPropertyName("_class_name")]
        public string? ClassName { get; init; }
    }

    private static TNetwork Read<TNetwork, TConfig>(
        string folder, Func<TConfig, TNetwork> make, Device? device, ScalarType type,
        Func<string, WeightSource?>? otherwise = null)
        where TNetwork : Module
        where TConfig : NetworkConfig
    {
        var config = NetworkConfig.Read<TConfig>(Path.Combine(folder, Config));
        using var files = WeightFiles.Open(folder, config.WeightsName);
        return Fill(make(config), files, device, type, otherwise);
    }

    /// <summary>Gives a network its weights; it is disposed where they do not fit.</summary>
    /// <param name="otherwise">Where a weight is that is not in the files under its own name.</param>
    internal static TNetwork Fill<TNetwork>(
        TNetwork network, WeightFiles files, Device? device, ScalarType type,
        Func<string, WeightSource?>? otherwise = null)
        where TNetwork : Module
    {
        try
        {
            Fill(network, files, otherwise, device ?? CPU, type);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private static void Fill(
        Module network, WeightFiles files, Func<string, WeightSource?>? otherwise, Device device, ScalarType type)
    {
        // All names and shapes first: a wrong folder is told from a right one before gigabytes are read.
        var own = network.StateDict().ToDictionary(
            entry => entry.Name, entry => (Source: Find(entry.Name, entry.Tensor), Shape: entry.Tensor.shape));
        RefuseExtra(network, files, own.Values.Select(o => o.Source.Name));
        network.TakeStateDict(name =>
        {
            using var scope = NewDisposeScope();
            var ((source, part, parts), shape) = own[name];
            var value = files.Tensors[source].ToTensor();
            if (parts > 1)
                value = value.chunk(parts)[part].clone();
            return value.reshape(shape).to(value.dtype.IsFloatingPoint ? type : value.dtype, device)
                .MoveToOuterDisposeScope();
        });

        WeightSource Find(string name, Tensor tensor)
        {
            var source = otherwise?.Invoke(name) is { } other && !files.Tensors.ContainsKey(name)
                ? other : new WeightSource(name);
            if (!files.Tensors.TryGetValue(source.Name, out var raw))
                throw Bad($"expected a tensor '{source.Name}', found none");
            return source.Fits(raw.Shape, tensor.shape) ? source : throw Bad(
                $"'{source.Name}' has the shape [{string.Join(", ", raw.Shape.ToArray())}], expected "
                + $"[{string.Join(", ", tensor.shape)}]");
        }

        InvalidDataException Bad(string what) =>
            new($"{files.Source}: {what}; do config.json and weights belong together?");
    }

    /// <summary>
    /// Fractions of the network's own parts that have no place there are a sign of another network. Files also hold
    /// what is no weight (<c>position_ids</c>), and parts that are not needed here (<c>text_projection</c>).
    /// </summary>
    private static void RefuseExtra(Module network, WeightFiles files, IEnumerable<string> used)
    {
        var parts = network.StateDict().Select(entry => entry.Name[..entry.Name.IndexOf('.')]).ToHashSet();
        var known = used.ToHashSet();
        foreach (var (name, raw) in files.Tensors)
        {
            if (raw.Type.IsFloatingPoint && !known.Contains(name) && parts.Contains(name.Split('.')[0]))
                throw new InvalidDataException(
                    $"{files.Source}: '{name}' has no place in this network; "
                    + "do config.json and weights belong together?");
        }
    }

    /// <summary>What a tensor of the autoencoder's attention is called in the published files.</summary>
    internal static WeightSource? OldVaeName(string name)
    {
        foreach (var (old, today) in RenamedAttention)
        {
            if (name.Contains($".attentions.0.{today}.", StringComparison.Ordinal))
                return new(name.Replace($".{today}.", $".{old}.", StringComparison.Ordinal));
        }
        return null;
    }
}

/// <summary>Place of a weight in a file: a tensor, or one of the equal parts that it has along its first side.</summary>
internal sealed record WeightSource(string Name, int Part = 0, int Parts = 1)
{
    /// <summary>Whether a file's tensor holds a weight of this shape; sides of 1 at the end do not count.</summary>
    public bool Fits(ReadOnlySpan<long> found, ReadOnlySpan<long> expected)
    {
        var own = expected.TrimEnd(1);
        var whole = found.TrimEnd(1);
        return own.Length == whole.Length
            && (own.Length == 0 || (own[0] * Parts == whole[0] && own[1..].SequenceEqual(whole[1..])));
    }
}

/// <summary>
/// The weights of one part of a model folder: one file, or several with an index that says which tensor is in which.
/// Tensors are read when asked for.
/// </summary>
internal sealed class WeightFiles : IDisposable
{
    private const int MaxShards = 1000;
    private const string IndexEnding = ".index.json";

    private readonly List<Checkpoint> _files = [];
    private readonly Dictionary<string, RawTensor> _tensors = [];

    private WeightFiles(string source) => Source = source;

    public string Source { get; }

    /// <summary>Opens the weights of a folder.</summary>
    /// <exception cref="InvalidDataException">There are none, or they are broken.</exception>
    public static WeightFiles Open(string folder, string name)
    {
        // "fp16" is diffusers' name of the variant in half precision.
        string[] endings =
        [
            ".safetensors", ".safetensors" + IndexEnding, ".fp16.safetensors", ".fp16.safetensors" + IndexEnding,
            ".safetensors.index.fp16.json", ".bin", ".bin" + IndexEnding,
        ];
        var source = endings.Select(ending => Path.Combine(folder, name + ending)).FirstOrDefault(File.Exists)
            ?? throw new InvalidDataException(
                $"{Path.Combine(folder, name)}.safetensors: expected the weights, found neither this file nor its index");
        var files = new WeightFiles(source);
        try
        {
            if (source.EndsWith(".json", StringComparison.Ordinal))
                files.AddShards(folder);
            else
                files.Add(source);
            return files;
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>Opens several files as one.</summary>
    /// <param name="source">What messages call them.</param>
    /// <param name="parts">Paths, and what their tensors are called here.</param>
    /// <inheritdoc cref="Open" path="/exception"/>
    public static WeightFiles Join(
        string source, params ReadOnlySpan<(string Path, Func<string, string> Rename)> parts)
    {
        var files = new WeightFiles(source);
        try
        {
            foreach (var (path, rename) in parts)
                files.Add(path, rename);
            return files;
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    public IReadOnlyDictionary<string, RawTensor> Tensors => _tensors;

    public void Dispose() => _files.ForEach(file => file.Dispose());

    private Dictionary<string, RawTensor> Add(string path, Func<string, string>? rename = null)
    {
        var file = Checkpoint.Load(path);
        _files.Add(file);
        var tensors = file.StateDict().ToDictionary(t => rename?.Invoke(t.Key) ?? t.Key, t => t.Value);
        foreach (var (name, tensor) in tensors)
        {
            if (!_tensors.TryAdd(name, tensor))
                throw new InvalidDataException($"{path}: '{name}' is in another file of {Source} too");
        }
        return tensors;
    }

    private void AddShards(string folder)
    {
        var index = SmallFile.ReadJson<ShardIndex>(Source, "a 'weight_map' of tensors and files", NetworkConfig.Json);
        var shards = index.WeightMap.GroupBy(entry => entry.Value, entry => entry.Key).ToArray();
        if (shards.Length is 0 or > MaxShards)
            throw new InvalidDataException($"{Source}: {shards.Length} files, expected 1 to {MaxShards}");
        foreach (var shard in shards)
        {
            if (shard.Key != Path.GetFileName(shard.Key) || shard.Key is null or "" or "." or "..")
                throw new InvalidDataException($"{Source}: '{shard.Key}' is no file beside it");
            var path = Path.Combine(folder, shard.Key);
            if (!File.Exists(path))
                throw new InvalidDataException($"{path}: expected a file of {Source}, found none");
            var tensors = Add(path);
            if (shard.FirstOrDefault(name => !tensors.ContainsKey(name)) is { } missing)
                throw new InvalidDataException($"{path}: {Source} says that '{missing}' is here; it is not");
        }
    }

    private sealed record ShardIndex
    {
        public required IReadOnlyDictionary<string, string?> WeightMap { get; init; }
    }
}
