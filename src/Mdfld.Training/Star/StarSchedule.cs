namespace Mdfld.Training.Star;

/// <summary>The learning rate of STAR's own training: times 0.1 after the epochs 200, 350 and 450 of 500.</summary>
/// <param name="InitialRate">Learning rate of the first epochs.</param>
public sealed record StarSchedule(double InitialRate = 1e-3)
{
    private static readonly long[] Milestones = [200, 350, 450];

    /// <summary>Epochs of a whole training.</summary>
    public const int Epochs = 500;

    /// <summary>The rate during an epoch; the first epoch is 1.</summary>
    public double LearningRate(int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(epoch, 1);
        return InitialRate * Math.Pow(0.1, Milestones.Count(m => epoch - 1 >= m));
    }

    /// <summary>
    /// Decay of the moving average of the weights, 0.5^(batch / 10000): 10,000 faces halve what was before.
    /// </summary>
    public static double AverageDecay(int batchSize) => Math.Pow(0.5, batchSize / 10_000.0);
}
