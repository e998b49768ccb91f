namespace Mdfld.Torch.Onnx;

/// <summary>A tensor of the network, seen for every batch size.</summary>
/// <param name="shape">Its sizes.</param>
/// <param name="type">Element type.</param>
/// <param name="data">
/// Elements where it does not depend on the input, else null. Dimensions that grow with the batch hold one entry,
/// which is the same for all.
/// </param>
/// <param name="name">The parameter's name, where it has one.</param>
internal sealed class Value(Size[] shape, ScalarType type, byte[]? data = null, string? name = null)
{
    public Size[] Shape => shape;

    public ScalarType Type => type;

    public byte[]? Data => data;

    public string? Name => name;
}

/// <summary>
/// A call of an operator, seen for every batch size. Arguments are as in <see cref="TracedCall"/>, with
/// <see cref="Size"/> for long and <see cref="Value"/> for tensors.
/// </summary>
internal sealed record Call(string Operator, string Overload, object?[] Arguments, Value[] Results)
{
    /// <inheritdoc/>
    public override string ToString() => Overload.Length == 0 ? Operator : $"{Operator}.{Overload}";
}
