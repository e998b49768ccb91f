using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Op = Mdfld.Training.Weights.PickleOpcode;

namespace Mdfld.Training.Weights;

/// <summary>
/// Reads one pickle of protocol 2 to 5 into plain .NET values. Nothing is ever executed: the few globals that make
/// tensors and containers are re-made here, every other is refused by name. Memory stays within a small multiple of the
/// pickle's length: texts and bytes are as long as they are in the file, and what copies is charged to a budget.
/// </summary>
/// <remarks>The opcodes are those of CPython's <c>pickletools</c>.</remarks>
internal sealed class Unpickler(PickleCursor cursor, Func<object?[], TorchStorage>? findStorage = null)
{
    private readonly PickleStack _stack = new(cursor);
    private readonly Dictionary<uint, object?> _memo = [];
    private long _budget = cursor.Length;

    /// <summary>The place in the file, for exceptions.</summary>
    public PickleCursor Cursor => cursor;

    /// <summary>Reads to the end of the pickle, where the cursor then stands.</summary>
    /// <exception cref="InvalidDataException">The pickle is broken, or needs what is not allowed.</exception>
    public object? Load()
    {
        while (true)
        {
            var op = (Op)cursor.Byte();
            if (op == Op.Stop)
                return PickleValues.Checked(_stack.Last(), cursor);
            Step(op);
        }
    }

    /// <summary>Charges copied elements, so that a few bytes cannot copy a large value again and again.</summary>
    public void Charge(long elements)
    {
        _budget -= elements;
        if (_budget < 0)
            throw cursor.Bad("it copies more values than it holds");
    }

    private void Step(Op op)
    {
        switch (op)
        {
            case Op.Proto:
                if (cursor.Byte() is var version and (< 2 or > 5))
                    throw cursor.Bad($"pickle protocol {version}; 2 to 5 are read");
                break;
            case Op.Frame:
                cursor.UInt64();
                break;
            case Op.Mark:
                _stack.Mark();
                break;
            case Op.Pop:
                _stack.PopOrUnmark();
                break;
            case Op.PopMark:
                _stack.PopToMark();
                break;
            case Op.Dup:
                _stack.Push(_stack.Peek());
                break;
            case Op.BinPut:
                _memo[cursor.Byte()] = _stack.Peek();
                break;
            case Op.LongBinPut:
                _memo[cursor.UInt32()] = _stack.Peek();
                break;
            case Op.Memoize:
                _memo[(uint)_memo.Count] = _stack.Peek();
                break;
            case Op.BinGet:
                _stack.Push(Recall(cursor.Byte()));
                break;
            case Op.LongBinGet:
                _stack.Push(Recall(cursor.UInt32()));
                break;
            case Op.Append or Op.Appends or Op.SetItem or Op.SetItems or Op.AddItems or Op.Build:
                Fill(op);
                break;
            default:
                _stack.Push(Make(op));
                break;
        }
    }

