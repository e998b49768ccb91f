namespace Mdfld.Generation;

/// <summary>The encoder's normal distribution of a picture's latent, independent in every element.</summary>
/// <param name="Mean">(N, latent channels, h, w).</param>
/// <param name="LogVariance">Same shape, within [-30, 20].</param>
public sealed record Moments(Tensor Mean, Tensor LogVariance)
{
    /// <summary>Splits (N, 2 x latent channels, h, w) in mean and log-variance, and limits the latter.</summary>
    internal static Moments From(Tensor both)
    {
        var half = both.shape[1] / 2;
        return new(both.slice(1, 0, half, 1), both.slice(1, half, 2 * half, 1).clamp(-30, 20));
    }

    /// <summary>mean + standard deviation x noise, before the scaling factor.</summary>
    public Tensor Sample(Tensor noise) => Mean + ((LogVariance * 0.5).exp() * noise);

    /// <summary>Kullback-Leibler divergence of each number to the standard normal distribution.</summary>
    internal Tensor Divergence() => ((Mean * Mean) + LogVariance.exp() - LogVariance - 1.0) * 0.5;
}

/// <summary>
/// Between pictures and latents (Kingma and Welling 2014; Rombach et al. 2022). Parameters bear diffusers' names
/// (<c>AutoencoderKL</c>, today's attention names). Level 0 is the finest.
/// </summary>
public sealed class Autoencoder : LayeredNetwork
{
    /// <summary>Weights are to be loaded or drawn (<see cref="Initialise"/>); until then they take no memory.</summary>
    /// <exception cref="ArgumentException">The options make no network.</exception>
    public Autoencoder(AutoencoderConfig config)
    {
        config.Check();
        Config = config;
        Build(() => Decode(Encode(zeros(1, config.InChannels, config.Reduction, config.Reduction)).Mean));
    }

    public AutoencoderConfig Config { get; }

    internal override Layers Layers => new(this, "", Config.NormNumGroups, Epsilon: 1e-6);

    private int Levels => Config.BlockOutChannels.Count;

    /// <summary>Draws first weights (PyTorch's own, biases zero).</summary>
    public void Initialise(Random random) => WeightInitialisation.Uniform(this, random);

    /// <summary>The distribution of a picture's latent, not yet scaled.</summary>
    /// <param name="picture">(N, 3, H, W) in [-1, 1], R, G, B; sides are multiples of the reduction.</param>
    public Moments Encode(Tensor picture)
    {
        using var scope = NewDisposeScope();
        var (f, both) = (Layers["encoder"], 2 * Config.LatentChannels);
        var x = f.Conv(picture, "conv_in", Config.BlockOutChannels[0]);
        for (var level = 0; level < Levels; level++)
            x = DownBlock(x, level);
        x = f.NormConv(MidBlock(x, "encoder"), "conv_norm_out", "conv_out", both);
        var moments = Moments.From(Layers.Conv(x, "quant_conv", both, kernel: 1));
        return new(moments.Mean.MoveToOuterDisposeScope(), moments.LogVariance.MoveToOuterDisposeScope());
    }

    /// <summary>The UNet's latent: a sample, or the mean where noise is null, times the scaling factor.</summary>
    /// <param name="noise">Normal random numbers of the latent's shape, or null.</param>
    /// <returns>(N, latent channels, h, w).</returns>
    public Tensor Latent(Moments moments, Tensor? noise = null) =>
        (noise is null ? moments.Mean : moments.Sample(noise)) * Config.ScalingFactor;

    /// <summary>The picture of a latent.</summary>
    /// <param name="latent">(N, latent channels, h, w), scaled: as the UNet sees it.</param>
    /// <returns>(N, 3, H, W), about [-1, 1].</returns>
    public Tensor Decode(Tensor latent)
    {
        using var scope = NewDisposeScope();
        var f = Layers["decoder"];
        var x = Layers.Conv(
            latent * (1 / Config.ScalingFactor), "post_quant_conv", Config.LatentChannels, kernel: 1);
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
