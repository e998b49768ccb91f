namespace Mdfld.Torch;

/// <summary>
/// Changes parameters by their gradients. Its state has names, so that a run can be saved and resumed.
/// </summary>
public abstract class Optimiser : IDisposable
{
    private readonly SortedDictionary<string, Tensor> _state = new(StringComparer.Ordinal);

    /// <param name="parameters">Named parameters; those without a gradient are left alone.</param>
    /// <param name="learningRate">Step size; change it between steps as a schedule says.</param>
    protected Optimiser(IEnumerable<(string Name, Tensor Tensor)> parameters, double learningRate) =>
        (Parameters, LearningRate) = ([.. parameters], learningRate);

    /// <summary>Step size of the next <see cref="Step"/>.</summary>
    public double LearningRate { get; set; }

    /// <summary>Steps taken.</summary>
    public long Steps { get; private set; }

    /// <summary>The parameters it changes.</summary>
    protected IReadOnlyList<(string Name, Tensor Tensor)> Parameters { get; }

    /// <summary>Moments and counters by name, "<c>parameter/moment</c>"; owned by the optimiser.</summary>
    public IReadOnlyDictionary<string, Tensor> State => _state;

    /// <summary>Takes one step and forgets the gradients.</summary>
    public void Step()
    {
        Steps++;
        using var noGrad = Autograd.NoGrad();
        foreach (var (name, parameter) in Parameters)
        {
            using var gradient = parameter.Grad;
            if (gradient is null)
                continue;
            Update(name, parameter, gradient);
            parameter.ClearGrad();
        }
    }

    /// <summary>Takes up the state another run saved.</summary>
    /// <param name="steps">Its <see cref="Steps"/>.</param>
    /// <param name="state">Its <see cref="State"/>; copied.</param>
    public void Restore(long steps, IEnumerable<KeyValuePair<string, Tensor>> state)
    {
        Steps = steps;
        foreach (var (key, value) in state)
            Replace(key, value.Clone());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in _state.Values)
            tensor.Dispose();
        _state.Clear();
        GC.SuppressFinalize(this);
    }

    /// <summary>Changes one parameter.</summary>
    protected abstract void Update(string name, Tensor parameter, Tensor gradient);

    /// <summary>A state tensor of a parameter's shape, zero at first.</summary>
    protected Tensor StateOf(string name, string moment, Tensor parameter)
    {
        var key = $"{name}/{moment}";
        if (!_state.TryGetValue(key, out var tensor))
            tensor = Replace(key, Tensor.Zeros(parameter.Shape, parameter.Type, parameter.Device));
        return tensor;
    }

    private Tensor Replace(string key, Tensor value)
    {
        if (_state.TryGetValue(key, out var old))
            old.Dispose();
        return _state[key] = TensorScope.Detach(value);
    }
}
