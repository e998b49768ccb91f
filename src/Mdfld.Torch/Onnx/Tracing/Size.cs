namespace Mdfld.Torch.Onnx;

/// <summary>A whole number of a traced call: fixed, or so many times the batch size N.</summary>
/// <param name="Value">The number, or its factor before N.</param>
/// <param name="TimesBatch">Whether it is to be multiplied by N.</param>
internal readonly record struct Size(long Value, bool TimesBatch = false)
{
    /// <summary>Batch sizes of the two traces from which a number's dependence on N is read.</summary>
    public const int FirstBatch = 2;

    /// <inheritdoc cref="FirstBatch"/>
    public const int SecondBatch = 3;

    /// <summary>
    /// The number that was <paramref name="first"/> in one trace and <paramref name="second"/> in the other.
    /// </summary>
    /// <exception cref="NotSupportedException">It is neither fixed nor a multiple of N.</exception>
    public static Size From(long first, long second)
    {
        if (first == second)
            return new(first);
        if (first % FirstBatch == 0 && first / FirstBatch * SecondBatch == second)
            return new(first / FirstBatch, TimesBatch: true);
        throw new NotSupportedException(
            $"a number was {first} for a batch of {FirstBatch} and {second} for a batch of {SecondBatch}: "
            + "only multiples of the batch size can be exported");
    }

    /// <inheritdoc/>
    public override string ToString() => !TimesBatch ? $"{Value}" : Value == 1 ? "N" : $"{Value}N";
}
