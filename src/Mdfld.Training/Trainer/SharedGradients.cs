using TorchSharp.Modules;

namespace Mdfld.Training;

/// <summary>
/// One run in several processes: all begin with the first one's weights and step by the mean of their gradients, so
/// that they keep the same ones.
/// </summary>
internal sealed class SharedGradients
{
    private readonly ProcessGroup _group;
    private readonly Parameter[] _parameters;
    private readonly Device _device;

    /// <param name="group">The processes.</param>
    /// <param name="network">The network of this one; it gets the first one's weights.</param>
    /// <param name="device">Where it is.</param>
    /// <param name="step">The step this process begins with.</param>
    /// <exception cref="InvalidOperationException">The processes begin with different steps.</exception>
    public SharedGradients(ProcessGroup group, Module network, Device device, long step)
    {
        (_group, _parameters, _device) = (group, [.. network.Parameters().Select(p => p.Tensor)], device);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var first = Tensor.From<long>([step], 1).to(device);
        group.Broadcast([first]);
        var steps = first.to(CPU).ToArray<long>()[0];
        if (steps != step)
        {
            throw new InvalidOperationException(
                $"process {group.Rank} begins with step {step}, the first with {steps}: "
                + "all need the same --out folder");
        }
        group.Broadcast([.. network.StateDict().Select(t => t.Tensor)]);
    }

    /// <summary>Every gradient becomes the mean over the processes.</summary>
    /// <param name="loss">Mean loss of this process's share.</param>
    /// <param name="stop">Whether this process has been told to stop.</param>
    /// <returns>The mean loss of all, and whether any process is to stop.</returns>
    public (double Loss, bool Stop) Average(double loss, bool stop)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var state = Tensor.From<double>([loss, stop ? 1 : 0], 2).to(_device);
        _group.Average([state, .. _parameters.Select(p => p.grad).OfType<Tensor>()]);
        var mean = state.to(CPU).ToArray<double>();
        return (mean[0], mean[1] > 0);
    }
}
