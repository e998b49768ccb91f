namespace Mdfld.Generation;

/// <summary>The autoencoder's self-attention of all pixels in one head, normed before and added after.</summary>
internal sealed class VaeAttention : Module
{
    /// <summary>Names that the published files use, and today's.</summary>
    public static readonly (string Old, string New)[] Renamed =
        [("query", "to_q"), ("key", "to_k"), ("value", "to_v"), ("proj_attn", "to_out.0")];

    private readonly GroupNorm _norm;
    private readonly Linear _query, _key, _value, _out;

    public VaeAttention(int channels, int groups, double epsilon)
    {
        _norm = Child("group_norm", new GroupNorm(groups, channels, epsilon));
        _query = Child("to_q", new Linear(channels, channels));
        _key = Child("to_k", new Linear(channels, channels));
        _value = Child("to_v", new Linear(channels, channels));
        _out = Child("to_out.0", new Linear(channels, channels));
    }

    /// <summary>(N, channels, h, w), same shape.</summary>
    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var pixels = PixelList.From(_norm.Forward(x));
        var attended = DotProductAttention.Attend(
            _query.Forward(pixels), _key.Forward(pixels), _value.Forward(pixels), heads: 1);
        return (PixelList.ToMaps(_out.Forward(attended), x.shape) + x).MoveToOuterDisposeScope();
    }
}

/// <summary>The middle of encoder and decoder: attention between two residual blocks.</summary>
internal sealed class VaeMidBlock : Module
{
    private readonly ResnetBlock _first, _second;
    private readonly VaeAttention _attention;

    public VaeMidBlock(AutoencoderConfig config)
    {
        var channels = config.BlockOutChannels[^1];
        _first = Child("resnets.0", config.Resnet(channels, channels));
        _attention = Child(
            "attentions.0", new VaeAttention(channels, config.NormNumGroups, AutoencoderConfig.NormEps));
        _second = Child("resnets.1", config.Resnet(channels, channels));
    }

    /// <summary>(N, channels, h, w), same shape.</summary>
    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return _second.Forward(_attention.Forward(_first.Forward(x))).MoveToOuterDisposeScope();
    }
}

/// <summary>From a picture to the moments of its latent, before <c>quant_conv</c>.</summary>
internal sealed class VaeEncoder : Module
{
    private readonly Conv2d _convIn, _convOut;
    private readonly DownBlock[] _down;
    private readonly VaeMidBlock _mid;
    private readonly GroupNorm _normOut;

    public VaeEncoder(AutoencoderConfig config)
    {
        var channels = config.BlockOutChannels;
        _convIn = Child("conv_in", new Conv2d(config.InChannels, channels[0], 3));
        _down = Layers.Make(channels.Count, i => Child($"down_blocks.{i}", new DownBlock(
            channels, i, config.LayersPerBlock, config.Resnet, transformer: null, padAfter: true)));
        _mid = Child("mid_block", new VaeMidBlock(config));
        _normOut = Child(
            "conv_norm_out", new GroupNorm(config.NormNumGroups, channels[^1], AutoencoderConfig.NormEps));
        _convOut = Child("conv_out", new Conv2d(channels[^1], 2 * config.LatentChannels, 3));
    }

    /// <summary>(N, 3, H, W) to (N, 2 x latent channels, h, w).</summary>
    public Tensor Forward(Tensor picture)
    {
        using var scope = NewDisposeScope();
        var x = _convIn.Forward(picture);
        foreach (var block in _down)
        {
            using var level = NewDisposeScope();
            x = block.Forward(x).MoveToOuterDisposeScope();
        }
        return _convOut.Forward(_normOut.Forward(_mid.Forward(x)).silu()).MoveToOuterDisposeScope();
    }
}

/// <summary>From a latent, after <c>post_quant_conv</c>, to a picture.</summary>
internal sealed class VaeDecoder : Module
{
    private readonly Conv2d _convIn, _convOut;
    private readonly VaeMidBlock _mid;
    private readonly UpBlock[] _up;
    private readonly GroupNorm _normOut;

    public VaeDecoder(AutoencoderConfig config)
    {
        var channels = config.BlockOutChannels;
        _convIn = Child("conv_in", new Conv2d(config.LatentChannels, channels[^1], 3));
        _mid = Child("mid_block", new VaeMidBlock(config));
        _up = Layers.Make(channels.Count, i => Child($"up_blocks.{i}", new UpBlock(
            channels, i, config.LayersPerBlock + 1, config.Resnet, transformer: null, takesSkips: false)));
        _normOut = Child(
            "conv_norm_out", new GroupNorm(config.NormNumGroups, channels[0], AutoencoderConfig.NormEps));
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
/// (<c>AutoencoderKL</c>, today's attention names).
/// </summary>
public sealed class Autoencoder : Module
{
    private readonly VaeEncoder _encoder;
    private readonly VaeDecoder _decoder;
    private readonly Conv2d _quant, _postQuant;

    /// <summary>Weights are to be loaded or drawn (<see cref="Initialise"/>); until then they take no memory.</summary>
    /// <exception cref="ArgumentException">The options make no network.</exception>
    public Autoencoder(AutoencoderConfig config)
    {
        config.Check();
        Config = config;
        var latent = config.LatentChannels;
        _encoder = Child("encoder", new VaeEncoder(config));
        _decoder = Child("decoder", new VaeDecoder(config));
        _quant = Child("quant_conv", new Conv2d(2 * latent, 2 * latent, 1));
        _postQuant = Child("post_quant_conv", new Conv2d(latent, latent, 1));
    }

    public AutoencoderConfig Config { get; }

    /// <summary>Draws first weights (PyTorch's own, biases zero).</summary>
    public void Initialise(Random random) => WeightInitialisation.Uniform(this, random);

    /// <summary>The distribution of a picture's latent, not yet scaled.</summary>
    /// <param name="picture">(N, 3, H, W) in [-1, 1], R, G, B; sides are multiples of the reduction.</param>
    public Moments Encode(Tensor picture)
    {
        using var scope = NewDisposeScope();
        var moments = Moments.From(_quant.Forward(_encoder.Forward(picture)));
        return new(moments.Mean.MoveToOuterDisposeScope(), moments.LogVariance.MoveToOuterDisposeScope());
    }

    /// <summary>The UNet's latent: a sample, or the mean where noise is null, times the scaling factor.</summary>
    /// <param name="moments">From <see cref="Encode"/>.</param>
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
        return _decoder.Forward(_postQuant.Forward(latent * (1 / Config.ScalingFactor))).MoveToOuterDisposeScope();
    }
}
