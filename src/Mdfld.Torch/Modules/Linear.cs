namespace Mdfld.Torch;

/// <summary>x W^T + b over the last dimension, parameters <c>weight</c> and <c>bias</c>.</summary>
public sealed class Linear : Module
{
    private readonly Tensor _weight;
    private readonly Tensor? _bias;

    /// <summary>The weight is to be loaded or drawn (<see cref="Initialise"/>); the bias is zero.</summary>
    /// <param name="inFeatures">Size of the last dimension that comes in.</param>
    /// <param name="outFeatures">Size of the one that goes out.</param>
    /// <param name="bias">Whether a bias is added.</param>
    public Linear(int inFeatures, int outFeatures, bool bias = true)
    {
        _weight = Parameter("weight", Tensor.Empty([outFeatures, inFeatures]));
        if (bias)
            _bias = Parameter("bias", Tensor.Zeros([outFeatures]));
    }

    /// <summary>(..., in) to (..., out).</summary>
    public Tensor Forward(Tensor x) => x.Linear(_weight, _bias);
}
