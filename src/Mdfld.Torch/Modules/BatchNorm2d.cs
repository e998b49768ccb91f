namespace Mdfld.Torch;

/// <summary>
/// Batch normalisation of (N, C, H, W): parameters <c>weight</c>, <c>bias</c>; buffers <c>running_mean</c>,
/// <c>running_var</c>, <c>num_batches_tracked</c>.
/// </summary>
public sealed class BatchNorm2d : Module
{
    private readonly Tensor _weight;
    private readonly Tensor _bias;
    private readonly Tensor _mean;
    private readonly Tensor _variance;
    private readonly Tensor _batches;
    private readonly double _momentum;
    private readonly double _epsilon;

    /// <param name="channels">C.</param>
    /// <param name="momentum">Weight of a new batch in the running statistics.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public BatchNorm2d(int channels, double momentum = 0.1, double epsilon = 1e-5)
    {
        (_momentum, _epsilon) = (momentum, epsilon);
        _weight = Parameter("weight", Tensor.Ones([channels]));
        _bias = Parameter("bias", Tensor.Zeros([channels]));
        _mean = Buffer("running_mean", Tensor.Zeros([channels]));
        _variance = Buffer("running_var", Tensor.Ones([channels]));
        _batches = Buffer("num_batches_tracked", Tensor.Zeros([], ScalarType.Int64));
    }

    /// <summary>Same shape.</summary>
    public Tensor Forward(Tensor x)
    {
        if (Training)
            _batches.AddInPlaceScalar(1);
        return x.BatchNorm(_weight, _bias, _mean, _variance, Training, _momentum, _epsilon);
    }
}
