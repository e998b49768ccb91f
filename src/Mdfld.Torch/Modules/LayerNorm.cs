namespace Mdfld.Torch;

/// <summary>
/// Layer normalisation of the last dimension, Ba et al. 2016; parameters <c>weight</c> and <c>bias</c>.
/// </summary>
public sealed class LayerNorm : Module
{
    private readonly double _epsilon;
    private readonly Tensor _weight;
    private readonly Tensor _bias;

    /// <param name="features">Size of the last dimension.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public LayerNorm(int features, double epsilon = 1e-5)
    {
        _epsilon = epsilon;
        _weight = Parameter("weight", Tensor.Ones([features]));
        _bias = Parameter("bias", Tensor.Zeros([features]));
    }

    /// <summary>Same shape.</summary>
    public Tensor Forward(Tensor x) => x.LayerNorm(_weight, _bias, _epsilon);
}
