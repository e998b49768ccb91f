using TorchSharp.Modules;

namespace Mdfld.Training;

/// <summary>
/// A slowly following copy of a network: e = d e + (1 - d) p for parameters and floating-point buffers after every
/// step, integer buffers copied (as STAR keeps its network <c>net_ema</c>).
/// </summary>
internal sealed class ExponentialMovingAverage : IDisposable
{
    private readonly IReadOnlyList<(string Name, Tensor Tensor)> _source;
    private readonly Dictionary<string, Tensor> _average;

    /// <summary>Starts as a copy of the network.</summary>
    public ExponentialMovingAverage(Module network)
    {
        using var noGrad = no_grad();
        // Holds what lies between two operators: the garbage collector would end it while libtorch still reads it.
        using var scope = NewDisposeScope();
        _source = [.. network.StateDict()];
        _average = _source.ToDictionary(t => t.Name, t => t.Tensor.detach().clone().DetachFromDisposeScope());
    }

    /// <summary>The averaged tensors by name, in the network's order; owned here.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> StateDict() => _source.Select(t => (t.Name, _average[t.Name]));

    /// <summary>Follows the network by one step; the decay d is near 1.</summary>
    public void Update(double decay)
    {
        using var noGrad = no_grad();
        using var rest = (1 - decay).ToScalar();
        using var kept = decay.ToScalar();
        foreach (var (name, tensor) in _source)
        {
            // A frozen weight's average is what it began as: d e + (1 - d) e is off by a rounding.
            if (tensor is Parameter { requires_grad: false })
                continue;
            var average = _average[name];
            if (average.dtype is ScalarType.Float32 or ScalarType.Float64)
                average.mul_(kept).add_(tensor, rest);
            else
                average.copy_(tensor);
        }
    }

    /// <summary>Copies the averages into a network of the same make.</summary>
    public void CopyTo(Module network) =>
        network.LoadStateDict(name => _average.GetValueOrDefault(name)?.detach(), "moving average");

    /// <summary>Takes over the averages that another run saved.</summary>
    public void Restore(Func<string, Tensor?> find, string source)
    {
        using var noGrad = no_grad();
        foreach (var (name, average) in _average)
        {
            using var value = find(name)
                ?? throw new InvalidDataException($"{source}: expected the average of '{name}', found none");
            average.copy_(value);
        }
    }

    public void Dispose()
    {
        foreach (var tensor in _average.Values)
            tensor.Dispose();
        _average.Clear();
    }
}
