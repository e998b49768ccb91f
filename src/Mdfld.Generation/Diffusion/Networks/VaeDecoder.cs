namespace Mdfld.Generation;

/// <summary>From a latent, after <c>post_quant_conv</c>, to a picture.</summary>
internal sealed class VaeDecoder : Module
{
    private readonly Conv2d _convIn;
    private readonly VaeMidBlock _mid;
    private readonly VaeUpBlock[] _up;
    private readonly GroupNorm _normOut;
    private readonly Conv2d _convOut;

    public VaeDecoder(AutoencoderConfig config)
    {
        var channels = config.BlockOutChannels;
        _convIn = Child("conv_in", new Conv2d(config.LatentChannels, channels[^1], 3));
        _mid = Child("mid_block", new VaeMidBlock(config));
        _up = [.. Enumerable.Range(0, channels.Count).Select(i => Child($"up_blocks.{i}", new VaeUpBlock(config, i)))];
        _normOut = Child("conv_norm_out", new GroupNorm(config.NormNumGroups, channels[0], VaeMidBlock.Epsilon));
        _convOut = Child("conv_out", new Conv2d(channels[0], config.OutChannels, 3));
    }

    /// <summary>(N, latent channels, h, w) to (N, 3, H, W).</summary>
    public Tensor Forward(Tensor latent)
    {
        using var scope = NewDisposeScope();
        var x = _mid.Forward(_convIn.Forward(latent));
        foreach (var block in _up)
            x = block.Forward(x);
        return _convOut.Forward(_normOut.Forward(x).silu()).MoveToOuterDisposeScope();
    }
}
