namespace Mdfld.Torch;

/// <summary>First values of weights, from libtorch's generator: seed it to have the same ones again.</summary>
public static class Initialise
{
    /// <summary>Normal with variance 2 / fan-in (He et al. 2015, for networks of rectifiers).</summary>
    public static Tensor HeNormal(long[] shape, long fanIn)
    {
        using var normal = Tensor.Randn(shape);
        return normal * Math.Sqrt(2.0 / fanIn);
    }

    /// <summary>Uniform in +-1/sqrt(fan-in), PyTorch's default for convolutions and linear layers.</summary>
    public static Tensor Uniform(long[] shape, long fanIn)
    {
        using var uniform = Tensor.Rand(shape);
        using var centred = uniform - 0.5;
        return centred * (2 / Math.Sqrt(fanIn));
    }
}
