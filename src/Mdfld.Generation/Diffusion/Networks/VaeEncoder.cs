namespace Mdfld.Generation;

/// <summary>From a picture to the moments of its latent, before <c>quant_conv</c>.</summary>
internal sealed class VaeEncoder : Module
{
    private readonly Conv2d _convIn;
    private readonly VaeDownBlock[] _down;
    private readonly VaeMidBlock _mid;
    private readonly GroupNorm _normOut;
    private readonly Conv2d _convOut;

    public VaeEncoder(AutoencoderConfig config)
    {
        var channels = config.BlockOutChannels;
        _convIn = Child("conv_in", new Conv2d(config.InChannels, channels[0], 3));
        _down = [.. Enumerable.Range(0, channels.Count)
            .Select(i => Child($"down_blocks.{i}", new VaeDownBlock(config, i)))];
        _mid = Child("mid_block", new VaeMidBlock(config));
        _normOut = Child("conv_norm_out", new GroupNorm(config.NormNumGroups, channels[^1], VaeMidBlock.Epsilon));
        _convOut = Child("conv_out", new Conv2d(channels[^1], 2 * config.LatentChannels, 3));
    }

    /// <summary>(N, 3, H, W) to (N, 2 x latent channels, h, w).</summary>
    public Tensor Forward(Tensor picture)
    {
        using var scope = NewDisposeScope();
        var x = _convIn.Forward(picture);
        foreach (var block in _down)
            x = block.Forward(x);
        return _convOut.Forward(_normOut.Forward(_mid.Forward(x)).silu()).MoveToOuterDisposeScope();
    }
}
