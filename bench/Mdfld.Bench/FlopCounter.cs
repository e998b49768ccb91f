using Mdfld.Torch;

namespace Mdfld.Bench;

/// <summary>Counts the multiplications and additions of the convolutions this thread calls while it lives.</summary>
internal sealed class FlopCounter : IOperatorObserver, IDisposable
{
    public FlopCounter() => Operator.Observer = this;

    /// <summary>Forward only; backward takes twice as many again.</summary>
    public double Flops { get; private set; }

    public void Called(Operator op, ReadOnlySpan<Argument> arguments, IReadOnlyList<Tensor?> results)
    {
        if (op.Name != "aten::conv2d")
            return;
        // (out, in / groups, height, width): each result takes one multiplication and addition for each of its inputs.
        var weight = ((Tensor)arguments[1].Reference!).Shape;
        Flops += 2.0 * results[0]!.Count * weight[1] * weight[2] * weight[3];
    }

    public void Dispose() => Operator.Observer = null;
}
