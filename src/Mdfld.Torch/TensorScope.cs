namespace Mdfld.Torch;

/// <summary>
/// Disposes every tensor made on this thread while it is the innermost scope, when it ends: one <c>using</c> a training
/// step instead of one a tensor.
/// </summary>
public sealed class TensorScope : IDisposable
{
    [field: ThreadStatic]
    private static TensorScope? Innermost { get; set; }

    private readonly TensorScope? _outer;
    private readonly HashSet<Tensor> _tensors = new(ReferenceEqualityComparer.Instance);

    public TensorScope() => (_outer, Innermost) = (Innermost, this);

    /// <summary>
    /// Hands a tensor made in this scope to the next outer one, or to the caller where there is none.
    /// </summary>
    public Tensor Keep(Tensor tensor)
    {
        if (_tensors.Remove(tensor))
            _outer?._tensors.Add(tensor);
        return tensor;
    }

    /// <summary>Takes a tensor out of every scope of this thread: from now on its owner disposes it.</summary>
    public static Tensor Detach(Tensor tensor)
    {
        for (var scope = Innermost; scope is not null; scope = scope._outer)
            scope._tensors.Remove(tensor);
        return tensor;
    }

    /// <summary>Disposes the tensors that were not kept.</summary>
    /// <exception cref="InvalidOperationException">An inner scope is still open.</exception>
    public void Dispose()
    {
        if (Innermost != this)
            throw new InvalidOperationException(
                "tensor scopes end in the reverse order of their beginning, on one thread");
        Innermost = _outer;
        foreach (var tensor in _tensors)
            tensor.Dispose();
        _tensors.Clear();
    }

    internal static void Register(Tensor tensor) => Innermost?._tensors.Add(tensor);
}