    /// <summary>The opcodes that put one new value on the stack.</summary>
    private object? Make(Op op) => op switch
    {
        Op.None => null,
        Op.NewTrue => true,
        Op.NewFalse => false,
        Op.BinInt => (long)cursor.Int32(),
        Op.BinInt1 => (long)cursor.Byte(),
        Op.BinInt2 => (long)cursor.UInt16(),
        Op.Long1 => cursor.Integer(cursor.Byte()),
        Op.Long4 => cursor.Integer(cursor.Int32()),
        Op.BinFloat => cursor.BigEndianDouble(),
        Op.BinUnicode => cursor.Text(cursor.UInt32()),
        Op.ShortBinUnicode => cursor.Text(cursor.Byte()),
        Op.BinUnicode8 => cursor.Text(cursor.UInt64()),
        Op.BinString => cursor.Latin1(cursor.UInt32()),
        Op.ShortBinString => cursor.Latin1(cursor.Byte()),
        Op.BinBytes => cursor.Bytes(cursor.UInt32()),
        Op.ShortBinBytes => cursor.Bytes(cursor.Byte()),
        Op.BinBytes8 or Op.ByteArray8 => cursor.Bytes(cursor.UInt64()),
        Op.EmptyList => new List<object?>(),
        Op.List => new List<object?>(_stack.PopToMark()),
        Op.EmptyTuple => Array.Empty<object?>(),
        Op.Tuple1 => _stack.Pop(1),
        Op.Tuple2 => _stack.Pop(2),
        Op.Tuple3 => _stack.Pop(3),
        Op.Tuple => _stack.PopToMark(),
        Op.EmptyDict => new CheckpointDictionary(),
        Op.Dict => PickleValues.SetItems(new CheckpointDictionary(), _stack.PopToMark(), cursor),
        Op.EmptySet => new HashSet<object>(),
        Op.FrozenSet => PickleValues.AddItems([], _stack.PopToMark(), cursor),
        Op.Global => Global(cursor.Line(), cursor.Line()),
        Op.StackGlobal => StackGlobal(_stack.Pop(2)),
        Op.Reduce or Op.NewObj => Call(_stack.Pop(2)),
        Op.BinPersId => Storage(_stack.Pop(1)[0]),
        _ => throw cursor.Bad($"opcode 0x{(byte)op:x2} does not occur in checkpoints: not a checkpoint, or broken"),
    };

    /// <summary>The opcodes that add to the container below their operands.</summary>
    private void Fill(Op op)
    {
        var items = op switch
        {
            Op.Append or Op.Build => _stack.Pop(1),
            Op.SetItem => _stack.Pop(2),
            _ => _stack.PopToMark(),
        };
        switch (op, _stack.Peek())
        {
            case (Op.Append or Op.Appends, List<object?> list):
                list.AddRange(items);
                break;
            case (Op.SetItem or Op.SetItems, CheckpointDictionary dictionary):
                PickleValues.SetItems(dictionary, items, cursor);
                break;
            case (Op.AddItems, HashSet<object> set):
                PickleValues.AddItems(set, items, cursor);
                break;
            case (Op.Build, CheckpointDictionary dictionary) when items[0] is CheckpointDictionary attributes:
                dictionary.Attributes = attributes;
                break;
            case (Op.Build, NumpyType type)
                when items[0] is object?[] { Length: >= 2 } state && state[1] is string order:
                type.CheckByteOrder(order, cursor);
                break;
            case var (_, target):
                throw cursor.Bad($"{op} does not apply to {PickleValues.Describe(target)}");
        }
    }

    private object? Recall(uint index) => _memo.TryGetValue(index, out var value)
        ? value
        : throw cursor.Bad($"it recalls value {index}, which it never stored");

    private PickleGlobal StackGlobal(object?[] names) => names is [string module, string name]
        ? Global(module, name)
        : throw cursor.Bad("a global without a name");

    private PickleGlobal Global(string module, string name) => PickleGlobals.Find(module, name)
        ?? throw cursor.Bad(
            $"it needs the Python object '{module}.{name}', which is no tensor and no plain value: refused. " +
            "Save the state dict alone, torch.save(model.state_dict(), path), or convert to safetensors");

    private object? Call(object?[] operands) => operands is [PickleGlobal global, object?[] arguments]
        ? global.Call(this, arguments)
        : throw cursor.Bad($"it calls {PickleValues.Describe(operands[0])}");

    private TorchStorage Storage(object? id) => id is object?[] parts && findStorage is not null
        ? findStorage(parts)
        : throw cursor.Bad("a reference to data outside the pickle that is no storage");
}

/// <summary>Walks through the bytes of a pickle; every length is held against what is left before it is used.</summary>
internal sealed class PickleCursor(string file, byte[] bytes)
{
    /// <summary>
    /// No integer of a checkpoint is longer; the time to print one grows with the square of its length.
    /// </summary>
    private const int MaxIntegerBytes = 1024;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    /// <summary>Bytes in all.</summary>
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

