namespace Mdfld.Training;

/// <summary>
/// First values of weights, from a generator of the caller's: the same on every version of libtorch, whatever else
/// runs beside it. Biases and normalisations stay as they are.
/// </summary>
public static class WeightInitialisation
{
    /// <summary>
    /// All weights of a network, or of one part: normal with variance 2 / fan-in (He et al. 2015), times gain squared.
    /// </summary>
    public static void HeNormal(Module network, Random random, string part = "", double gain = 1)
    {
        foreach (var weight in Weights(network, part))
        {
            var deviation = gain * Math.Sqrt(2.0 / FanIn(weight));
            Draw(weight, () =>
            {
                var radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
                return deviation * radius * Math.Cos(Math.Tau * random.NextDouble());
            });
        }
    }

    /// <summary>All weights of a network: uniform in +-1/sqrt(fan-in), PyTorch's default.</summary>
    public static void Uniform(Module network, Random random)
    {
        foreach (var weight in Weights(network, ""))
            Uniform(weight, random);
    }

    /// <summary>One weight, (out, in, ...), as <see cref="Uniform(Module, Random)"/>.</summary>
    public static void Uniform(Tensor weight, Random random)
    {
        var limit = 1 / Math.Sqrt(FanIn(weight));
        Draw(weight, () => limit * ((2 * random.NextDouble()) - 1));
    }

    /// <summary>Makes all parameters zero, or those of one part.</summary>
    public static void Zero(Module network, string part = "")
    {
        using var noGrad = no_grad();
        foreach (var parameter in Parameters(network, part))
            parameter.zero_();
    }

    private static IEnumerable<Tensor> Parameters(Module network, string part) => network.Parameters()
        .Where(p => part.Length == 0 || p.Name.StartsWith(part + '.', StringComparison.Ordinal)).Select(p => p.Tensor);

    private static IEnumerable<Tensor> Weights(Module network, string part) =>
        Parameters(network, part).Where(p => p.ndim > 1);

    private static long FanIn(Tensor weight) => weight.NumberOfElements / weight.shape[0];

    private static void Draw(Tensor weight, Func<double> draw)
    {
        var values = new float[weight.NumberOfElements];
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)draw();
        weight.Overwrite<float>(values);
    }
}
