namespace Mdfld.Generation;

/// <summary>
/// What an autoencoder is to keep of a picture: its colours (L1) and its edges (L1 of the differences of neighbouring
/// pixels, at full, half and quarter size), which a mean of colours would blur; and latents that stay near a normal
/// distribution.
/// </summary>
/// <param name="edges">Weight of the edges.</param>
/// <param name="divergence">Weight of the Kullback-Leibler divergence per latent number.</param>
internal sealed class AutoencoderLoss(double edges, double divergence)
{
    private const int Scales = 3;

    /// <summary>The mean loss of a batch.</summary>
    /// <param name="made">(N, 3, H, W), decoded.</param>
    /// <param name="picture">(N, 3, H, W) in [-1, 1].</param>
    /// <param name="moments">What the encoder said of the picture.</param>
    public Tensor Forward(Tensor made, Tensor picture, Moments moments)
    {
        var error = made - picture;
        var loss = error.abs().mean();
        for (var scale = 0; scale < Scales; scale++)
        {
            if (scale > 0)
                error = avg_pool2d(error, 2, 2);
            loss += (Differences(error, 3).abs().mean() + Differences(error, 2).abs().mean()) * (edges / Scales);
        }
        return loss + (Divergence(moments) * divergence);
    }

    /// <summary>Mean of (mean^2 + variance - 1 - log variance) / 2.</summary>
    private static Tensor Divergence(Moments moments)
    {
        var (mean, logVariance) = (moments.Mean, moments.LogVariance);
        return ((mean * mean) + logVariance.exp() - logVariance - 1.0).mean() * 0.5;
    }

    private static Tensor Differences(Tensor x, int dimension)
    {
        var size = x.shape[dimension];
        return x.slice(dimension, 1, size, 1) - x.slice(dimension, 0, size - 1, 1);
    }
}
