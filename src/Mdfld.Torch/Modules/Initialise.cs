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

    /// <summary>
    /// Draws all weights of a network anew, <see cref="HeNormal(long[], long)"/>, from a generator of the caller's: the
    /// same on every version of libtorch, whatever else runs beside it. Biases and normalisations stay as they are.
    /// </summary>
    public static void HeNormal(Module network, Random random) =>
        Redraw(network, (values, fanIn) =>
        {
            var deviation = Math.Sqrt(2.0 / fanIn);
            for (var i = 0; i < values.Length; i++)
            {
                var radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
                values[i] = (float)(deviation * radius * Math.Cos(Math.Tau * random.NextDouble()));
            }
        });

    /// <summary>As <see cref="HeNormal(Module, Random)"/>, with <see cref="Uniform(long[], long)"/>.</summary>
    public static void Uniform(Module network, Random random) =>
        Redraw(network, (values, fanIn) =>
        {
            var limit = 1 / Math.Sqrt(fanIn);
            for (var i = 0; i < values.Length; i++)
                values[i] = (float)(limit * ((2 * random.NextDouble()) - 1));
        });

    /// <summary>Makes all parameters of a part zero: what it gives is nothing until it is trained.</summary>
    public static void Zero(Module part)
    {
        using var noGrad = Autograd.NoGrad();
        foreach (var (_, parameter) in part.Parameters())
            parameter.ZeroInPlace();
    }

    private static void Redraw(Module network, Action<float[], long> draw)
    {
        foreach (var (_, weight) in network.Parameters().Where(p => p.Tensor.Dimensions > 1))
        {
            var values = new float[weight.Count];
            draw(values, weight.Count / weight.Shape[0]);
            weight.Overwrite<float>(values);
        }
    }
}
