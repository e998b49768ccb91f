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
    private const int MaxDepth = 64;

    private readonly List<object?> _stack = [];
    private readonly Stack<int> _marks = [];
    private readonly Dictionary<uint, object?> _memo = [];
    private long _budget = cursor.Length;

    /// <summary>Reads to the end of the pickle, where the cursor then stands.</summary>
    /// <exception cref="InvalidDataException">The pickle is broken, or needs what is not allowed.</exception>
    public object? Load()
    {
        while ((Op)cursor.Byte() is var op && op != Op.Stop)
            Step(op);
        return _stack.Count == 1 && _marks.Count == 0
            ? Checked(_stack[0])
            : throw Bad($"it ends with {_stack.Count} values and {_marks.Count} marks instead of one value");
    }

    /// <summary>Charges copied elements, so that a few bytes cannot copy a large value again and again.</summary>
    public void Charge(long elements)
    {
        _budget -= elements;
        if (_budget < 0)
            throw Bad("it copies more values than it holds");
    }

    /// <summary>An exception that names the file and the byte reached.</summary>
    public InvalidDataException Bad(string what) => cursor.Bad(what);

    /// <summary>Sets keys and values, which take turns.</summary>
    public CheckpointDictionary SetItems(CheckpointDictionary target, object?[] items)
    {
        if (items.Length % 2 != 0)
            throw Bad("a dictionary with a key that has no value");
        for (var i = 0; i < items.Length; i += 2)
            target[Key(items[i])] = items[i + 1];
        return target;
    }

    public HashSet<object> AddItems(HashSet<object> target, IEnumerable<object?> items)
    {
        target.UnionWith(items.Select(Key));
        return target;
    }

    /// <summary>A value as messages call it.</summary>
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

    private void Step(Op op)
    {
        switch (op)
        {
            case Op.Proto:
                if (cursor.Byte() is var version and (< 2 or > 5))
                    throw Bad($"pickle protocol {version}; 2 to 5 are read");
                break;
            case Op.Frame:
                cursor.UInt64();
                break;
            case Op.Mark:
                _marks.Push(_stack.Count);
                break;
            case Op.Pop when _marks.TryPeek(out var mark) && mark == _stack.Count:
                _marks.Pop();
                break;
            case Op.Pop:
                Pop(1);
                break;
            case Op.PopMark:
                PopToMark();
                break;
            case Op.Dup:
                _stack.Add(Peek());
                break;
            case Op.BinPut:
                _memo[cursor.Byte()] = Peek();
                break;
            case Op.LongBinPut:
                _memo[cursor.UInt32()] = Peek();
                break;
            case Op.Memoize:
                _memo[(uint)_memo.Count] = Peek();
                break;
            case Op.Append or Op.Appends or Op.SetItem or Op.SetItems or Op.AddItems or Op.Build:
                Fill(op);
                break;
            default:
                _stack.Add(Make(op));
                break;
        }
    }

    /// <summary>The opcodes that put one value on the stack.</summary>
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
        Op.BinGet => Recall(cursor.Byte()),
        Op.LongBinGet => Recall(cursor.UInt32()),
        Op.EmptyList => new List<object?>(),
        Op.List => new List<object?>(PopToMark()),
        Op.EmptyTuple => Array.Empty<object?>(),
        Op.Tuple1 => Pop(1),
        Op.Tuple2 => Pop(2),
        Op.Tuple3 => Pop(3),
        Op.Tuple => PopToMark(),
        Op.EmptyDict => new CheckpointDictionary(),
        Op.Dict => SetItems(new CheckpointDictionary(), PopToMark()),
        Op.EmptySet => new HashSet<object>(),
        Op.FrozenSet => AddItems([], PopToMark()),
        Op.Global => Global(cursor.Line(), cursor.Line()),
        Op.StackGlobal => Pop(2) is [string module, string name]
            ? Global(module, name) : throw Bad("a global without a name"),
        Op.Reduce or Op.NewObj => Call(Pop(2)),
        Op.BinPersId => Pop(1)[0] is object?[] parts && findStorage is not null
            ? findStorage(parts) : throw Bad("a reference to data outside the pickle that is no storage"),
        _ => throw Bad($"opcode 0x{(byte)op:x2} does not occur in checkpoints: not a checkpoint, or broken"),
    };

    /// <summary>The opcodes that add to the container below their operands.</summary>
    private void Fill(Op op)
    {
        var items = op switch
        {
            Op.Append or Op.Build => Pop(1),
            Op.SetItem => Pop(2),
            _ => PopToMark(),
        };
        switch (op, Peek())
        {
            case (Op.Append or Op.Appends, List<object?> list):
                list.AddRange(items);
                break;
            case (Op.SetItem or Op.SetItems, CheckpointDictionary dictionary):
                SetItems(dictionary, items);
                break;
            case (Op.AddItems, HashSet<object> set):
                AddItems(set, items);
                break;
            case (Op.Build, CheckpointDictionary dictionary) when items[0] is CheckpointDictionary attributes:
                dictionary.Attributes = attributes;
                break;
            case (Op.Build, NumpyType) when items[0] is object?[] { Length: >= 2 } state && state[1] is string order:
                if (order is not ("<" or "|" or "="))
                    throw Bad($"a numpy type of byte order '{order}'; little-endian is read");
                break;
            case var (_, target):
                throw Bad($"{op} does not apply to {Describe(target)}");
        }
    }

    private object? Recall(uint index) => _memo.TryGetValue(index, out var value)
        ? value : throw Bad($"it recalls value {index}, which it never stored");

    private PickleGlobal Global(string module, string name) => PickleGlobals.Find($"{module}.{name}")
        ?? throw Bad(
            $"it needs the Python object '{module}.{name}', which is no tensor and no plain value: refused. " +
            "Save the state dict alone, torch.save(model.state_dict(), path), or convert to safetensors");

    private object? Call(object?[] operands) => operands is [PickleGlobal global, object?[] arguments]
        ? global.Call is { } call ? call(this, arguments) : throw Bad($"it calls {global.Name}")
        : throw Bad($"it calls {Describe(operands[0])}");

    private object? Peek()
    {
        Require(1);
        return _stack[^1];
    }

    /// <summary>Takes the topmost values, the topmost last.</summary>
    private object?[] Pop(int count)
    {
        Require(count);
        return Take(_stack.Count - count);
    }

    /// <summary>Takes all values above the latest mark, and the mark.</summary>
    private object?[] PopToMark() => _marks.TryPop(out var mark) ? Take(mark) : throw Bad("a mark is missing");

    private object?[] Take(int start)
    {
        var values = _stack.GetRange(start, _stack.Count - start).ToArray();
        _stack.RemoveRange(start, values.Length);
        return values;
    }

    /// <summary>Nothing is taken from below the latest mark.</summary>
    private void Require(int count)
    {
        var found = _stack.Count - (_marks.TryPeek(out var mark) ? mark : 0);
        if (found < count)
            throw Bad($"an operation on {count} values finds {found}");
    }

    private object Key(object? value) => value is string or long or double or bool
        ? value : throw Bad($"{Describe(value)} as a key; texts and numbers are read");

    /// <summary>
    /// Holds a finished value to what its readers rely on: only plain values, and at most <see cref="MaxDepth"/>
    /// levels, hence no value inside itself. Goes level by level, without recursion.
    /// </summary>
    private object? Checked(object? root)
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
                    throw Bad($"it holds {Describe(value)} where a value should be");
                containers.Add(value);
            }
            if (containers.Count == 0)
                return root;
            level = containers.SelectMany(container => Children(container)!);
        }
        throw Bad($"its values are nested deeper than {MaxDepth} levels");
    }

    private static IEnumerable<object?>? Children(object value) => value switch
    {
        CheckpointDictionary dictionary => dictionary.Values.Append(dictionary.Attributes),
        List<object?> list => list,
        object?[] tuple => tuple,
        HashSet<object> set => set,
        _ => null,
    };
}