    /// <summary>An exception that names the file and the place.</summary>
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

/// <summary>The stack of a pickle with its marks; nothing is taken from below the latest mark.</summary>
internal sealed class PickleStack(PickleCursor cursor)
{
    private readonly List<object?> _values = [];
    private readonly Stack<int> _marks = [];

    private int Floor => _marks.TryPeek(out var mark) ? mark : 0;

    public void Push(object? value) => _values.Add(value);

    public object? Peek()
    {
        Require(1);
        return _values[^1];
    }

    /// <summary>Takes the topmost values, the topmost last.</summary>
    public object?[] Pop(int count)
    {
        Require(count);
        return Take(_values.Count - count);
    }

    public void Mark() => _marks.Push(_values.Count);

    /// <summary>Takes all values above the latest mark, and the mark.</summary>
    public object?[] PopToMark() => _marks.TryPop(out var mark) ? Take(mark) : throw cursor.Bad("a mark is missing");

    /// <summary>Drops the topmost value or mark.</summary>
    public void PopOrUnmark()
    {
        if (_marks.TryPeek(out var mark) && mark == _values.Count)
            _marks.Pop();
        else
            Pop(1);
    }

    /// <summary>The only value left.</summary>
    public object? Last() => _values.Count == 1 && _marks.Count == 0
        ? _values[0]
        : throw cursor.Bad($"it ends with {_values.Count} values and {_marks.Count} marks instead of one value");

    private object?[] Take(int start)
    {
        var values = _values.GetRange(start, _values.Count - start).ToArray();
        _values.RemoveRange(start, values.Length);
        return values;
    }

    private void Require(int count)
    {
        if (_values.Count - Floor < count)
            throw cursor.Bad($"an operation on {count} values finds {_values.Count - Floor}");
    }
}

/// <summary>The opcodes that checkpoints use, by their names in CPython's <c>pickletools</c>.</summary>
internal enum PickleOpcode : byte
{
    Mark = (byte)'(',
    EmptyTuple = (byte)')',
    Stop = (byte)'.',
    Pop = (byte)'0',
    PopMark = (byte)'1',
    Dup = (byte)'2',
    BinBytes = (byte)'B',
    ShortBinBytes = (byte)'C',
    BinFloat = (byte)'G',
    BinInt = (byte)'J',
    BinInt1 = (byte)'K',
    BinInt2 = (byte)'M',
    None = (byte)'N',
    BinPersId = (byte)'Q',
    Reduce = (byte)'R',
    BinString = (byte)'T',
    ShortBinString = (byte)'U',
    BinUnicode = (byte)'X',
    EmptyList = (byte)']',
    Append = (byte)'a',
    Build = (byte)'b',
    Global = (byte)'c',
    Dict = (byte)'d',
    Appends = (byte)'e',
    BinGet = (byte)'h',
    LongBinGet = (byte)'j',
    List = (byte)'l',
    BinPut = (byte)'q',
    LongBinPut = (byte)'r',
    SetItem = (byte)'s',
    Tuple = (byte)'t',
    SetItems = (byte)'u',
    EmptyDict = (byte)'}',
    Proto = 0x80,
    NewObj = 0x81,
    Tuple1 = 0x85,
    Tuple2 = 0x86,
    Tuple3 = 0x87,
    NewTrue = 0x88,
    NewFalse = 0x89,
    Long1 = 0x8a,
    Long4 = 0x8b,
    ShortBinUnicode = 0x8c,
    BinUnicode8 = 0x8d,
    BinBytes8 = 0x8e,
    EmptySet = 0x8f,
    AddItems = 0x90,
    FrozenSet = 0x91,
    StackGlobal = 0x93,
    Memoize = 0x94,
    Frame = 0x95,
    ByteArray8 = 0x96,
}
