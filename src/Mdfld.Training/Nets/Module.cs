using Mdfld.Training.Weights;
using TorchSharp.Modules;

namespace Mdfld.Training;

/// <summary>
/// A network: parameters and buffers under the names they have in a PyTorch state dict. It owns its tensors; disposing
/// it releases them all.
/// </summary>
/// <remarks>
/// TorchSharp's own modules draw their weights as they are made, which takes longer than reading a checkpoint of a
/// billion; these leave that to the trainer.
/// </remarks>
public abstract class Module : IDisposable
{
    private readonly OrderedDictionary<string, Tensor> _own = [];

    /// <exception cref="TorchMissingException">libtorch is not on this machine.</exception>
    protected Module() => TorchRuntime.Load();

    /// <summary>Whether batch statistics are used and gathered.</summary>
    public bool Training { get; private set; } = true;

    /// <summary>Element type of its parameters.</summary>
    public ScalarType ElementType => Parameters().First().Tensor.dtype;

    /// <summary>Element type that convolutions compute in while it is trained; null: that of its parameters.</summary>
    public ScalarType? ComputeType { get; set; }

    /// <summary>Whether batch norms keep their running statistics while it is trained; see <see cref="Freeze"/>.</summary>
    public bool KeepsStatistics { get; private set; }

    protected internal Tensor this[string name] => _own[name];

    /// <summary>Switches between training and evaluation.</summary>
    public void Train(bool training = true) => Training = training;

    /// <summary><see cref="Train"/>(false).</summary>
    public void Eval() => Train(false);

    /// <summary>All parameters with their full names, in the order of <see cref="StateDict"/>.</summary>
    public IEnumerable<(string Name, Parameter Tensor)> Parameters() =>
        StateDict().Where(e => e.Tensor is Parameter).Select(e => (e.Name, (Parameter)e.Tensor));

    /// <summary>All buffers (running statistics, fixed matrices) with their full names.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> Buffers() => StateDict().Where(e => e.Tensor is not Parameter);

    /// <summary>As PyTorch's state_dict: all tensors as registered.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> StateDict() => _own.Select(t => (t.Key, t.Value));

