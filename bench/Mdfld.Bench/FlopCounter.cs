namespace Mdfld.Bench;

/// <summary>
/// Counts the multiplications and additions of the convolutions and matrix products this thread calls while it lives.
/// </summary>
internal sealed class FlopCounter : IOperatorObserver, IDisposable
{
    public FlopCounter() => Operator.Observer = this;

    /// <summary>Forward only; backward takes twice as many again where everything is trained.</summary>
    public double Flops { get; private set; }

    /// <summary>
    /// Forward and backward: a product is made once more for each of its two sides that a gradient is wanted of.
    /// </summary>
    public double TrainingFlops { get; private set; }

    public void Called(Operator op, ReadOnlySpan<Argument> arguments, IReadOnlyList<Tensor?> results)
    {
        // Each number of a result takes a multiplication and an addition for each of its inputs.
        var inputs = op.Name switch
        {
            // (out, in / groups, height, width).
            "aten::conv2d" => Shape(arguments[1]).Skip(1).Aggregate((a, b) => a * b),
            "aten::linear" or "aten::matmul" => Shape(arguments[0])[^1],
            // (..., K, d) keys: a product of width d and one over K for each of d numbers of the result.
            "aten::scaled_dot_product_attention" => 2 * Shape(arguments[1])[^2],
            _ => 0,
        };
        if (inputs == 0)
            return;
        var flops = 2.0 * results[0]!.NumberOfElements * inputs;
        Flops += flops;
        TrainingFlops += flops * (1 + Wanted(arguments[0]) + Wanted(arguments[1]));
    }

    public void Dispose() => Operator.Observer = null;

    private static int Wanted(in Argument tensor) => ((Tensor)tensor.Reference!).requires_grad ? 1 : 0;

    private static long[] Shape(in Argument tensor) => ((Tensor)tensor.Reference!).shape;
}
