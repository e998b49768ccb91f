namespace Mdfld.Torch;

/// <summary>A factor on the learning rate over a run.</summary>
public static class LearningRateSchedule
{
    /// <summary>Rises linearly over <paramref name="warmup"/> steps, then falls as half a cosine to 0 at the end.</summary>
    public static double WarmupCosine(long step, long total, long warmup)
    {
        if (step < warmup)
            return (step + 1.0) / warmup;
        var progress = (step - warmup) / (double)Math.Max(1, total - warmup);
        return 0.5 * (1 + Math.Cos(Math.PI * Math.Min(1, progress)));
    }

    /// <summary><paramref name="gamma"/> to the number of milestones passed (PyTorch's MultiStepLR).</summary>
    public static double MultiStep(long epoch, IReadOnlyList<long> milestones, double gamma) =>
        Math.Pow(gamma, milestones.Count(m => epoch >= m));
}
