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

    /// <summary>
    /// A change of the weight that is trained in its place; null for none. It is not one of the parameters.
    /// </summary>
    public LowRank? Change { get; set; }

    /// <summary>(..., in) to (..., out).</summary>
    public Tensor Forward(Tensor x)
    {
        var y = x.Linear(_weight, _bias);
        return Change is null ? y : y + Change.Forward(x);
    }

    /// <summary>Adds the change to the weight and forgets it.</summary>
    public void Merge()
    {
        if (Change is null)
            return;
        using var noGrad = Autograd.NoGrad();
        using var product = Change.Product();
        _weight.AddInPlace(product);
        Change = null;
    }
}
