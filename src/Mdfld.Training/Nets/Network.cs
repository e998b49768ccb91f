using Mdfld.Torch;

namespace Mdfld.Training;

/// <summary>
/// A detector's network: its constructor names the parameters, in the order of the state dict; what is computed from
/// them is written once, over <see cref="IOps{T}"/>.
/// </summary>
public abstract class Network : Module
{
    private TorchOps? _ops;

    private protected Network()
    {
    }

    /// <summary>The operators that run and train it.</summary>
    internal TorchOps Ops => _ops ??= new TorchOps(this);

    /// <summary>
    /// What a model file of the network gives for crops or pictures, by name and in the file's order.
    /// </summary>
    internal abstract IReadOnlyList<(string Name, T Value)> Predict<T>(IOps<T> f, T images) where T : class;

    /// <summary>Parameters of a convolution with a square kernel.</summary>
    internal void Conv(string name, int inputs, int outputs, int kernel = 1, bool bias = true) =>
        Child(name, new Conv2d(inputs, outputs, kernel, bias: bias));

    /// <summary>Parameters of a batch normalisation.</summary>
    internal void Norm(string name, int channels) => Child(name, new BatchNorm2d(channels));
}
