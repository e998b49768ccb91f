namespace Mdfld.Generation;

/// <summary>
/// Between pictures and latents (Kingma and Welling 2014; Rombach et al. 2022). Parameters bear diffusers' names
/// (<c>AutoencoderKL</c>, today's attention names).
/// </summary>
public sealed class Autoencoder : Module
{
    private readonly VaeEncoder _encoder;
    private readonly VaeDecoder _decoder;
    private readonly Conv2d _quant;
    private readonly Conv2d _postQuant;

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

    /// <summary>Its options.</summary>
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

    /// <summary>The latent that the UNet sees: a sample, or the mean where no noise is given, times the scaling factor.
    /// </summary>
    /// <param name="moments">From <see cref="Encode"/>.</param>
    /// <param name="noise">Normal random numbers of the latent's shape, or null.</param>
    /// <returns>(N, latent channels, h, w).</returns>
    public Tensor Latent(Moments moments, Tensor? noise = null)
    {
        using var scope = NewDisposeScope();
        return ((noise is null ? moments.Mean : moments.Sample(noise)) * Config.ScalingFactor).MoveToOuterDisposeScope();
    }

    /// <summary>The picture of a latent.</summary>
    /// <param name="latent">(N, latent channels, h, w), scaled: as the UNet sees it.</param>
    /// <returns>(N, 3, H, W), about [-1, 1].</returns>
    public Tensor Decode(Tensor latent)
    {
        using var scope = NewDisposeScope();
        return _decoder.Forward(_postQuant.Forward(latent * (1 / Config.ScalingFactor))).MoveToOuterDisposeScope();
    }
}
