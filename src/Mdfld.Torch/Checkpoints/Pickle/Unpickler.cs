using Op = Mdfld.Torch.Checkpoints.Pickle.PickleOpcode;

namespace Mdfld.Torch.Checkpoints.Pickle;

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
