using System.Runtime.InteropServices;

namespace Mdfld.Torch.Onnx;

/// <summary>
/// One call being converted: its arguments by position, with defaults for those left off, and its results.
/// </summary>
internal readonly struct CallConversion(Conversion conversion, Call call)
{
    public GraphBuilder Graph => conversion.Graph;

    public Conversion Conversion => conversion;

    public Call Call => call;

    /// <summary>The first result.</summary>
    public Value Result => call.Results[0];

    /// <summary>The first argument, a tensor in nearly every operator.</summary>
    public string Self => Tensor(0);

    public ReadOnlySpan<Size> SelfShape => Value(0).Shape;

    public bool Has(int i) => i < call.Arguments.Length && call.Arguments[i] is not null;

    public bool IsTensor(int i) => i < call.Arguments.Length && call.Arguments[i] is Value;

    public Value Value(int i) => Argument<Value>(i, "a tensor");

    public string Tensor(int i) => conversion.Find(Value(i));

    /// <summary>A list of tensors without gaps.</summary>
    public Value[] Values(int i) => [.. Argument<Value?[]>(i, "a list of tensors").OfType<Value>()];

    /// <summary>An optional tensor; "" where none is given.</summary>
    public string TensorOrNone(int i) => Has(i) ? Tensor(i) : "";

    public long Int(int i, long absent) => !Has(i) ? absent : call.Arguments[i] switch
    {
        Size { Grows: false } size => size.Value,
        bool flag => flag ? 1 : 0,
        _ => throw Unsupported($"argument {i} must be a fixed integer"),
    };

    public bool Flag(int i, bool absent) => Int(i, absent ? 1 : 0) != 0;

    public double Real(int i, double absent) => !Has(i) ? absent : call.Arguments[i] switch
    {
        double real => real,
        Size { Grows: false } size => size.Value,
        bool flag => flag ? 1 : 0,
        _ => throw Unsupported($"argument {i} must be a fixed number"),
    };

    /// <summary>A list of fixed integers; a single integer counts as a list of one.</summary>
    public long[] Ints(int i, params long[] absent) => !Has(i) ? absent : call.Arguments[i] switch
    {
        Size { Grows: false } size => [size.Value],
        Size[] sizes when !sizes.Any(size => size.Grows) => Array.ConvertAll(sizes, size => size.Value),
        _ => throw Unsupported($"argument {i} must be fixed integers"),
    };

    /// <summary>Two integers for height and width, where torch lets one stand for both.</summary>
    public long[] Pair(int i, long absent) => Ints(i, absent) switch
    {
        [] => [absent, absent],
        [var one] => [one, one],
        var both => both,
    };

    /// <summary>A dimension of the first argument, counted from the front.</summary>
    public int Axis(int i, long absent = 0) => Axis(Int(i, absent), SelfShape.Length);

    /// <summary>Dimensions of the first argument, counted from the front; all of them where none is given.</summary>
    public long[] Axes(int i)
    {
        var rank = SelfShape.Length;
        var given = Ints(i);
        return given.Length == 0
            ? [.. Enumerable.Range(0, rank).Select(axis => (long)axis)]
            : Array.ConvertAll(given, axis => axis < 0 ? axis + rank : axis);
    }

    /// <summary>A tensor or number as an operand of the given type; a number becomes a constant.</summary>
    public string Operand(int i, ScalarType type)
    {
        if (!IsTensor(i))
            return Number(Real(i, 0), type);
        var value = Value(i);
        return conversion.Cast(conversion.Find(value), value.Type, type);
    }

    /// <summary>A constant without dimensions.</summary>
    public string Number(double number, ScalarType type)
    {
        ReadOnlySpan<byte> data = type switch
        {
            ScalarType.Float32 => MemoryMarshal.AsBytes<float>([(float)number]),
            ScalarType.Float64 => MemoryMarshal.AsBytes<double>([number]),
            ScalarType.Float16 => MemoryMarshal.AsBytes<Half>([(Half)number]),
            ScalarType.Int64 => MemoryMarshal.AsBytes<long>([(long)number]),
            ScalarType.Int32 => MemoryMarshal.AsBytes<int>([(int)number]),
            ScalarType.UInt8 => [(byte)number],
            ScalarType.Int8 => [(byte)(sbyte)number],
            ScalarType.Bool => [number != 0 ? (byte)1 : (byte)0],
            _ => throw Unsupported($"numbers of type {type}"),
        };
        return Graph.Constant(Constants.Raw(type.ToOnnx(), [], data));
    }

    public string Integers(params ReadOnlySpan<long> values) => Graph.Constant(Constants.Integers(values));

    public string Node(string op, ReadOnlySpan<string> inputs, params ReadOnlySpan<AttributeProto> attributes) =>
        Graph.Node(op, inputs, attributes);

    /// <summary>Says which values the results are.</summary>
    public void Return(params ReadOnlySpan<string> values)
    {
        for (var i = 0; i < values.Length; i++)
            conversion.Bind(call.Results[i], values[i]);
    }

    /// <summary>Returns one node's result.</summary>
    public void Return(string op, ReadOnlySpan<string> inputs, params ReadOnlySpan<AttributeProto> attributes) =>
        Return(Node(op, inputs, attributes));

    public NotSupportedException Unsupported(string what) => new($"{call} cannot be exported: {what}");

    public static int Axis(long axis, int rank) => (int)(axis < 0 ? axis + rank : axis);

    private T Argument<T>(int i, string kind) where T : class =>
        (i < call.Arguments.Length ? call.Arguments[i] as T : null)
            ?? throw Unsupported($"argument {i} must be {kind}");
}
