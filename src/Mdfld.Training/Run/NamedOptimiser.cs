using TorchSharp.Modules;

namespace Mdfld.Training;

/// <summary>One of torch.optim's optimisers over named parameters, whose state can be saved and resumed.</summary>
public sealed class NamedOptimiser : IDisposable
{
    private const double Momentum = 0.9;

    private readonly OptimizerHelper _optimiser;
    private readonly (string Name, Parameter Tensor)[] _parameters;

    /// <summary>Weights decay, not biases and normalisations, which have one dimension.</summary>
    public NamedOptimiser(Module network, OptimiserSettings settings)
    {
        var rate = settings.LearningRate;
        _parameters = [.. network.Parameters().OrderByDescending(p => p.Tensor.ndim > 1)];
        // Adam is AdamW without decay.
        _optimiser = settings.Kind == OptimiserKind.Sgd
            ? optim.SGD(_parameters.Select(p => p.Tensor), rate, Momentum, weight_decay: settings.WeightDecay)
            : optim.AdamW(
                _parameters.GroupBy(p => p.Tensor.ndim > 1, p => p.Tensor).Select(g => new AdamW.ParamGroup(
                    g, rate, weight_decay: g.Key && settings.Kind == OptimiserKind.AdamW ? settings.WeightDecay : 0)),
                rate);
    }

    /// <summary>Step size of the next <see cref="Step"/>.</summary>
    public double LearningRate
    {
        get => _optimiser.ParamGroups.First().LearningRate;
        set
        {
            foreach (var group in _optimiser.ParamGroups)
                group.LearningRate = value;
        }
    }

    /// <summary>Takes one step and forgets the gradients.</summary>
    public void Step()
    {
        _optimiser.step();
        foreach (var (_, parameter) in _parameters)
            parameter.grad = null;
    }

    /// <summary>Moments and counters by name, "<c>parameter/moment</c>"; some in the current scope.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> State()
    {
        foreach (var (state, (name, _)) in _optimiser.state_dict().State.Zip(_parameters))
        {
            if (state is AdamW.State adam)
            {
                yield return ($"{name}/exp_avg", adam.exp_avg);
                yield return ($"{name}/exp_avg_sq", adam.exp_avg_sq);
                yield return ($"{name}/step", tensor(adam.step));
            }
            else if (state is SGD.State { momentum_buffer: { } buffer })
            {
                yield return ($"{name}/momentum_buffer", buffer);
            }
        }
    }

    /// <summary>Takes over the state that another run saved.</summary>
    /// <param name="find">Gives a tensor for a name of <see cref="State"/>, or null.</param>
    public void Restore(Func<string, Tensor?> find)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (state, (name, parameter)) in _optimiser.state_dict().State.Zip(_parameters))
        {
            if (state is AdamW.State adam && find($"{name}/step") is { } steps)
            {
                adam.step = steps.item<long>();
                Copy(adam.exp_avg, "exp_avg");
                Copy(adam.exp_avg_sq, "exp_avg_sq");
            }
            else if (state is SGD.State momentum && find($"{name}/momentum_buffer") is { } buffer)
            {
                momentum.momentum_buffer = buffer.to(parameter.device).DetachFromDisposeScope();
            }

            void Copy(Tensor moment, string what)
            {
                if (find($"{name}/{what}") is { } value)
                    moment.copy_(value);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _optimiser.Dispose();
}
