namespace Mdfld.Generation;

/// <summary>
/// Two 1x1 convolutions from a diffusion network's features to a detector's of the clean picture, and how far they are
/// apart: so the network learns early what faces are made of (REPA, Yu et al. 2024). It is trained beside the network and
/// no part of the model.
/// </summary>
internal sealed class FeatureAlignment : Module
{
    private readonly int _inner;
    private readonly long _detected;

    /// <param name="channels">Of the network's features.</param>
    /// <param name="detected">Of the detector's.</param>
    public FeatureAlignment(int channels, long detected)
    {
        (_inner, _detected) = (2 * channels, detected);
        AddParameter("in.weight", zeros(_inner, channels, 1, 1));
        AddParameter("in.bias", zeros(_inner));
        AddParameter("out.weight", zeros(_detected, _inner, 1, 1));
        AddParameter("out.bias", zeros(_detected));
    }

    public void Initialise(Random random) => WeightInitialisation.Uniform(this, random);

    /// <summary>1 less the mean cosine of the angle between the two: 0 where all point the same way.</summary>
    /// <param name="features">(N, channels, h, w); reduced or enlarged to the detector's size.</param>
    /// <param name="detected">(N, detected, H, W), without gradients.</param>
    public Tensor Distance(Tensor features, Tensor detected)
    {
        var shape = detected.shape;
        if (features.shape[2] != shape[2] || features.shape[3] != shape[3])
            features = adaptive_avg_pool2d(features, [shape[2], shape[3]]);
        var inner = features.Convolve(this["in.weight"], this["in.bias"]).silu();
        var projected = inner.Convolve(this["out.weight"], this["out.bias"]);
        return 1 - cosine_similarity(projected, detected, 1).mean();
    }
}
