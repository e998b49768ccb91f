namespace Mdfld.Training;

/// <summary>
/// First values of weights, from a generator of the caller's: the same on every version of libtorch, whatever else
/// runs beside it. Biases and normalisations stay as they are.
/// </summary>
public static class WeightInitialisation
{
    /// <summary>All weights of a network: normal with variance 2 / fan-in (He et al. 2015).</summary>
    public static void HeNormal(Module network, Random random) => DrawAll(network, fanIn =>
    {
        var deviation = Math.Sqrt(2.0 / fanIn);
        return () =>
        {
            var radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            return deviation * radius * Math.Cos(Math.Tau * random.NextDouble());
        };
    });

    /// <summary>All weights of a network: uniform in +-1/sqrt(fan-in), PyTorch's default.</summary>
    public static void Uniform(Module network, Random random) => DrawAll(network, UniformDraw(random));

    /// <summary>One weight, (out, in, ...), as <see cref="Uniform(Module, Random)"/>.</summary>
    public static void Uniform(Tensor weight, Random random) => Draw(weight, UniformDraw(random));

    /// <summary>Makes all parameters zero, or those of one part.</summary>
    public static void Zero(Module network, string part = "")
    {
        using var noGrad = no_grad();
        foreach (var (name, parameter) in network.Parameters())
        {
            if (part.Length == 0 || name.StartsWith(part + '.', StringComparison.Ordinal))
                parameter.zero_();
        }
    }

    private static Func<long, Func<double>> UniformDraw(Random random) => fanIn =>
    {
        var limit = 1 / Math.Sqrt(fanIn);
        return () => limit * ((2 * random.NextDouble()) - 1);
    };

    private static void DrawAll(Module network, Func<long, Func<double>> distribution)
    {
        foreach (var (_, weight) in network.Parameters().Where(p => p.Tensor.ndim > 1))
            Draw(weight, distribution);
    }

    private static void Draw(Tensor weight, Func<long, Func<double>> distribution)
    {
        var values = new float[weight.NumberOfElements];
        var draw = distribution(weight.NumberOfElements / weight.shape[0]);
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)draw();
        weight.Overwrite<float>(values);
    }
}
