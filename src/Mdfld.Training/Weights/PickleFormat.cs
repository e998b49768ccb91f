using System.Buffers.Binary;
using System.Text;

namespace Mdfld.Training.Weights;

/// <summary>A Python class or function that a pickle may name, re-made here.</summary>
/// <param name="Call">Makes what it makes of arguments; null where it is never called.</param>
/// <param name="StorageType">The element type, if this is one of torch's storage classes.</param>
internal sealed record PickleGlobal(
    string Name, Func<Unpickler, object?[], object?>? Call, ScalarType? StorageType = null);

/// <summary>The complete list of what a pickle may name; there is no other way in.</summary>
internal static class PickleGlobals
{
    private static readonly Dictionary<string, PickleGlobal> Known = new PickleGlobal[]
    {
        new("collections.OrderedDict", Dictionary),
        new("collections.Counter", Dictionary),
        // Python 3 writes the names of Python 2 into pickles of protocol 2.
        new("builtins.set", Set),
        new("builtins.frozenset", Set),
        new("builtins.bytes", EmptyBytes),
        new("__builtin__.set", Set),
        new("__builtin__.frozenset", Set),
        new("__builtin__.bytes", EmptyBytes),
        new("_codecs.encode", Latin1Bytes),
        new("numpy.dtype", NumpyType.Make),
        new("numpy.core.multiarray.scalar", NumpyType.Scalar),
        new("numpy._core.multiarray.scalar", NumpyType.Scalar),
        new("torch._utils._rebuild_tensor", Tensor),
        new("torch._utils._rebuild_tensor_v2", Tensor),
        new("torch._utils._rebuild_parameter", Parameter),
        new("torch.Size", Size),
        // Complex and quantised storages are not among these and so are refused by name.
        new("torch.ByteStorage", null, ScalarType.Byte),
        new("torch.CharStorage", null, ScalarType.Int8),
        new("torch.ShortStorage", null, ScalarType.Int16),
        new("torch.IntStorage", null, ScalarType.Int32),
        new("torch.LongStorage", null, ScalarType.Int64),
        new("torch.HalfStorage", null, ScalarType.Float16),
        new("torch.BFloat16Storage", null, ScalarType.BFloat16),
        new("torch.FloatStorage", null, ScalarType.Float32),
        new("torch.DoubleStorage", null, ScalarType.Float64),
        new("torch.BoolStorage", null, ScalarType.Bool),
    }.ToDictionary(global => global.Name);

    public static PickleGlobal? Find(string name) => Known.GetValueOrDefault(name);

    private static CheckpointDictionary Dictionary(Unpickler pickle, object?[] arguments)
    {
        switch (arguments)
        {
            case []:
                return [];
            case [CheckpointDictionary items]:
                return items;
            case [List<object?> pairs]:
                pickle.Charge(pairs.Count);
                var made = new CheckpointDictionary();
                foreach (var pair in pairs)
                    pickle.SetItems(made, Pair(pair));
                return made;
            default:
                throw pickle.Bad("a dictionary made of neither a dictionary nor a list of pairs");
        }

        object?[] Pair(object? value) => value switch
        {
            List<object?> { Count: 2 } list => [.. list],
            object?[] { Length: 2 } tuple => tuple,
            _ => throw pickle.Bad($"{Unpickler.Describe(value)} where a key and a value should be"),
        };
    }

    private static HashSet<object> Set(Unpickler pickle, object?[] arguments)
    {
        if (arguments is not [List<object?> items])
            throw pickle.Bad("a set that is not made of a list");
        pickle.Charge(items.Count);
        return pickle.AddItems([], items);
    }

    private static byte[] EmptyBytes(Unpickler pickle, object?[] arguments) =>
        arguments.Length == 0 ? [] : throw pickle.Bad("bytes made of a value");

    /// <summary>How protocol 2 writes bytes: as a text of code points 0 to 255.</summary>
    private static byte[] Latin1Bytes(Unpickler pickle, object?[] arguments)
    {
        if (arguments is not [string text, "latin1"] || text.Any(letter => letter > 255))
            throw pickle.Bad("an encoding other than of bytes as Latin-1");
        pickle.Charge(text.Length);
        return Encoding.Latin1.GetBytes(text);
    }

    private static object?[] Size(Unpickler pickle, object?[] arguments) =>
        arguments is [object?[] sides] ? sides : throw pickle.Bad("a torch.Size that is not made of a tuple");

    /// <summary><c>(storage, offset, size, stride[, requires_grad, backward_hooks[, metadata]])</c>.</summary>
    private static RawTensor Tensor(Unpickler pickle, object?[] arguments)
    {
        if (arguments is not [TorchStorage storage, long offset, object?[] size, object?[] stride, ..]
            || !size.All(side => side is long) || !stride.All(step => step is long))
            throw pickle.Bad("a tensor made of something else than storage, offset, size and stride");
        pickle.Charge(2L * size.Length);
        var sides = Array.ConvertAll(size, side => (long)side!);
        var layout = TensorLayout.View(sides, Array.ConvertAll(stride, step => (long)step!), offset, storage.Count)
            ?? throw pickle.Bad(
                $"a tensor [{string.Join(", ", sides)}] "
                + $"that does not lie within its storage of {storage.Count} elements");
        return new(storage.Type, layout, storage.Read);
    }

