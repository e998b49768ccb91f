namespace Mdfld.Torch;

/// <summary>
/// A low-rank change of a linear layer's weight (Hu et al. 2022): W + scale B A. Parameters bear peft's names,
/// <c>lora_A.weight</c> and <c>lora_B.weight</c>.
/// </summary>
public sealed class LowRank : Module
{
    private readonly Tensor _down;
    private readonly Tensor _up;
    private readonly double _scale;

    /// <summary>Changes nothing until it is trained: A is to be drawn, B is zero.</summary>
    /// <param name="inFeatures">Of the layer.</param>
    /// <param name="outFeatures">Of the layer.</param>
    /// <param name="rank">Rank of the change.</param>
    /// <param name="alpha">The scale is alpha / rank.</param>
    public LowRank(long inFeatures, long outFeatures, int rank, double alpha)
    {
        _scale = alpha / rank;
        _down = Parameter("lora_A.weight", Tensor.Zeros([rank, inFeatures]));
        _up = Parameter("lora_B.weight", Tensor.Zeros([outFeatures, rank]));
    }

    /// <summary>Draws A, as PyTorch draws a linear layer; B stays zero.</summary>
    public void Initialise(Random random)
    {
        var limit = 1 / Math.Sqrt(_down.Shape[1]);
        var values = new float[_down.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)(limit * ((2 * random.NextDouble()) - 1));
        _down.Overwrite<float>(values);
    }

    /// <summary>What is added to the layer's output: (..., in) to (..., out).</summary>
    public Tensor Forward(Tensor x) => x.Linear(_down).Linear(_up) * _scale;

    /// <summary>A, and B with the scale in it: what stands in files whose readers know no alpha.</summary>
    public (Tensor Down, Tensor Up) Scaled() => (_down.Clone(), _up * _scale);

    /// <summary>The change as one matrix, (out, in).</summary>
    internal Tensor Product() => _up.Matmul(_down) * _scale;
}
