namespace Mdfld.Torch.Onnx;

/// <summary>
/// Lays two traces of one network over each other, made with different batch sizes and different inputs: numbers that
/// differ depend on the batch size; anything else that differs depends on the input's values and cannot be exported.
/// </summary>
/// <remarks><c>most</c>: the last thing that differs between the traces, see <see cref="Size.From"/>.</remarks>
internal sealed class TracePair(Growth most = Growth.Batch)
{
    private readonly Dictionary<TracedTensor, (TracedTensor Second, Value Value)> _values =
        new(ReferenceEqualityComparer.Instance);

    /// <summary>The calls of both.</summary>
    /// <exception cref="NotSupportedException">
    /// The traces do not fit each other; the message names the operator.
    /// </exception>
    public List<Call> Merge(IReadOnlyList<TracedCall> first, IReadOnlyList<TracedCall> second)
    {
        var calls = new List<Call>();
        for (var i = 0; i < Math.Min(first.Count, second.Count); i++)
        {
            try
            {
                calls.Add(Merge(first[i], second[i]));
            }
            catch (NotSupportedException e)
            {
                throw new NotSupportedException($"{first[i].Operator} (call {i} of the network): {e.Message}", e);
            }
        }
        return first.Count == second.Count ? calls : throw Differs($"{first.Count} and {second.Count} calls");
    }

    /// <summary>The tensor of both traces.</summary>
    public Value Merge(TracedTensor first, TracedTensor second)
    {
        if (_values.TryGetValue(first, out var known))
            return known.Second == second ? known.Value : throw Differs("different tensors");
        if (first.Type != second.Type || first.Shape.Length != second.Shape.Length)
            throw Differs("tensors of different kind");
        var shape = first.Shape.Zip(second.Shape, From).ToArray();
        var value = (first.Data, second.Data) switch
        {
            (null, null) => new Value(shape, first.Type),
            ({ } one, { } other) => new Value(shape, first.Type, MergeData(first, one, second, other), first.Name),
            _ => throw Differs("a constant and a computed tensor"),
        };
        _values.Add(first, (second, value));
        return value;
    }

    private Size From(long first, long second) => Size.From(first, second, most);

    private Call Merge(TracedCall first, TracedCall second)
    {
        var same = first.Operator == second.Operator
            && first.Overload == second.Overload
            && first.Arguments.Length == second.Arguments.Length
            && first.Results.Length == second.Results.Length;
        if (!same)
            throw Differs($"{first.Operator} and {second.Operator}");
        return new Call(
            first.Operator,
            first.Overload,
            [.. first.Arguments.Zip(second.Arguments, MergeArgument)],
            [.. first.Results.Zip(second.Results, Merge)]);
    }

    private object? MergeArgument(object? first, object? second) => (first, second) switch
    {
        (long one, long other) => From(one, other),
        (long[] one, long[] other) when one.Length == other.Length => one.Zip(other, From).ToArray(),
        (TracedTensor one, TracedTensor other) => Merge(one, other),
        (TracedTensor?[] one, TracedTensor?[] other) when one.Length == other.Length =>
            one.Zip(other, (a, b) => (Value?)MergeArgument(a, b)).ToArray(),
        (double[] one, double[] other) when one.SequenceEqual(other) => one,
        (bool[] one, bool[] other) when one.SequenceEqual(other) => one,
        _ when Equals(first, second) => first,
        _ => throw Differs($"arguments {first} and {second}"),
    };

    // Constants made for the batch (coordinates repeated for each picture) shrink to one picture's share.
    private static byte[] MergeData(TracedTensor first, byte[] firstData, TracedTensor second, byte[] secondData)
    {
        if (first == second)
            return firstData;
        for (var axis = 0; axis < first.Shape.Length; axis++)
        {
            if (first.Shape[axis] == second.Shape[axis])
                continue;
            firstData = TakeOne(firstData, first.Shape, axis, first.Type.ByteSize);
            secondData = TakeOne(secondData, second.Shape, axis, second.Type.ByteSize);
            first = new TracedTensor([.. first.Shape[..axis], 1, .. first.Shape[(axis + 1)..]], first.Type);
            second = new TracedTensor([.. second.Shape[..axis], 1, .. second.Shape[(axis + 1)..]], second.Type);
        }
        return firstData.AsSpan().SequenceEqual(secondData)
            ? firstData
            : throw Differs("the elements of a constant, which were computed from the input's values outside libtorch");
    }

    private static byte[] TakeOne(byte[] data, long[] shape, int axis, int elementSize)
    {
        var inner = shape[(axis + 1)..].Aggregate((long)elementSize, (a, b) => a * b);
        var count = shape[axis];
        var one = new byte[data.Length / count];
        for (var outer = 0L; outer < one.Length / inner; outer++)
        {
            var target = one.AsSpan((int)(outer * inner), (int)inner);
            data.AsSpan((int)(outer * count * inner), (int)inner).CopyTo(target);
            for (var i = 1; i < count; i++)
            {
                if (!data.AsSpan((int)((outer * count + i) * inner), (int)inner).SequenceEqual(target))
                    throw new NotSupportedException("a constant has other elements for each picture of the batch");
            }
        }
        return one;
    }

    private static NotSupportedException Differs(string what) => new(
        $"two runs on different inputs and batch sizes differ in {what}: "
        + "a network to be exported does the same for every picture");
}
