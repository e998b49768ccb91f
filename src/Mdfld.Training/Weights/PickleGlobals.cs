using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Mdfld.Training.Weights;

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

/// <summary>What torch.save names in a pickle to make a tensor.</summary>
internal static class TorchGlobals
{
    /// <summary>
    /// torch's storage classes. Complex and quantised ones are not among them and so are refused by name.
    /// </summary>
    public static IReadOnlyList<(string Name, ScalarType Type)> Storages { get; } =
    [
        ("ByteStorage", ScalarType.Byte),
        ("CharStorage", ScalarType.Int8),
        ("ShortStorage", ScalarType.Int16),
        ("IntStorage", ScalarType.Int32),
        ("LongStorage", ScalarType.Int64),
        ("HalfStorage", ScalarType.Float16),
        ("BFloat16Storage", ScalarType.BFloat16),
        ("FloatStorage", ScalarType.Float32),
        ("DoubleStorage", ScalarType.Float64),
        ("BoolStorage", ScalarType.Bool),
    ];

    /// <summary><c>(storage, offset, size, stride[, requires_grad, backward_hooks[, metadata]])</c>.</summary>
    public static RawTensor Tensor(Unpickler unpickler, object?[] arguments)
    {
        if (arguments is not [TorchStorage storage, long offset, object?[] size, object?[] stride, ..]
            || !size.All(side => side is long) || !stride.All(step => step is long))
            throw unpickler.Cursor.Bad("a tensor made of something else than storage, offset, size and stride");
        unpickler.Charge(2L * size.Length);
        var sides = Array.ConvertAll(size, side => (long)side!);
        var layout = TensorLayout.View(sides, Array.ConvertAll(stride, step => (long)step!), offset, storage.Count)
            ?? throw unpickler.Cursor.Bad(
                $"a tensor [{string.Join(", ", sides)}] "
                + $"that does not lie within its storage of {storage.Count} elements");
        return new(storage.Type, layout, storage.Read);
    }

    /// <summary><c>(tensor, requires_grad, backward_hooks)</c>: the tensor itself.</summary>
    public static RawTensor Parameter(Unpickler unpickler, object?[] arguments) => arguments is [RawTensor tensor, ..]
        ? tensor
        : throw unpickler.Cursor.Bad("a parameter that is no tensor");
}

/// <summary>A numpy dtype such as <c>f8</c>: a kind and a number of bytes. Only numbers, little-endian.</summary>
internal sealed class NumpyType
{
    private static readonly string[] Names = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "b1"];

    private readonly string _name;

    private NumpyType(string name) => _name = name;

    public static NumpyType Make(Unpickler unpickler, object?[] arguments) =>
        arguments is [string name, ..] && Names.Contains(name)
            ? new(name)
            : throw unpickler.Cursor.Bad("a numpy type other than of plain numbers");

    /// <summary>numpy's <c>scalar(dtype, bytes)</c>, which becomes a plain number.</summary>
    public static object Scalar(Unpickler unpickler, object?[] arguments) =>
        arguments is [NumpyType type, byte[] bytes] && bytes.Length == type._name[1] - '0'
            ? type.Decode(bytes)
            : throw unpickler.Cursor.Bad("a numpy scalar that is no number");

    public void CheckByteOrder(string order, PickleCursor cursor)
    {
        if (order is not ("<" or "|" or "="))
            throw cursor.Bad($"a numpy type of byte order '{order}'; little-endian is read");
    }

    private object Decode(ReadOnlySpan<byte> bytes) => _name switch
    {
        "f2" => (double)BinaryPrimitives.ReadHalfLittleEndian(bytes),
        "f4" => (double)BinaryPrimitives.ReadSingleLittleEndian(bytes),
        "f8" => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        "i1" => (long)(sbyte)bytes[0],
        "i2" => (long)BinaryPrimitives.ReadInt16LittleEndian(bytes),
        "i4" => (long)BinaryPrimitives.ReadInt32LittleEndian(bytes),
        "i8" => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        "u1" => (long)bytes[0],
        "u2" => (long)BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        "u4" => (long)BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        _ => bytes[0] != 0,
    };
}

/// <summary>The plain values a pickle may consist of.</summary>
internal static class PickleValues
{
    private const int MaxDepth = 64;

    public static CheckpointDictionary SetItems(CheckpointDictionary target, object?[] items, PickleCursor cursor)
    {
        if (items.Length % 2 != 0)
            throw cursor.Bad("a dictionary with a key that has no value");
        for (var i = 0; i < items.Length; i += 2)
            target[Key(items[i], cursor)] = items[i + 1];
        return target;
    }

    public static HashSet<object> AddItems(HashSet<object> target, IEnumerable<object?> items, PickleCursor cursor)
    {
        foreach (var item in items)
            target.Add(Key(item, cursor));
        return target;
    }

    public static string Describe(object? value) => value switch
    {
        null => "None",
        CheckpointDictionary => "a dictionary",
        List<object?> => "a list",
        object?[] => "a tuple",
        HashSet<object> => "a set",
        PickleGlobal global => global.Name,
        RawTensor or TorchStorage => "a tensor",
        _ => $"a value of type {value.GetType().Name}",
    };

    /// <summary>
    /// Holds a finished value to what its readers rely on: only plain values, and at most <see cref="MaxDepth"/>
    /// levels, hence no value inside itself. Goes level by level, without recursion.
    /// </summary>
    public static object? Checked(object? root, PickleCursor cursor)
    {
        IEnumerable<object?> level = [root];
        for (var depth = 0; depth <= MaxDepth; depth++)
        {
            var containers = new HashSet<object>(ReferenceEqualityComparer.Instance);
            foreach (var value in level)
            {
                if (value is null or bool or long or BigInteger or double or string or byte[] or RawTensor)
                    continue;
                if (Children(value) is null)
                    throw cursor.Bad($"it holds {Describe(value)} where a value should be");
                containers.Add(value);
            }
            if (containers.Count == 0)
                return root;
            level = containers.SelectMany(container => Children(container)!);
        }
        throw cursor.Bad($"its values are nested deeper than {MaxDepth} levels");
    }

    private static IEnumerable<object?>? Children(object value) => value switch
    {
        CheckpointDictionary dictionary => dictionary.Values.Append(dictionary.Attributes),
        List<object?> list => list,
        object?[] tuple => tuple,
        HashSet<object> set => set,
        _ => null,
    };

    private static object Key(object? value, PickleCursor cursor) => value is string or long or double or bool
        ? value
        : throw cursor.Bad($"{Describe(value)} as a key; texts and numbers are read");
}
