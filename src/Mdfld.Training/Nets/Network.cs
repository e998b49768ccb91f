namespace Mdfld.Training;

/// <summary>
/// A detector's network: its constructor names the parameters, in the order of the state dict; what is computed from
/// them is written once, over <see cref="IOps{T}"/>.
/// </summary>
public abstract class Network : Module
{
    private protected Network() => Ops = new TorchOps(this);

    /// <summary>The operators that run and train it.</summary>
    internal TorchOps Ops { get; }

    /// <summary>
    /// What a model file of the network gives for crops or pictures, by name and in the file's order.
    /// </summary>
    internal abstract IReadOnlyList<(string Name, T Value)> Predict<T>(IOps<T> f, T images) where T : class;

    /// <summary>Parameters of a convolution with a square kernel, drawn from libtorch's generator.</summary>
    internal void Conv(string name, int inputs, int outputs, int kernel = 1, bool bias = true)
    {
        var weight = empty([outputs, inputs, kernel, kernel]);
        nn.init.kaiming_normal_(weight, nonlinearity: nn.init.NonlinearityType.ReLU);
        AddParameter($"{name}.weight", weight);
        if (bias)
            AddParameter($"{name}.bias", zeros(outputs));
    }

    /// <summary>Parameters and running statistics of a batch normalisation.</summary>
    internal void Norm(string name, int channels)
    {
        AddParameter($"{name}.weight", ones(channels));
        AddParameter($"{name}.bias", zeros(channels));
        AddBuffer($"{name}.running_mean", zeros(channels));
        AddBuffer($"{name}.running_var", ones(channels));
        AddBuffer($"{name}.num_batches_tracked", zeros([], dtype: ScalarType.Int64));
    }
}
