using System.Text;

namespace Mdfld.Torch.Checkpoints.Pickle;

/// <summary>A Python class or function that a pickle may name, re-made here.</summary>
internal sealed class PickleGlobal(string name, Func<Unpickler, object?[], object?>? call)
{
    public string Name => name;

    /// <summary>The element type, if this is one of torch's storage classes.</summary>
    public ScalarType? StorageType { get; init; }

    public object? Call(Unpickler unpickler, object?[] arguments) => call is not null
        ? call(unpickler, arguments)
        : throw unpickler.Cursor.Bad($"it calls {name}");
}

/// <summary>The complete list of what a pickle may name; there is no other way in.</summary>
internal static class PickleGlobals
{
    private static readonly Dictionary<string, PickleGlobal> Known = Build().ToDictionary(global => global.Name);

    public static PickleGlobal? Find(string module, string name) => Known.GetValueOrDefault($"{module}.{name}");

    private static IEnumerable<PickleGlobal> Build()
    {
        yield return new("collections.OrderedDict", Dictionary);
        yield return new("collections.Counter", Dictionary);
        // Python 3 writes the names of Python 2 into pickles of protocol 2.
        foreach (var builtins in (string[])["builtins", "__builtin__"])
        {
            yield return new($"{builtins}.set", Set);
            yield return new($"{builtins}.frozenset", Set);
            yield return new($"{builtins}.bytes", EmptyBytes);
        }
        yield return new("_codecs.encode", Latin1Bytes);
        yield return new("numpy.dtype", NumpyType.Make);
        yield return new("numpy.core.multiarray.scalar", NumpyType.Scalar);
        yield return new("numpy._core.multiarray.scalar", NumpyType.Scalar);
        yield return new("torch._utils._rebuild_tensor", TorchGlobals.Tensor);
        yield return new("torch._utils._rebuild_tensor_v2", TorchGlobals.Tensor);
        yield return new("torch._utils._rebuild_parameter", TorchGlobals.Parameter);
        yield return new("torch.Size", Size);
        foreach (var (name, type) in TorchGlobals.Storages)
            yield return new($"torch.{name}", null) { StorageType = type };
    }

    private static CheckpointDictionary Dictionary(Unpickler unpickler, object?[] arguments)
    {
        switch (arguments)
        {
            case []:
                return [];
            case [CheckpointDictionary items]:
                return items;
            case [List<object?> pairs]:
                unpickler.Charge(pairs.Count);
                var made = new CheckpointDictionary();
                foreach (var pair in pairs)
                    PickleValues.SetItems(made, Pair(unpickler, pair), unpickler.Cursor);
                return made;
            default:
                throw unpickler.Cursor.Bad("a dictionary made of neither a dictionary nor a list of pairs");
        }
    }

    private static object?[] Pair(Unpickler unpickler, object? value) => value switch
    {
        List<object?> { Count: 2 } list => [.. list],
        object?[] { Length: 2 } tuple => tuple,
        _ => throw unpickler.Cursor.Bad($"{PickleValues.Describe(value)} where a key and a value should be"),
    };

    private static HashSet<object> Set(Unpickler unpickler, object?[] arguments)
    {
        if (arguments is not [List<object?> items])
            throw unpickler.Cursor.Bad("a set that is not made of a list");
        unpickler.Charge(items.Count);
        return PickleValues.AddItems([], items, unpickler.Cursor);
    }

    private static byte[] EmptyBytes(Unpickler unpickler, object?[] arguments) => arguments.Length == 0
        ? []
        : throw unpickler.Cursor.Bad("bytes made of a value");

    /// <summary>How protocol 2 writes bytes: as a text of code points 0 to 255.</summary>
    private static byte[] Latin1Bytes(Unpickler unpickler, object?[] arguments)
    {
        if (arguments is not [string text, "latin1"] || text.Any(letter => letter > 255))
            throw unpickler.Cursor.Bad("an encoding other than of bytes as Latin-1");
        unpickler.Charge(text.Length);
        return Encoding.Latin1.GetBytes(text);
    }

    private static object?[] Size(Unpickler unpickler, object?[] arguments) => arguments is [object?[] sides]
        ? sides
        : throw unpickler.Cursor.Bad("a torch.Size that is not made of a tuple");
}
