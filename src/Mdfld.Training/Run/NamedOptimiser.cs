using TorchSharp.Modules;

namespace Mdfld.Training;

/// <summary>One of torch.optim's optimisers over named parameters, whose state can be saved and resumed.</summary>
public sealed class NamedOptimiser : IDisposable
{
    private const double Momentum = 0.9;
    private const string StepName = "step";

    private readonly OptimizerHelper _optimiser;
    private readonly string[] _names;

    /// <summary>Weights decay, not biases and normalisations, which have one dimension.</summary>
    public NamedOptimiser(Module network, OptimiserSettings settings)
    {
        var (rate, decay) = (settings.LearningRate, settings.WeightDecay);
        var (weights, others) = (network.Parameters().Where(IsWeight).ToArray(), network.Parameters().Where(p => !IsWeight(p)).ToArray());
        _names = [.. weights.Concat(others).Select(p => p.Name)];
        var parameters = weights.Concat(others).Select(p => p.Tensor);
        _optimiser = settings.Kind switch
        {
            OptimiserKind.Sgd => optim.SGD(parameters, rate, Momentum, weight_decay: decay),
            OptimiserKind.Adam => optim.Adam(parameters, rate),
            _ => optim.AdamW(
                new[] { (weights, decay), (others, 0) }.Where(g => g.Item1.Length > 0).Select(g =>
                    new AdamW.ParamGroup(g.Item1.Select(p => p.Tensor), rate, weight_decay: g.Item2)),
                rate),
        };

        static bool IsWeight((string Name, Parameter Tensor) parameter) => parameter.Tensor.ndim > 1;
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
        foreach (var parameter in _optimiser.parameters())
            parameter.grad = null;
    }

    /// <summary>
    /// Moments and counters by name, "<c>parameter/moment</c>": the optimiser's own, or in the current scope.
    /// </summary>
    public IEnumerable<(string Name, Tensor Tensor)> State()
    {
        foreach (var (state, name) in _optimiser.state_dict().State.Zip(_names))
        {
            switch (state)
            {
                case Adam.State adam:
                    yield return ($"{name}/exp_avg", adam.exp_avg);
                    yield return ($"{name}/exp_avg_sq", adam.exp_avg_sq);
                    yield return ($"{name}/{StepName}", tensor(adam.step));
                    break;
                case AdamW.State adam:
                    yield return ($"{name}/exp_avg", adam.exp_avg);
                    yield return ($"{name}/exp_avg_sq", adam.exp_avg_sq);
                    yield return ($"{name}/{StepName}", tensor(adam.step));
                    break;
                case SGD.State { momentum_buffer: { } buffer }:
                    yield return ($"{name}/momentum_buffer", buffer);
                    break;
            }
        }
    }

    /// <summary>Takes up the state another run saved.</summary>
    /// <param name="find">Gives a tensor for a name of <see cref="State"/>, or null.</param>
    public void Restore(Func<string, Tensor?> find)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        foreach (var ((state, name), parameter) in _optimiser.state_dict().State.Zip(_names).Zip(_optimiser.parameters()))
        {
            switch (state)
            {
                case Adam.State adam when find($"{name}/{StepName}") is { } steps:
                    adam.step = steps.item<long>();
                    Copy(adam.exp_avg, "exp_avg");
                    Copy(adam.exp_avg_sq, "exp_avg_sq");
                    break;
                case AdamW.State adam when find($"{name}/{StepName}") is { } steps:
                    adam.step = steps.item<long>();
                    Copy(adam.exp_avg, "exp_avg");
                    Copy(adam.exp_avg_sq, "exp_avg_sq");
                    break;
                case SGD.State momentum when find($"{name}/momentum_buffer") is { } buffer:
                    momentum.momentum_buffer = buffer.to(parameter.device).DetachFromDisposeScope();
                    break;
            }

            void Copy(Tensor moment, string what)
            {
                if (find($"{name}/{what}") is { } value)
                    moment.copy_(value);
            }
        }
    }

    public void Dispose() => _optimiser.Dispose();
}
