namespace Mdfld.Torch;

/// <summary>A vector for every index, parameter <c>weight</c> (count, width).</summary>
public sealed class Embedding : Module
{
    private readonly Tensor _weight;

    /// <summary>The weight is to be loaded or drawn.</summary>
    /// <param name="count">Indices there are.</param>
    /// <param name="width">Length of a vector.</param>
    public Embedding(int count, int width) => _weight = Parameter("weight", Tensor.Empty([count, width]));

    /// <summary>int64 of any shape to (..., width).</summary>
    /// <exception cref="TorchException">An index is out of range.</exception>
    public Tensor Forward(Tensor indices) => _weight.Embedding(indices);
}
