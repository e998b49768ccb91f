using System.Text;

namespace Mdfld.Training.Weights;

/// <summary>
/// A file of weights: <c>.safetensors</c>, or torch.save's format (<c>.pkl</c>, <c>.pt</c>, <c>.pth</c>; the zip one
/// and the one before torch 1.6), told apart by content. Nothing in the file is executed; tensors are read when asked
/// for.
/// </summary>
/// <example>
/// <code>
/// using var checkpoint = Checkpoint.Load("best_model.pkl");
/// module.LoadStateDict(checkpoint, "net_ema");
/// </code>
/// </example>
public sealed class Checkpoint : IDisposable
{
    private readonly CheckpointFile _file;

    private Checkpoint(CheckpointFile file, object? root, IReadOnlyDictionary<string, string> metadata) =>
        (_file, Root, Metadata) = (file, root, metadata);

    public string Path => _file.Path;

    /// <summary>
    /// What was saved: mostly a dictionary; <see cref="CheckpointDictionary"/> lists what it may hold. Of a safetensors
    /// file, the dictionary of its tensors.
    /// </summary>
    public object? Root { get; }

    /// <summary>The texts that a safetensors file carries beside its tensors.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>
    /// The format of a file, by its first bytes and, of a zip archive, the names inside; whatever the file is called.
    /// Nothing is unpickled.
    /// </summary>
    /// <exception cref="InvalidDataException">It is a zip archive that torch has not written, or cut short.</exception>
    public static WeightFormat FormatOf(string path)
    {
        using var file = new CheckpointFile(path);
        return FormatOf(file, StartOf(file));
    }

    /// <summary>What a file that is none of the formats seems to be, for messages.</summary>
    internal static string DescribeUnknown(string path)
    {
        using var file = new CheckpointFile(path);
        return Describe(StartOf(file));
    }

