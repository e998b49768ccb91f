namespace Mdfld.Generation;

/// <summary>
/// Shrinks a control image to the size of the latent: <c>conv_in</c>, then for every further number of channels a 3x3
/// convolution and one of stride 2, SiLU after each, then <c>conv_out</c>.
/// </summary>
internal sealed class ConditionEmbedding : Module
{
    private readonly Conv2d _convIn;
    private readonly Conv2d[] _blocks;
    private readonly Conv2d _convOut;

    public ConditionEmbedding(ControlNetConfig config)
    {
        var channels = config.ConditioningEmbeddingOutChannels;
        _convIn = Child("conv_in", new Conv2d(config.ConditioningChannels, channels[0], 3));
        _blocks =
        [
            .. Enumerable.Range(0, 2 * (channels.Count - 1)).Select(i => Child($"blocks.{i}", i % 2 == 0
                ? new Conv2d(channels[i / 2], channels[i / 2], 3)
                : new Conv2d(channels[i / 2], channels[(i / 2) + 1], 3, stride: 2))),
        ];
        _convOut = Child("conv_out", new Conv2d(channels[^1], config.BlockOutChannels[0], 3));
    }

    /// <summary>(N, 3, H, W) in [0, 1] to (N, channels of the UNet's first level, h, w).</summary>
    public Tensor Forward(Tensor condition)
    {
        using var scope = NewDisposeScope();
        return _convOut.Forward(Features(condition)).MoveToOuterDisposeScope();
    }

    /// <summary>What the last layer sees.</summary>
    internal Tensor Features(Tensor condition)
    {
        using var scope = NewDisposeScope();
        var x = _convIn.Forward(condition).silu();
        foreach (var block in _blocks)
            x = block.Forward(x).silu();
        return x.MoveToOuterDisposeScope();
    }

    /// <summary>Draws first weights; the result is zero until it is trained.</summary>
    public void Initialise(Random random)
    {
        // SiLU halves what is small, and a control image is mostly black: normal weights of the deviation 2 /
        // sqrt(fan-in) bring its lines through as strong as they are. Of PyTorch's usual ones a ten-thousandth arrives
        // at the last layer, and the gradients there are below Adam's epsilon for thousands of steps.
        WeightInitialisation.HeNormal(this, random);
        using var noGrad = no_grad();
        foreach (var (_, weight) in Parameters().Where(p => p.Tensor.ndim > 1))
            weight.mul_(Math.Sqrt(2));
        WeightInitialisation.Zero(_convOut);
    }
}
