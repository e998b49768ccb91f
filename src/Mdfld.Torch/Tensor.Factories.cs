namespace Mdfld.Torch;

public sealed partial class Tensor
{
    private static readonly Operator EmptyOp = new("aten::empty", "memory_format");
    private static readonly Operator ZerosOp = new("aten::zeros");
    private static readonly Operator OnesOp = new("aten::ones");
    private static readonly Operator FullOp = new("aten::full");
    private static readonly Operator ArangeOp = new("aten::arange", "start");
    private static readonly Operator RandnOp = new("aten::randn");
    private static readonly Operator RandOp = new("aten::rand");

    /// <summary>Whatever the memory held: to be filled. Large ones take no memory until they are written to.</summary>
    public static Tensor Empty(long[] shape, ScalarType type = ScalarType.Float32, Device device = default) =>
        EmptyOp.Call(shape, type, Argument.None, device);

    /// <summary>All zero.</summary>
    public static Tensor Zeros(long[] shape, ScalarType type = ScalarType.Float32, Device device = default) =>
        ZerosOp.Call(shape, type, Argument.None, device);

    /// <summary>All one.</summary>
    public static Tensor Ones(long[] shape, ScalarType type = ScalarType.Float32, Device device = default) =>
        OnesOp.Call(shape, type, Argument.None, device);

    /// <summary>All the same.</summary>
    public static Tensor Full(
        long[] shape, double value, ScalarType type = ScalarType.Float32, Device device = default) =>
        FullOp.Call(shape, value, type, Argument.None, device);

    /// <summary>start, start + 1, ... below end.</summary>
    public static Tensor Arange(
        double start, double end, ScalarType type = ScalarType.Float32, Device device = default) =>
        ArangeOp.Call(start, end, type, Argument.None, device);

    /// <summary>Normal random numbers, mean 0, variance 1, from libtorch's generator.</summary>
    public static Tensor Randn(long[] shape, ScalarType type = ScalarType.Float32, Device device = default) =>
        RandnOp.Call(shape, type, Argument.None, device);

    /// <summary>Uniform random numbers in [0, 1), from libtorch's generator.</summary>
    public static Tensor Rand(long[] shape, ScalarType type = ScalarType.Float32, Device device = default) =>
        RandOp.Call(shape, type, Argument.None, device);
}
