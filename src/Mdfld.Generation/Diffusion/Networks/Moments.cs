namespace Mdfld.Generation;

/// <summary>
/// What the encoder makes of a picture: a normal distribution of latents, independent in every element.
/// </summary>
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
    /// <param name="noise">Normal random numbers of the mean's shape.</param>
    public Tensor Sample(Tensor noise)
    {
        using var scope = NewDisposeScope();
        return (Mean + ((LogVariance * 0.5).exp() * noise)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Kullback-Leibler divergence to the standard normal distribution, summed over each latent: (N).
    /// </summary>
    public Tensor Divergence()
    {
        using var scope = NewDisposeScope();
        return (((Mean * Mean) + LogVariance.exp() - 1 - LogVariance).sum([1, 2, 3]) * 0.5).MoveToOuterDisposeScope();
    }
}