    /// <summary>Copies values by name into the parameters and buffers.</summary>
    /// <param name="find">Gives a tensor for a name, or null; what it gives is disposed here.</param>
    /// <param name="source">What the values come from, for the message: a file's name.</param>
    /// <param name="mayStay">Names whose values stay where there is none for them; null: none may.</param>
    /// <exception cref="InvalidDataException">A value is missing or has another shape.</exception>
    public void LoadStateDict(Func<string, Tensor?> find, string source, Func<string, bool>? mayStay = null)
    {
        using var noGrad = no_grad();
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
            CheckShape(name, own, value, source);
            own.copy_(value);
        }
    }

    /// <summary>Copies a state dict of a checkpoint into the parameters and buffers, by name.</summary>
    /// <param name="checkpoint">An open file; values become of the own element type and go to the own device.</param>
    /// <param name="name">As for <see cref="Checkpoint.StateDict"/>.</param>
    /// <param name="strict">Also refuse tensors of the file that the module does not have.</param>
    /// <param name="mayStay">Names whose values stay where the file has none for them; null: none may.</param>
    /// <exception cref="InvalidDataException">A tensor is missing, has another shape, or is one too many.</exception>
    public void LoadStateDict(
        Checkpoint checkpoint, string? name = null, bool strict = true, Func<string, bool>? mayStay = null)
    {
        var tensors = checkpoint.StateDict(name);
        var own = StateDict().Select(entry => entry.Name).ToHashSet();
        if (strict && tensors.Keys.FirstOrDefault(key => !own.Contains(key)) is { } extra)
            throw new InvalidDataException(
                $"{checkpoint.Path}: '{extra}' has no place in this network; is it a checkpoint of another?");
        LoadStateDict(key => tensors.GetValueOrDefault(key)?.ToTensor(), checkpoint.Path, mayStay);
    }

    /// <summary>Takes values over, one of its shape for every name, with their element type and device.</summary>
    public void TakeStateDict(Func<string, Tensor> find) => Replace((name, _) => find(name));

    /// <summary>Moves all tensors to a device; parameters forget their gradients.</summary>
    /// <param name="device">Where they go.</param>
    /// <param name="type">What fractions become; null leaves them. Integers stay what they are.</param>
    public void To(Device device, ScalarType? type = null) => Replace((_, own) =>
    {
        var wanted = type is { } t && own.dtype.IsFloatingPoint ? t : own.dtype;
        return own.dtype == wanted && own.device == device ? own : own.detach().to(wanted, device, copy: true);
    });

    /// <summary>Whether operators on the parameters are recorded for backward: false freezes the module.</summary>
    public void RequireGrad(bool required)
    {
        foreach (var (_, parameter) in Parameters())
            parameter.requires_grad = required;
    }

    /// <summary>
    /// Freezes parts by the beginning of their names, such as <c>stem</c>; and all running statistics: what little is
    /// learnt from then says little about them.
    /// </summary>
    /// <exception cref="ArgumentException">The network has no such part.</exception>
    public void Freeze(IReadOnlyList<string> parts)
    {
        foreach (var part in parts)
        {
            var frozen = Parameters().Where(p => p.Name.StartsWith(part + ".", StringComparison.Ordinal)).ToArray();
            if (frozen.Length == 0)
                throw new ArgumentException($"'frozen': the network has no part '{part}'");
            foreach (var (_, parameter) in frozen)
                parameter.requires_grad = false;
        }
        KeepsStatistics = parts.Count > 0;
    }

    /// <summary>Number of parameters.</summary>
    public long ParameterCount() => Parameters().Sum(p => p.Tensor.NumberOfElements);

    public void Dispose()
    {
        foreach (var (_, tensor) in StateDict())
            tensor.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Registers a parameter: a leaf that takes gradients and that no dispose scope ends.</summary>
    protected void AddParameter(string name, Tensor value)
    {
        var parameter = value as Parameter ?? Leaf(value, required: true);
        parameter.requires_grad = true;
        _own.Add(name, parameter);
    }

    /// <summary>Registers a tensor that is saved but not trained.</summary>
    protected void AddBuffer(string name, Tensor value) => _own.Add(name, value.DetachFromDisposeScope());

    /// <summary>A parameter or buffer, or null.</summary>
    protected internal Tensor? Find(string name) => _own.GetValueOrDefault(name);

    private static Parameter Leaf(Tensor value, bool required)
    {
        var parameter = new Parameter(value, required);
        parameter.DetachFromDisposeScope();
        return parameter;
    }

    private static void CheckShape(string name, Tensor own, Tensor value, string source)
    {
        if (!value.shape.AsSpan().SequenceEqual(own.shape))
            throw new InvalidDataException(
                $"{source}: '{name}' has the shape [{string.Join(", ", value.shape)}], "
                + $"expected [{string.Join(", ", own.shape)}]");
    }

    private void Replace(Func<string, Tensor, Tensor> change)
    {
        using var noGrad = no_grad();
        foreach (var (name, own) in _own.ToArray())
        {
            // Holds what lies between two operators: the garbage collector would end it while libtorch still reads it.
            using var scope = NewDisposeScope();
            var changed = change(name, own);
            if (ReferenceEquals(changed, own))
                continue;
            _own[name] = own is Parameter ? Leaf(changed, own.requires_grad) : changed.DetachFromDisposeScope();
            own.Dispose();
        }
    }
}

/// <summary>
/// A detector's network: its constructor names the parameters, in the order of the state dict; what is computed from
/// them is written once, over <see cref="IOps{T}"/>.
/// </summary>
public abstract class Network : Module
{
    private protected Network() => Ops = new TorchOps(this);

    /// <summary>The operators that run and train it.</summary>
    internal TorchOps Ops { get; }

    /// <summary>The outputs of the network's model file, by name and in the file's order.</summary>
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
