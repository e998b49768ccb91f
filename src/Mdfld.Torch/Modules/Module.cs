namespace Mdfld.Torch;

/// <summary>
/// A part of a network: parameters, buffers and children under the names they have in a PyTorch state dict. A module
/// owns its tensors; disposing the outermost one releases them all.
/// </summary>
public abstract class Module : IDisposable
{
    private readonly List<(string Name, Tensor Tensor)> _parameters = [];
    private readonly List<(string Name, Tensor Tensor)> _buffers = [];
    private readonly List<(string Name, Module Module)> _children = [];

    /// <summary>Whether batch statistics are used and gathered.</summary>
    public bool Training { get; private set; } = true;

    /// <summary>Switches this module and everything in it between training and evaluation.</summary>
    public void Train(bool training = true)
    {
        Training = training;
        foreach (var (_, child) in _children)
            child.Train(training);
    }

    /// <summary><see cref="Train"/>(false).</summary>
    public void Eval() => Train(false);

    /// <summary>
    /// All parameters with their full names: own ones first, then those of the children, as registered.
    /// </summary>
    public IEnumerable<(string Name, Tensor Tensor)> Parameters() => Walk("", m => m._parameters);

    /// <summary>All buffers (running statistics, fixed matrices) with their full names.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> Buffers() => Walk("", m => m._buffers);

    /// <summary>In the order of PyTorch's state_dict: a module's parameters, its buffers, its children.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> StateDict() => Walk("", m => m._parameters.Concat(m._buffers));

    /// <summary>Copies values by name into the parameters and buffers.</summary>
    /// <param name="find">Gives a tensor for a name, or null; what it gives is disposed here.</param>
    /// <param name="source">What the values come from, for the message: a file's name.</param>
    /// <param name="mayStay">Names whose values stay where there is none for them; null: none may.</param>
    /// <exception cref="InvalidDataException">A value is missing or has another shape.</exception>
    public void LoadStateDict(Func<string, Tensor?> find, string source, Func<string, bool>? mayStay = null)
    {
        using var noGrad = Autograd.NoGrad();
        foreach (var (name, own) in StateDict())
        {
            using var value = find(name);
            if (value is null)
            {
                if (mayStay?.Invoke(name) == true)
                    continue;
                throw new InvalidDataException(
                    $"{source}: expected a tensor '{name}', found none; is it a checkpoint of this network?");
            }
            var (found, expected) = (value.Shape, own.Shape);
            if (!found.AsSpan().SequenceEqual(expected))
            {
                throw new InvalidDataException(
                    $"{source}: '{name}' has the shape [{string.Join(", ", found)}], "
                    + $"expected [{string.Join(", ", expected)}]");
            }
            own.CopyInPlace(value);
        }
    }

    /// <summary>Moves all tensors to a device; parameters forget their gradients.</summary>
    /// <param name="device">Where they go.</param>
    /// <param name="type">What fractions become; null leaves them. Integers stay what they are.</param>
    public void To(Device device, ScalarType? type = null)
    {
        using var noGrad = Autograd.NoGrad();
        foreach (var (_, tensor) in StateDict())
            tensor.MoveTo(device, type is { } t && tensor.Type.IsFloatingPoint ? t : tensor.Type);
    }

    /// <summary>Whether operators on the parameters are recorded for backward: false freezes the module.</summary>
    public void RequireGrad(bool required)
    {
        foreach (var (_, tensor) in Parameters())
            tensor.RequiresGrad = required;
    }

    /// <summary>The part of a name, such as <c>down_blocks.0.resnets.1</c>.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public Module Part(string name)
    {
        foreach (var (child, module) in _children)
        {
            if (name == child)
                return module;
            if (name.StartsWith(child + '.', StringComparison.Ordinal))
                return module.Part(name[(child.Length + 1)..]);
        }
        throw new ArgumentException($"{GetType().Name} has no part '{name}'");
    }

    /// <summary>Number of parameters.</summary>
    public long ParameterCount() => Parameters().Sum(p => p.Tensor.Count);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var module in Modules())
        {
            foreach (var (_, tensor) in module._parameters.Concat(module._buffers))
                tensor.Dispose();
        }
        GC.SuppressFinalize(this);
    }

    /// <summary>Registers a parameter: a leaf that takes gradients and that no tensor scope disposes.</summary>
    protected Tensor Parameter(string name, Tensor value)
    {
        TensorScope.Detach(value).RequiresGrad = true;
        _parameters.Add((name, value));
        return value;
    }

    /// <summary>Registers a tensor that is saved but not trained.</summary>
    protected Tensor Buffer(string name, Tensor value)
    {
        _buffers.Add((name, TensorScope.Detach(value)));
        return value;
    }

    /// <summary>Registers a part.</summary>
    protected T Child<T>(string name, T module) where T : Module
    {
        _children.Add((name, module));
        return module;
    }

    /// <summary>Every module of the tree, this one first.</summary>
    private IEnumerable<Module> Modules() => _children.SelectMany(c => c.Module.Modules()).Prepend(this);

    private IEnumerable<(string Name, Tensor Tensor)> Walk(
        string prefix, Func<Module, IEnumerable<(string Name, Tensor Tensor)>> own) =>
        own(this).Select(t => (prefix + t.Name, t.Tensor))
            .Concat(_children.SelectMany(c => c.Module.Walk($"{prefix}{c.Name}.", own)));
}
