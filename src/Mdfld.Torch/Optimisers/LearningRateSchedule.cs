namespace Mdfld.Torch;

/// <summary>A factor on the learning rate over a run.</summary>
public static class LearningRateSchedule
{
    /// <summary><paramref name="gamma"/> to the number of milestones passed (PyTorch's MultiStepLR).</summary>
    public static double MultiStep(long epoch, IReadOnlyList<long> milestones, double gamma) =>
        Math.Pow(gamma, milestones.Count(m => epoch >= m));
}
