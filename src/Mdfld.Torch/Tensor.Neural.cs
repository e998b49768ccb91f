namespace Mdfld.Torch;

/// <content>What networks are made of; pictures are (N, C, H, W). Names and meanings as in
/// torch.nn.functional.</content>
public sealed partial class Tensor
{
    private static readonly Operator Conv2dOp = new("aten::conv2d");
    private static readonly Operator LinearOp = new("aten::linear");
    private static readonly Operator BatchNormOp = new("aten::batch_norm");
    private static readonly Operator InstanceNormOp = new("aten::instance_norm");
    private static readonly Operator GroupNormOp = new("aten::group_norm");
    private static readonly Operator LayerNormOp = new("aten::layer_norm");
    private static readonly Operator EmbeddingOp = new("aten::embedding");
    private static readonly Operator PadOp = new("aten::constant_pad_nd");
    private static readonly Operator TriuOp = new("aten::triu");
    private static readonly Operator GeluOp = new("aten::gelu");
    private static readonly Operator ReluOp = new("aten::relu");
    private static readonly Operator SiluOp = new("aten::silu");
    private static readonly Operator HardswishOp = new("aten::hardswish");
    private static readonly Operator SigmoidOp = new("aten::sigmoid");
    private static readonly Operator LogSigmoidOp = new("aten::log_sigmoid");
    private static readonly Operator SoftmaxOp = new("aten::softmax", "int");
    private static readonly Operator LogSoftmaxOp = new("aten::log_softmax", "int");
    private static readonly Operator MaxPool2dOp = new("aten::max_pool2d");
    private static readonly Operator AvgPool2dOp = new("aten::avg_pool2d");
    private static readonly Operator UpsampleNearestOp = new("aten::upsample_nearest2d");
    private static readonly Operator UpsampleBilinearOp = new("aten::upsample_bilinear2d");

    /// <summary>
    /// Convolution, the same in both directions; <paramref name="weight"/> is (out, in / groups, kh, kw).
    /// </summary>
    public Tensor Conv2d(
        Tensor weight, Tensor? bias = null, long stride = 1, long padding = 0, long dilation = 1, long groups = 1) =>
        Conv2dOp.Call(this, weight, bias, Pair(stride), Pair(padding), Pair(dilation), groups);

    /// <summary>x W^T + b.</summary>
    public Tensor Linear(Tensor weight, Tensor? bias = null) => LinearOp.Call(this, weight, bias);

    /// <summary>Batch normalisation; in training the running statistics are changed in place.</summary>
    public Tensor BatchNorm(
        Tensor weight, Tensor bias, Tensor runningMean, Tensor runningVar, bool training, double momentum,
        double epsilon) =>
        BatchNormOp.Call(this, weight, bias, runningMean, runningVar, training, momentum, epsilon, false);

    /// <summary>Every channel of every picture to mean 0 and (biased) variance 1, by its own statistics.</summary>
    public Tensor InstanceNorm(double epsilon = 1e-5) =>
        InstanceNormOp.Call(
            this, Argument.None, Argument.None, Argument.None, Argument.None, true, 0.1, epsilon, false);

    /// <summary>
    /// Every group of neighbouring channels of every picture to mean 0 and variance 1, then scaled by channel.
    /// </summary>
    public Tensor GroupNorm(long groups, Tensor weight, Tensor bias, double epsilon) =>
        GroupNormOp.Call(this, groups, weight, bias, epsilon, true);

    /// <summary>The last dimension to mean 0 and variance 1, then scaled by element.</summary>
    public Tensor LayerNorm(Tensor weight, Tensor bias, double epsilon) =>
        LayerNormOp.Call(this, weight.Shape, weight, bias, epsilon, true);

    /// <summary>The rows of this (n, d) that <paramref name="indices"/> (int64, any shape) name: (..., d).</summary>
    public Tensor Embedding(Tensor indices) => EmbeddingOp.Call(this, indices);

    /// <summary>Zeros around pictures.</summary>
    public Tensor Pad(long left, long right, long top, long bottom) =>
        PadOp.Call(this, new[] { left, right, top, bottom }, 0.0);

    /// <summary>Zero below the given diagonal of the last two dimensions.</summary>
    public Tensor Triu(long diagonal = 0) => TriuOp.Call(this, diagonal);

    /// <summary>x times the normal distribution's share below x, exactly (by erf), not by the tanh formula.</summary>
    public Tensor Gelu() => GeluOp.Call(this);

    public Tensor Relu() => ReluOp.Call(this);

    public Tensor Silu() => SiluOp.Call(this);

    public Tensor Hardswish() => HardswishOp.Call(this);

    public Tensor Sigmoid() => SigmoidOp.Call(this);

    public Tensor LogSigmoid() => LogSigmoidOp.Call(this);

    public Tensor Softmax(long dimension) => SoftmaxOp.Call(this, dimension, Argument.None);

    public Tensor LogSoftmax(long dimension) => LogSoftmaxOp.Call(this, dimension, Argument.None);

    public Tensor MaxPool2d(long kernel, long stride, long padding = 0) =>
        MaxPool2dOp.Call(this, Pair(kernel), Pair(stride), Pair(padding));

    public Tensor AvgPool2d(long kernel, long stride, long padding = 0) =>
        AvgPool2dOp.Call(this, Pair(kernel), Pair(stride), Pair(padding));

    /// <summary>Enlarged to (height, width) by repeating pixels.</summary>
    public Tensor UpsampleNearest2d(long height, long width) =>
        UpsampleNearestOp.Call(this, new[] { height, width }, Argument.None, Argument.None);

    /// <summary>
    /// Enlarged to (height, width) by bilinear interpolation between pixel centres (align_corners false).
    /// </summary>
    public Tensor UpsampleBilinear2d(long height, long width) =>
        UpsampleBilinearOp.Call(this, new[] { height, width }, false, Argument.None, Argument.None);

    private static long[] Pair(long value) => [value, value];
}
