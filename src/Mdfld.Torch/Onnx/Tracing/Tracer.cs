using Mdfld.Torch.Native;

namespace Mdfld.Torch.Onnx;

/// <summary>A tensor as one trace saw it. Identity counts: two with equal content are two.</summary>
/// <param name="shape">Its sizes.</param>
/// <param name="type">Element type.</param>
/// <param name="data">Elements in C order where it does not depend on the input, else null.</param>
/// <param name="name">The parameter's name, where it has one.</param>
internal sealed class TracedTensor(long[] shape, ScalarType type, byte[]? data = null, string? name = null)
{
    public long[] Shape => shape;

    public ScalarType Type => type;

    public byte[]? Data => data;

    public string? Name => name;

    /// <summary>Copies the elements of a tensor that does not depend on the input.</summary>
    public static TracedTensor Constant(Tensor tensor, string? name = null)
    {
        var data = new byte[tensor.Count * tensor.Type.ByteSize];
        tensor.CopyTo(data);
        return new(tensor.Shape, tensor.Type, data, name);
    }
}

/// <summary>
/// A call of an operator. An argument is null, long, double, bool, string, a list of one of the first three, a
/// <see cref="TracedTensor"/>, or a list of those.
/// </summary>
internal sealed record TracedCall(string Operator, string Overload, object?[] Arguments, TracedTensor[] Results);

/// <summary>
/// Records, while it lives, the operators that this thread calls on tensors that depend on the input. Everything else
/// is a constant, whatever operators computed it.
/// </summary>
internal sealed class Tracer : IOperatorObserver, IDisposable
{
    private readonly IOperatorObserver? _outer = Operator.Observer;
    private readonly Dictionary<Tensor, TracedTensor> _dependent = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Tensor, TracedTensor> _constants = new(ReferenceEqualityComparer.Instance);
    private readonly IReadOnlyDictionary<Tensor, TracedTensor> _parameters;
    private readonly List<TracedCall> _calls = [];

    /// <param name="parameters">Constants known beforehand, by the tensors that hold them.</param>
    public Tracer(IReadOnlyDictionary<Tensor, TracedTensor> parameters)
    {
        _parameters = parameters;
        Operator.Observer = this;
    }

    /// <summary>The calls so far, in order.</summary>
    public IReadOnlyList<TracedCall> Calls => _calls;

    /// <summary>Declares a tensor an input.</summary>
    public TracedTensor Input(Tensor tensor) => _dependent[tensor] = new TracedTensor(tensor.Shape, tensor.Type);

    /// <summary>What the trace knows of a tensor.</summary>
    public TracedTensor Find(Tensor tensor)
    {
        if (_dependent.TryGetValue(tensor, out var known)
            || _parameters.TryGetValue(tensor, out known)
            || _constants.TryGetValue(tensor, out known))
            return known;
        return _constants[tensor] = TracedTensor.Constant(tensor);
    }

    /// <inheritdoc/>
    public void Called(Operator op, ReadOnlySpan<Argument> arguments, IReadOnlyList<Tensor?> results)
    {
        var dependent = false;
        foreach (var argument in arguments)
            dependent |= DependsOnInput(argument);
        var inPlace = op.Name.EndsWith('_');
        if (!dependent)
        {
            // What was copied before may have been changed.
            if (inPlace)
                _constants.Clear();
            return;
        }
        if (inPlace)
        {
            throw new NotSupportedException(
                $"{op} changes a tensor in place, which graphs cannot; networks to be exported call {op.Name[..^1]}");
        }

        var recorded = new object?[arguments.Length];
        for (var i = 0; i < recorded.Length; i++)
            recorded[i] = Record(arguments[i]);
        var traced = new List<TracedTensor>();
        foreach (var result in results)
        {
            if (result is not null)
                traced.Add(_dependent[result] = new TracedTensor(result.Shape, result.Type));
        }
        _calls.Add(new TracedCall(op.Name, op.Overload, recorded, [.. traced]));
    }

    public void Dispose() => Operator.Observer = _outer;

    private bool DependsOnInput(in Argument argument) => argument.Reference switch
    {
        Tensor tensor => _dependent.ContainsKey(tensor),
        Tensor?[] tensors => tensors.Any(tensor => tensor is not null && _dependent.ContainsKey(tensor)),
        _ => false,
    };

    private object? Record(in Argument argument) => argument.Kind switch
    {
        ValueKind.Int => argument.Integer,
        ValueKind.Double => argument.Real,
        ValueKind.Bool => argument.Integer != 0,
        _ => argument.Reference switch
        {
            Tensor tensor => Find(tensor),
            Tensor?[] tensors => Array.ConvertAll(tensors, tensor => tensor is null ? null : Find(tensor)),
            Array list => list.Clone(),
            var other => other,
        },
    };
}
