using Mdfld.Torch;

namespace Mdfld.Diffusion;

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
        var half = both.Shape[1] / 2;
        return new(both.Slice(1, 0, half), both.Slice(1, half, 2 * half).Clamp(-30, 20));
    }

    /// <summary>mean + standard deviation x noise, before the scaling factor.</summary>
    /// <param name="noise">Normal random numbers of the mean's shape.</param>
    public Tensor Sample(Tensor noise)
    {
        using var scope = new TensorScope();
        return scope.Keep(Mean + ((LogVariance * 0.5).Exp() * noise));
    }

    /// <summary>
    /// Kullback-Leibler divergence to the standard normal distribution, summed over each latent: (N).
    /// </summary>
    public Tensor Divergence()
    {
        using var scope = new TensorScope();
        return scope.Keep(((Mean * Mean) + LogVariance.Exp() - 1 - LogVariance).Sum([1, 2, 3]) * 0.5);
    }
}
