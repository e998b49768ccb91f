namespace Mdfld.Diffusion.Sampling;

/// <summary>
/// What a network's output says about latents and noise at a sample alpha latents + sigma noise, as factors of the
/// sample and of the output.
/// </summary>
/// <param name="type">What the output is.</param>
/// <param name="alpha">Factor of the latents.</param>
/// <param name="sigma">Factor of the noise; alpha^2 + sigma^2 = 1.</param>
internal readonly struct Parameterisation(PredictionType type, double alpha, double sigma)
{
    /// <summary>The latents without noise.</summary>
    public void Clean(ReadOnlySpan<float> sample, ReadOnlySpan<float> output, Span<float> clean)
    {
        var (ofSample, ofOutput) = type == PredictionType.Epsilon ? (1 / alpha, -sigma / alpha) : (alpha, -sigma);
        Floats.Sum(ofSample, sample, ofOutput, output, clean);
    }

    /// <summary>The noise.</summary>
    public void Noise(ReadOnlySpan<float> sample, ReadOnlySpan<float> output, Span<float> noise)
    {
        var (ofSample, ofOutput) = type == PredictionType.Epsilon ? (0.0, 1.0) : (sigma, alpha);
        Floats.Sum(ofSample, sample, ofOutput, output, noise);
    }
}
