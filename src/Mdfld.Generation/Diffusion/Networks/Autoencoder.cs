namespace Mdfld.Generation;

/// <summary>The encoder's normal distribution of a picture's latent, independent in every element.</summary>
/// <param name="Mean">(N, latent channels, h, w).</param>
/// <param name="LogVariance">Same shape, within [-30, 20]; null: the mean is the latent.</param>
public sealed record Moments(Tensor Mean, Tensor? LogVariance)
{
    /// <summary>Splits (N, 2 x latent channels, h, w) in mean and log-variance, and limits the latter.</summary>
    internal static Moments From(Tensor both)
    {
        var half = both.shape[1] / 2;
        return new(both.slice(1, 0, half, 1), both.slice(1, half, 2 * half, 1).clamp(-30, 20));
    }

    /// <summary>mean + standard deviation x noise, before the scaling factor.</summary>
    public Tensor Sample(Tensor noise) =>
        LogVariance is null ? Mean : Mean + ((LogVariance * 0.5).exp() * noise);
}

/// <summary>Between pictures and latents: a latent diffusion model's <c>vae</c>.</summary>
public abstract class Autoencoder : LayeredNetwork
{
    public abstract AutoencoderConfig Config { get; }

    /// <summary>Draws first weights (PyTorch's own, biases zero).</summary>
    public virtual void Initialise(Random random) => WeightInitialisation.Uniform(this, random);

    /// <summary>The distribution of a picture's latent, not yet scaled.</summary>
    /// <param name="picture">(N, 3, H, W) in [-1, 1], R, G, B; sides are multiples of the reduction.</param>
    public abstract Moments Encode(Tensor picture);

    /// <summary>
    /// The UNet's latent: a sample, or the mean where noise is null, brought to about unit variance.
    /// </summary>
    /// <param name="noise">Normal random numbers of the latent's shape, or null.</param>
    /// <returns>(N, latent channels, h, w).</returns>
    public Tensor Latent(Moments moments, Tensor? noise = null)
    {
        var latent = noise is null ? moments.Mean : moments.Sample(noise);
        return Config.LatentsMean is { } means
            ? (latent - Channels(means)) / Channels(Config.LatentsStd!) * Config.ScalingFactor
            : latent * Config.ScalingFactor;
    }

    /// <summary>The picture of a latent.</summary>
    /// <param name="latent">(N, latent channels, h, w), scaled: as the UNet sees it.</param>
    /// <returns>(N, 3, H, W), about [-1, 1].</returns>
    public abstract Tensor Decode(Tensor latent);

    /// <summary>The encoder's latent of the UNet's.</summary>
    private protected Tensor Unscaled(Tensor latent)
    {
        var unscaled = latent * (1 / Config.ScalingFactor);
        return Config.LatentsMean is { } means
            ? (unscaled * Channels(Config.LatentsStd!)) + Channels(means) : unscaled;
    }

    /// <summary>A number a channel, (1, C, 1, 1).</summary>
    private Tensor Channels(IReadOnlyList<double> values)
    {
        var weight = Parameters().First().Tensor;
        return Tensor.From<float>([.. values.Select(v => (float)v)], 1, values.Count, 1, 1)
            .to(weight.dtype, weight.device);
    }
}
