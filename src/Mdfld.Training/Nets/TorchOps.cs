namespace Mdfld.Training;

/// <summary>Computes with tensors; autograd records what is computed.</summary>
/// <param name="network">Has the parameters; null where none are asked for. In training batch norms learn.</param>
internal sealed class TorchOps(Module? network = null) : IOps<Tensor>
{
    private const double Momentum = 0.1;
    private const double Epsilon = 1e-5;

    public long[] Shape(Tensor x) => x.shape;

    public Tensor Conv(Tensor x, string name, int stride = 1, string? norm = null)
    {
        var weight = network![$"{name}.weight"];
        var bias = network.Find($"{name}.bias");
        var padding = (weight.shape[2] - 1) / 2;
        Tensor y;
        // In half the bits: what comes out stays so, up to the loss.
        if (network is { Training: true, ComputeType: { } type })
        {
            y = x.to(type).Convolve(weight.to(type), bias?.to(type), stride, padding);
        }
        else
        {
            y = x.Convolve(weight, bias, stride, padding);
        }
        return norm is null ? y : Norm(y, norm);
    }

    public Tensor Norm(Tensor x, string name)
    {
        var learns = network!.Training && !network.KeepsStatistics;
        if (learns)
            network[$"{name}.num_batches_tracked"].add_(1);
        return batch_norm(
            x, network[$"{name}.running_mean"], network[$"{name}.running_var"], network[$"{name}.weight"],
            network[$"{name}.bias"], learns, Momentum, Epsilon);
    }

    public Tensor InstanceNorm(Tensor x) => instance_norm(x);

    public Tensor Relu(Tensor x) => x.relu();

    public Tensor Sigmoid(Tensor x) => x.sigmoid();

    public Tensor Softmax(Tensor x) => x.softmax(-1);

    public Tensor MaxPool(Tensor x) => max_pool2d(x, 2, stride: 2);

    public Tensor Upsample(Tensor x)
    {
        var shape = x.shape;
        return upsample_nearest2d(x, [2 * shape[2], 2 * shape[3]]);
    }

    public Tensor Add(Tensor a, Tensor b) => a + b;

    public Tensor Sub(Tensor a, Tensor b) => a - b;

    public Tensor Mul(Tensor a, Tensor b) => a * b;

    public Tensor Div(Tensor a, Tensor b) => a / b;

    public Tensor MatMul(Tensor a, Tensor b) => a.matmul(b);

    public Tensor ClampMin(Tensor x, double least) => x.clamp(min: least);

    public Tensor Greater(Tensor x, double threshold) => x.detach().gt(threshold).to(x.dtype);

    public Tensor Sum(Tensor x, params long[] dimensions) => x.sum(dimensions);

    public Tensor Concat(int dimension, params Tensor[] parts) => cat(parts, dimension);

    public Tensor Slice(Tensor x, int dimension, long start, long end) => x.slice(dimension, start, end, 1);

    public Tensor Reshape(Tensor x, params long[] shape) => x.reshape(shape);

    public Tensor Constant(Tensor like, double[] values, params long[] shape) =>
        Tensor.From<double>(values, shape).to(like.dtype).to(like.device);

    public Tensor Repeat(Tensor constant, Tensor like)
    {
        var shape = constant.shape;
        shape[0] = like.shape[0];
        return constant.expand(shape);
    }
}