    /// <summary><c>(tensor, requires_grad, backward_hooks)</c>: the tensor itself.</summary>
    private static RawTensor Parameter(Unpickler pickle, object?[] arguments) =>
        arguments is [RawTensor tensor, ..] ? tensor : throw pickle.Bad("a parameter that is no tensor");
}

/// <summary>A numpy dtype such as <c>f8</c>: a kind and a number of bytes. Only numbers, little-endian.</summary>
internal sealed record NumpyType(string Name)
{
    private static readonly string[] Names = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "b1"];

    public static NumpyType Make(Unpickler pickle, object?[] arguments) =>
        arguments is [string name, ..] && Names.Contains(name)
            ? new(name) : throw pickle.Bad("a numpy type other than of plain numbers");

    /// <summary>numpy's <c>scalar(dtype, bytes)</c>, which becomes a plain number.</summary>
    public static object Scalar(Unpickler pickle, object?[] arguments) =>
        arguments is [NumpyType type, byte[] bytes] && bytes.Length == type.Name[1] - '0'
            ? type.Decode(bytes) : throw pickle.Bad("a numpy scalar that is no number");

    private object Decode(ReadOnlySpan<byte> bytes) => Name switch
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

/// <summary>Walks through the bytes of a pickle; every length is held against what is left before it is used.</summary>
internal sealed class PickleCursor(string file, byte[] bytes)
{
    // No integer of a checkpoint is longer; the time to print one grows with the square of its length.
    private const int MaxIntegerBytes = 1024;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public int Position { get; private set; }
    public int Length => bytes.Length;

    public byte Byte() => Span(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Span(2));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Span(4));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Span(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Span(8));

    public double BigEndianDouble() => BinaryPrimitives.ReadDoubleBigEndian(Span(8));

    public byte[] Bytes(ulong count) => Span(count).ToArray();

    public string Text(ulong count)
    {
        try
        {
            return Utf8.GetString(Span(count));
        }
        catch (DecoderFallbackException e)
        {
            throw Bad("a text is not valid UTF-8", e);
        }
    }

    /// <summary>A Python 2 string: bytes, read as Latin-1 so that none is lost.</summary>
    public string Latin1(ulong count) => Encoding.Latin1.GetString(Span(count));

    /// <summary>Text up to a line feed.</summary>
    public string Line()
    {
        var length = bytes.AsSpan(Position).IndexOf((byte)'\n');
        if (length < 0)
            throw Bad("a line does not end");
        var line = Text((ulong)length);
        Position++;
        return line;
    }

    /// <summary>A two's complement integer: a long, or a <see cref="BigInteger"/> where that is too small.</summary>
    public object Integer(long count)
    {
        if (count is < 0 or > MaxIntegerBytes)
            throw Bad($"an integer of {count} bytes");
        var value = new BigInteger(Span((ulong)count));
        return value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value;
    }

    /// <summary>An exception that names the file and the byte reached.</summary>
    public InvalidDataException Bad(string what, Exception? inner = null) =>
        new($"{file}: {what} (byte {Position} of the pickle)", inner);

    private ReadOnlySpan<byte> Span(ulong count)
    {
        if (count > (ulong)(bytes.Length - Position))
            throw Bad(
                $"{count} bytes should follow, {bytes.Length - Position} are left: the file is cut short or broken");
        var span = bytes.AsSpan(Position, (int)count);
        Position += (int)count;
        return span;
    }
}

/// <summary>The opcodes that checkpoints use, by their names in CPython's <c>pickletools</c>.</summary>
internal enum PickleOpcode
{
    // Around the values: marks, frames, the memo.
    Proto = 0x80, Frame = 0x95, Stop = '.', Mark = '(', Pop = '0', PopMark = '1', Dup = '2',
    BinPut = 'q', LongBinPut = 'r', Memoize = 0x94, BinGet = 'h', LongBinGet = 'j',

    // Numbers, texts, bytes.
    None = 'N', NewTrue = 0x88, NewFalse = 0x89, BinInt = 'J', BinInt1 = 'K', BinInt2 = 'M', Long1 = 0x8a,
    Long4 = 0x8b, BinFloat = 'G', BinUnicode = 'X', ShortBinUnicode = 0x8c, BinUnicode8 = 0x8d, BinString = 'T',
    ShortBinString = 'U', BinBytes = 'B', ShortBinBytes = 'C', BinBytes8 = 0x8e, ByteArray8 = 0x96,

    // Containers.
    EmptyTuple = ')', Tuple1 = 0x85, Tuple2 = 0x86, Tuple3 = 0x87, Tuple = 't', EmptyList = ']', List = 'l',
    Append = 'a', Appends = 'e', EmptyDict = '}', Dict = 'd', SetItem = 's', SetItems = 'u', EmptySet = 0x8f,
    AddItems = 0x90, FrozenSet = 0x91,

    // Objects.
    Global = 'c', StackGlobal = 0x93, Reduce = 'R', NewObj = 0x81, Build = 'b', BinPersId = 'Q',
}
