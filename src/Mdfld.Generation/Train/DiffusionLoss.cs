namespace Mdfld.Generation;

/// <summary>
/// The mean squared error of what the network predicts, each sample weighted by min-SNR (Hang et al. 2023), so that the
/// easy steps of little noise do not outvote the others.
/// </summary>
/// <param name="schedule">What is predicted, and the signal-to-noise ratio of each timestep.</param>
/// <param name="gamma">Largest ratio that counts; null weighs every sample the same.</param>
internal sealed class DiffusionLoss(NoiseSchedule schedule, double? gamma)
{
    /// <summary>
    /// A sample's weight at its timestep: min(snr, gamma) / snr where noise is predicted, min(snr, gamma) / (snr + 1)
    /// where velocity is; both weigh the error of the clean latents by min(snr, gamma).
    /// </summary>
    public double Weight(int timestep)
    {
        if (gamma is not { } most)
            return 1;
        var snr = schedule.SignalToNoise(timestep);
        return Math.Min(snr, most) / (schedule.Prediction == PredictionType.Velocity ? snr + 1 : snr);
    }

    /// <summary>What the network is to say of noisy latents.</summary>
    public void Target(ReadOnlySpan<float> latents, ReadOnlySpan<float> noise, int timestep, Span<float> target)
    {
        if (schedule.Prediction == PredictionType.Velocity)
            schedule.Velocity(latents, noise, timestep, target);
        else
            noise.CopyTo(target);
    }

    /// <summary>The mean over samples of weight times mean squared error.</summary>
    /// <param name="prediction">(N, C, h, w).</param>
    /// <param name="target">The same shape.</param>
    /// <param name="weights">(N) or (N, 1).</param>
    public static Tensor Mean(Tensor prediction, Tensor target, Tensor weights)
    {
        var difference = prediction - target;
        return ((difference * difference).mean([1, 2, 3]) * weights.reshape(-1)).mean();
    }
}