    /// <summary>Opens a file and reads everything but the elements of its tensors.</summary>
    /// <exception cref="InvalidDataException">Another kind of file, broken, or with other objects.</exception>
    public static Checkpoint Load(string path)
    {
        var file = new CheckpointFile(path);
        try
        {
            switch (FormatOf(file, StartOf(file)))
            {
                case WeightFormat.TorchZip:
                    return new(file, TorchZipReader.Read(file), new Dictionary<string, string>());
                case WeightFormat.TorchLegacy:
                    return new(file, TorchLegacyReader.Read(file), new Dictionary<string, string>());
                case WeightFormat.SafeTensors:
                    var (tensors, metadata) = SafeTensors.Read(file);
                    return new(file, tensors, metadata);
                case WeightFormat.TorchScript:
                    throw file.Bad(
                        "it is a TorchScript program (torch.jit.save), not a checkpoint: load it as one, "
                        + "or save its state dict, torch.save(module.state_dict(), path)");
                default:
                    throw file.Bad($"expected safetensors or torch.save's formats, found {Describe(StartOf(file))}");
            }
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Whether <see cref="StateDict"/> finds tensors under a name.</summary>
    public bool HasStateDict(string name) =>
        Root is CheckpointDictionary root
        && (root.GetValueOrDefault(name) is CheckpointDictionary || WithPrefix(root, name).Any());

    /// <summary>Named tensors, in the order of the file.</summary>
    /// <param name="name">
    /// The entry of the saved dictionary that is a state dict, such as <c>net</c> or <c>net_ema</c>; or, as safetensors
    /// files know no nesting, what the names <c>NAME.*</c> of its tensors begin with. Null: the file is one state dict.
    /// </param>
    /// <exception cref="InvalidDataException">There is none; the message lists what is there.</exception>
    public IReadOnlyDictionary<string, RawTensor> StateDict(string? name = null)
    {
        if (Root is not CheckpointDictionary root)
            throw _file.Bad("it holds no dictionary of tensors");
        if (name is null)
            return Tensors(root, "the file");
        if (root.GetValueOrDefault(name) is CheckpointDictionary entry)
            return Tensors(entry, $"'{name}'");
        var found = WithPrefix(root, name).ToArray();
        return found.Length > 0
            ? Tensors(found, $"'{name}'")
            : throw _file.Bad($"it has no state dict '{name}', only {List(root.Keys)}");
    }

    /// <summary>Closes the file; tensors not read by then are lost.</summary>
    public void Dispose() => _file.Dispose();

    // So many bytes tell the formats, and a web page or a Git LFS pointer from noise.
    private static byte[] StartOf(CheckpointFile file) => file.Read(0, (int)Math.Min(file.Length, 16));

    private static WeightFormat FormatOf(CheckpointFile file, ReadOnlySpan<byte> start) =>
        ZipDirectory.Recognises(start) ? TorchZipReader.FormatOf(file)
        : TorchLegacyReader.Recognises(start) ? WeightFormat.TorchLegacy
        : SafeTensors.Recognises(start, file.Length) ? WeightFormat.SafeTensors
        : WeightFormat.None;

    private static IEnumerable<KeyValuePair<object, object?>> WithPrefix(CheckpointDictionary root, string name) =>
        from pair in root
        let key = pair.Key as string
        where key?.StartsWith(name + '.', StringComparison.Ordinal) == true
        select KeyValuePair.Create((object)key[(name.Length + 1)..], pair.Value);

    private OrderedDictionary<string, RawTensor> Tensors(
        IReadOnlyCollection<KeyValuePair<object, object?>> entries, string what)
    {
        var tensors = new OrderedDictionary<string, RawTensor>(entries.Count);
        foreach (var (key, value) in entries)
        {
            if (key is not string name || value is not RawTensor tensor)
                throw _file.Bad($"{what} is no state dict: its entry '{key}' is no tensor");
            tensors.Add(name, tensor);
        }
        return tensors;
    }

    private static string List(IEnumerable<object> names)
    {
        var first = names.Take(9).ToArray();
        return $"[{string.Join(", ", first.Take(8))}{(first.Length > 8 ? ", ..." : "")}]";
    }

    private static string Describe(ReadOnlySpan<byte> start) => start switch
    {
        [] => "an empty file",
        [0x80, ..] => "a pickle that torch.save has not written",
        [(byte)'<', ..] => "a web page: fetch the file itself",
        _ when start.StartsWith("version https:"u8) => "a Git LFS pointer, not the file itself: run git lfs pull",
        _ => $"a file that begins with '{Encoding.Latin1.GetString(start)}'",
    };
}

/// <summary>The formats that torch's world keeps weights in.</summary>
public enum WeightFormat
{
    /// <summary>None of them.</summary>
    None,

    /// <summary>torch.save's zip archive, of torch 1.6 and later.</summary>
    TorchZip,

    /// <summary>torch.save's pickles, before torch 1.6.</summary>
    TorchLegacy,

    SafeTensors,

    /// <summary>An archive of torch.jit.save: a program with its weights.</summary>
    TorchScript,
}

/// <summary>A Python <c>dict</c>, <c>OrderedDict</c> or <c>Counter</c>, in the order of the file.</summary>
/// <remarks>
/// Keys are <see cref="string"/>, <see cref="long"/>, <see cref="double"/> or <see cref="bool"/>. Values, here and in
/// all lists and tuples: null, <see cref="bool"/>, <see cref="long"/>, <see cref="System.Numerics.BigInteger"/> (beyond
/// 64 bits), <see cref="double"/>, <see cref="string"/>, <c>byte[]</c>, <see cref="RawTensor"/>,
/// <see cref="CheckpointDictionary"/>, <c>List&lt;object?&gt;</c>, <c>object?[]</c> (a tuple),
/// <c>HashSet&lt;object&gt;</c>. Nothing is nested deeper than 64 levels.
/// </remarks>
public sealed class CheckpointDictionary : OrderedDictionary<object, object?>
{
    /// <summary>Attributes set on the dictionary, such as <c>_metadata</c> of a state dict; mostly null.</summary>
    public CheckpointDictionary? Attributes { get; internal set; }
}
