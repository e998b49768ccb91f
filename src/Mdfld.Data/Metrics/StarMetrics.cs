namespace Mdfld.Data;

/// <summary>
/// Failure rate and area under the curve as STAR's evaluation computes and rounds them, for comparison with published
/// numbers. <see cref="Metrics"/> has the plain definitions.
/// </summary>
public static class StarMetrics
{
    private const double Step = 0.0001;

    /// <summary>
    /// The cumulative error curve is sampled at 0, 0.0001, ... up to the threshold (for some thresholds rounding adds
    /// one point beyond it, which is kept: 0.05 ends at 0.0501). FR = 1 - the last value. AUC = Simpson's integral /
    /// threshold; with an odd number of intervals the mean of "last by trapezium" and "first by trapezium".
    /// </summary>
    /// <param name="errors">NMEs as fractions, at least one.</param>
    /// <param name="threshold">For instance <see cref="LandmarkScheme.ReferenceThreshold"/>.</param>
    /// <param name="rounded">FR to 4 digits and AUC to 6, as STAR reports them.</param>
    /// <exception cref="ArgumentException">There are no errors, or the threshold is not between 0 and 100.</exception>
    public static (double FailureRate, double Auc) FailureRateAndAuc(
        ReadOnlySpan<double> errors, double threshold, bool rounded = true)
    {
        Metrics.ThrowIfEmpty(errors);
        if (!(threshold > 0 && threshold <= 100))
            throw new ArgumentException($"a threshold of {threshold} is not between 0 and 100", nameof(threshold));
        var sorted = errors.ToArray();
        Array.Sort(sorted);
        var curve = new double[GridPoints(threshold)];
        var below = 0;
        for (var i = 0; i < curve.Length; i++)
        {
            while (below < sorted.Length && sorted[below] <= i * Step)
                below++;
            curve[i] = (double)below / sorted.Length;
        }
        var failureRate = 1 - curve[^1];
        var auc = Integrate(curve) * Step / threshold;
        return rounded ? (Math.Round(failureRate, 4), Math.Round(auc, 6)) : (failureRate, auc);
    }

    /// <summary>Samples of the curve for a threshold: 502 for 0.05, 1001 for 0.1.</summary>
    internal static int GridPoints(double threshold) => (int)Math.Ceiling((threshold + Step) / Step);

    private static double Integrate(ReadOnlySpan<double> y)
    {
        if (y.Length % 2 == 1)
            return Simpson(y);
        var first = Simpson(y[..^1]) + ((y[^2] + y[^1]) / 2);
        var second = ((y[0] + y[1]) / 2) + Simpson(y[1..]);
        return (first + second) / 2;
    }

    private static double Simpson(ReadOnlySpan<double> y)
    {
        var sum = 0.0;
        for (var i = 0; i + 2 < y.Length; i += 2)
            sum += (y[i] + (4 * y[i + 1]) + y[i + 2]) / 3;
        return sum;
    }
}
