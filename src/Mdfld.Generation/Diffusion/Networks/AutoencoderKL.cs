namespace Mdfld.Generation;

/// <summary>
/// Between pictures and latents (Kingma and Welling 2014; Rombach et al. 2022). Parameters bear diffusers' names
/// (<c>AutoencoderKL</c>, today's attention names). Level 0 is the finest.
/// </summary>
public sealed class AutoencoderKL : Autoencoder
{
    /// <summary>Weights are to be loaded or drawn (<see cref="Autoencoder.Initialise"/>); until then they take no memory.</summary>
    /// <exception cref="ArgumentException">The options make no network.</exception>
    public AutoencoderKL(AutoencoderKLConfig config)
    {
        config.Check();
        Config = config;
        Build(() => Decode(Encode(zeros(1, config.InChannels, config.Reduction, config.Reduction)).Mean));
    }

    public override AutoencoderKLConfig Config { get; }

    internal override Layers Layers => new(this, "", Config.NormNumGroups, Epsilon: 1e-6);

    private int Levels => Config.BlockOutChannels.Count;

    /// <inheritdoc/>
    public override Moments Encode(Tensor picture)
    {
        using var scope = NewDisposeScope();
        var (f, both) = (Layers["encoder"], 2 * Config.LatentChannels);
        var x = f.Conv(picture, "conv_in", Config.BlockOutChannels[0]);
        for (var level = 0; level < Levels; level++)
            x = DownBlock(x, level);
        x = f.NormConv(MidBlock(x, "encoder"), "conv_norm_out", "conv_out", both);
        var moments = Moments.From(Layers.Conv(x, "quant_conv", both, kernel: 1));
        return new(moments.Mean.MoveToOuterDisposeScope(), moments.LogVariance!.MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    public override Tensor Decode(Tensor latent)
    {
        using var scope = NewDisposeScope();
        var f = Layers["decoder"];
        var x = Layers.Conv(Unscaled(latent), "post_quant_conv", Config.LatentChannels, kernel: 1);
        x = MidBlock(f.Conv(x, "conv_in", Config.BlockOutChannels[^1]), "decoder");
        for (var step = 0; step < Levels; step++)
            x = UpBlock(x, step);
        return f.NormConv(x, "conv_norm_out", "conv_out", Config.OutChannels).MoveToOuterDisposeScope();
    }

    /// <summary>Residual blocks, then half the size unless it is the last level.</summary>
    internal Tensor DownBlock(Tensor x, int level)
    {
        using var scope = NewDisposeScope();
        var (f, channels) = (Layers[$"encoder.down_blocks.{level}"], Config.BlockOutChannels[level]);
        for (var i = 0; i < Config.LayersPerBlock; i++)
            x = f.Resnet(x, $"resnets.{i}", channels);
        if (level < Levels - 1)
            x = f.Downsample(x, padAfter: true);
        return x.MoveToOuterDisposeScope();
    }

    /// <summary>Attention between two residual blocks: the middle of encoder and decoder; same shape.</summary>
    internal Tensor MidBlock(Tensor x, string half)
    {
        using var scope = NewDisposeScope();
        var (f, channels) = (Layers[$"{half}.mid_block"], Config.BlockOutChannels[^1]);
        x = f.PixelAttention(f.Resnet(x, "resnets.0", channels), "attentions.0");
        return f.Resnet(x, "resnets.1", channels).MoveToOuterDisposeScope();
    }

    /// <summary>Residual blocks, then twice the size unless it is the finest level. Step 0 is the coarsest's.</summary>
    internal Tensor UpBlock(Tensor x, int step)
    {
        using var scope = NewDisposeScope();
        var (f, level) = (Layers[$"decoder.up_blocks.{step}"], Levels - 1 - step);
        for (var i = 0; i <= Config.LayersPerBlock; i++)
            x = f.Resnet(x, $"resnets.{i}", Config.BlockOutChannels[level]);
        if (level > 0)
            x = f.Upsample(x, 2 * x.shape[2], 2 * x.shape[3]);
        return x.MoveToOuterDisposeScope();
    }
}
