namespace Mdfld.Torch.Checkpoints.Pickle;

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
