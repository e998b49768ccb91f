using Mdfld.Torch.Native;

namespace Mdfld.Torch;

/// <summary>One argument of an operator: a tensor, a number, a list, or nothing. Values convert implicitly.</summary>
public readonly struct Argument
{
    private Argument(ValueKind kind, long integer = 0, double real = 0, object? reference = null) =>
        (Kind, Integer, Real, Reference) = (kind, integer, real, reference);

    /// <summary>"No value", for optional arguments.</summary>
    public static Argument None => default;

    internal ValueKind Kind { get; }

    internal long Integer { get; }

    internal double Real { get; }

    /// <summary>The tensor, long[], double[], bool[], Tensor?[] or string that the kind calls for.</summary>
    public object? Reference { get; }

    public static implicit operator Argument(Tensor? tensor) =>
        tensor is null ? None : new(ValueKind.Tensor, reference: tensor);

    public static implicit operator Argument(long value) => new(ValueKind.Int, integer: value);

    public static implicit operator Argument(double value) => new(ValueKind.Double, real: value);

    public static implicit operator Argument(bool value) => new(ValueKind.Bool, integer: value ? 1 : 0);

    public static implicit operator Argument(long[] values) => new(ValueKind.IntList, reference: values);

    public static implicit operator Argument(double[] values) => new(ValueKind.DoubleList, reference: values);

    public static implicit operator Argument(bool[] values) => new(ValueKind.BoolList, reference: values);

    public static implicit operator Argument(Tensor?[] values) => new(ValueKind.TensorList, reference: values);

    public static implicit operator Argument(string value) => new(ValueKind.String, reference: value);

    public static implicit operator Argument(ScalarType value) => new(ValueKind.Int, integer: (long)value);

    public static implicit operator Argument(Device value) => new(ValueKind.Device, reference: value.ToString());
}
