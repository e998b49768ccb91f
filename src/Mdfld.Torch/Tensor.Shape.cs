namespace Mdfld.Torch;

/// <content>Other views, copies and places of the same elements; names and meanings as in PyTorch.</content>
public sealed partial class Tensor
{
    private static readonly Operator ReshapeOp = new("aten::reshape");
    private static readonly Operator PermuteOp = new("aten::permute");
    private static readonly Operator TransposeOp = new("aten::transpose", "int");
    private static readonly Operator UnsqueezeOp = new("aten::unsqueeze");
    private static readonly Operator SqueezeOp = new("aten::squeeze", "dim");
    private static readonly Operator ExpandOp = new("aten::expand");
    private static readonly Operator SliceOp = new("aten::slice", "Tensor");
    private static readonly Operator SelectOp = new("aten::select", "int");
    private static readonly Operator CatOp = new("aten::cat");
    private static readonly Operator StackOp = new("aten::stack");
    private static readonly Operator DetachOp = new("aten::detach");
    private static readonly Operator CloneOp = new("aten::clone");
    private static readonly Operator ContiguousOp = new("aten::contiguous");
    private static readonly Operator ToTypeOp = new("aten::to", "dtype");
    private static readonly Operator ToDeviceOp = new("aten::to", "device");
    private static readonly Operator CopyInPlaceOp = new("aten::copy_");

    /// <summary>The same elements in another shape; one size may be -1.</summary>
    public Tensor Reshape(params long[] shape) => ReshapeOp.Call(this, shape);

    public Tensor Permute(params long[] dimensions) => PermuteOp.Call(this, dimensions);

    public Tensor Transpose(long a, long b) => TransposeOp.Call(this, a, b);

    public Tensor Unsqueeze(long dimension) => UnsqueezeOp.Call(this, dimension);

    public Tensor Squeeze(long dimension) => SqueezeOp.Call(this, dimension);

    /// <summary>Repeats sizes of one without copying; -1 keeps a size.</summary>
    public Tensor Expand(params long[] shape) => ExpandOp.Call(this, shape);

    /// <summary>Elements start to end (excluded) of a dimension.</summary>
    public Tensor Slice(long dimension, long start, long end, long step = 1) =>
        SliceOp.Call(this, dimension, start, end, step);

    /// <summary>One index of a dimension, which vanishes.</summary>
    public Tensor Select(long dimension, long index) => SelectOp.Call(this, dimension, index);

    /// <summary>Joins along an existing dimension.</summary>
    public static Tensor Cat(Tensor[] tensors, long dimension) => CatOp.Call(tensors, dimension);

    /// <summary>Joins along a new dimension.</summary>
    public static Tensor Stack(Tensor[] tensors, long dimension) => StackOp.Call(tensors, dimension);

    /// <summary>The same memory, cut off from what was recorded.</summary>
    public Tensor Detach() => DetachOp.Call(this);

    /// <summary>A copy.</summary>
    public Tensor Clone() => CloneOp.Call(this);

    /// <summary>Itself without gaps, copied if it has some.</summary>
    public Tensor Contiguous() => ContiguousOp.Call(this);

    /// <summary>With elements of another type.</summary>
    public Tensor To(ScalarType type) => ToTypeOp.Call(this, type);

    /// <summary>On another device.</summary>
    public Tensor To(Device device) => ToDeviceOp.Call(this, device, Type);

    /// <summary>In place: the elements of <paramref name="source"/>, converted and broadcast.</summary>
    public void CopyInPlace(Tensor source) => CopyInPlaceOp.Call(this, source).Dispose();
}
