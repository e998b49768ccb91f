using Mdfld.Torch;

namespace Mdfld.Training;

/// <summary>Computes with tensors; autograd records what is computed.</summary>
/// <param name="network">Has the parameters; null where none are asked for. In training batch norms learn.</param>
internal sealed class TorchOps(Module? network = null) : IOps<Tensor>
{
    private const double Momentum = 0.1;
    private const double Epsilon = 1e-5;

    private readonly Dictionary<string, Tensor> _parameters =
        network?.StateDict().ToDictionary(p => p.Name, p => p.Tensor) ?? [];

    public long[] Shape(Tensor x) => x.Shape;

    public Tensor Conv(Tensor x, string name, int stride = 1, string? norm = null)
    {
        var weight = _parameters[$"{name}.weight"];
        var bias = _parameters.GetValueOrDefault($"{name}.bias");
        var y = x.Conv2d(weight, bias, stride, padding: (weight.Shape[2] - 1) / 2);
        return norm is null ? y : Norm(y, norm);
    }

    public Tensor Norm(Tensor x, string name)
    {
        if (network!.Training)
            _parameters[$"{name}.num_batches_tracked"].AddInPlaceScalar(1);
        return x.BatchNorm(
            _parameters[$"{name}.weight"], _parameters[$"{name}.bias"],
            _parameters[$"{name}.running_mean"], _parameters[$"{name}.running_var"],
            network.Training, Momentum, Epsilon);
    }

    public Tensor InstanceNorm(Tensor x) => x.InstanceNorm();

    public Tensor Relu(Tensor x) => x.Relu();

    public Tensor Sigmoid(Tensor x) => x.Sigmoid();

    public Tensor Softmax(Tensor x) => x.Softmax(-1);

    public Tensor MaxPool(Tensor x) => x.MaxPool2d(2, stride: 2);

    public Tensor Upsample(Tensor x)
    {
        var shape = x.Shape;
        return x.UpsampleNearest2d(2 * shape[2], 2 * shape[3]);
    }

    public Tensor Add(Tensor a, Tensor b) => a + b;

    public Tensor Sub(Tensor a, Tensor b) => a - b;

    public Tensor Mul(Tensor a, Tensor b) => a * b;

    public Tensor Div(Tensor a, Tensor b) => a / b;

    public Tensor MatMul(Tensor a, Tensor b) => a.Matmul(b);

    public Tensor ClampMin(Tensor x, double least) => x.Clamp(min: least);

    public Tensor Greater(Tensor x, double threshold) => x.Detach().Greater(threshold).To(x.Type);

    public Tensor Sum(Tensor x, params long[] dimensions) => x.Sum(dimensions);

    public Tensor Concat(int dimension, params Tensor[] parts) => Tensor.Cat(parts, dimension);

    public Tensor Slice(Tensor x, int dimension, long start, long end) => x.Slice(dimension, start, end);

    public Tensor Reshape(Tensor x, params long[] shape) => x.Reshape(shape);

    public Tensor Constant(Tensor like, double[] values, params long[] shape) =>
        Tensor.From<double>(values, shape).To(like.Type).To(like.Device);

    public Tensor Repeat(Tensor constant, Tensor like)
    {
        var shape = constant.Shape;
        shape[0] = like.Shape[0];
        return constant.Expand(shape);
    }
}
