namespace Mdfld.Torch.Onnx;

/// <summary>What a whole number of a traced call may grow with.</summary>
internal enum Growth
{
    /// <summary>Nothing: it is fixed.</summary>
    None,

    /// <summary>The batch size.</summary>
    Batch,

    /// <summary>The input's height.</summary>
    Height,

    /// <summary>The input's width.</summary>
    Width,
}

/// <summary>A whole number of a traced call: fixed, or so many times what it grows with.</summary>
/// <param name="Value">The number, or its factor.</param>
/// <param name="Of">
/// What it is to be multiplied by: the batch size, or how many times the traced input's height or width holds the
/// least.
/// </param>
internal readonly record struct Size(long Value, Growth Of = Growth.None)
{
    /// <summary>Batch sizes of the two traces from which a number's dependence on N is read.</summary>
    public const int FirstBatch = 2;

    /// <inheritdoc cref="FirstBatch"/>
    public const int SecondBatch = 3;

    /// <summary>Whether it grows with anything.</summary>
    public bool Grows => Of != Growth.None;

    /// <summary>
    /// What the two traces multiply batch, least height and least width by; no two have the same ratio.
    /// </summary>
    public static (int First, int Second) TracesOf(Growth growth) => growth switch
    {
        Growth.Batch => (FirstBatch, SecondBatch),
        Growth.Height => (5, 7),
        Growth.Width => (11, 13),
        _ => (1, 1),
    };

    /// <summary>
    /// The number that was <paramref name="first"/> in one trace and <paramref name="second"/> in the other.
    /// </summary>
    /// <param name="first">In the first trace.</param>
    /// <param name="second">In the second.</param>
    /// <param name="most">
    /// The last growth to consider: the traces had pictures of one size where it is the batch.
    /// </param>
    /// <exception cref="NotSupportedException">It is neither fixed nor a multiple of one dimension.</exception>
    public static Size From(long first, long second, Growth most = Growth.Batch)
    {
        for (var growth = Growth.None; growth <= most; growth++)
        {
            var (one, other) = TracesOf(growth);
            if (first % one == 0 && first / one * other == second)
                return new(first / one, growth);
        }
        throw new NotSupportedException(
            $"a number was {first} for a batch of {FirstBatch} and {second} for a batch of {SecondBatch}: "
            + $"only multiples of {(most == Growth.Batch ? "the batch size" : "batch size, height or width")} "
            + "can be exported");
    }

    /// <summary>A fixed number.</summary>
    public static implicit operator Size(long value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => (Of, Value) switch
    {
        (Growth.None, _) => $"{Value}",
        (Growth.Batch, 1) => "N",
        (Growth.Batch, _) => $"{Value}N",
        (Growth.Height, _) => $"{Value}H",
        _ => $"{Value}W",
    };
}
