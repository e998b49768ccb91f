namespace Mdfld.Data;

/// <summary>
/// Two models on the same faces, face by face: of few faces a mean says little, the mean of the differences more.
/// Fractions, not %.
/// </summary>
/// <param name="Faces">Faces that both found.</param>
/// <param name="Mean">Mean NME of the first on them.</param>
/// <param name="Other">Mean NME of the second.</param>
/// <param name="Low">Lower end of the 95 % interval of the first's mean less the second's.</param>
/// <param name="High">Upper end.</param>
/// <param name="BetterShare">Share of the faces on which the first is better.</param>
public sealed record PairedComparison(
    int Faces, double Mean, double Other, double Low, double High, double BetterShare)
{
    private const int Resamples = 10_000;
    private const int Seed = 2012;

    /// <summary>The first's mean less the second's: below 0 where the first is better.</summary>
    public double Difference => Mean - Other;

    /// <summary>Whether the interval leaves no doubt which is better.</summary>
    public bool IsSettled => Low > 0 || High < 0;

    /// <summary>
    /// Compares NMEs; the interval is that of the percentiles of 10,000 means of faces drawn with replacement (Efron's
    /// bootstrap), drawn alike each time.
    /// </summary>
    /// <param name="errors">NME of each face, infinite where it was not found.</param>
    /// <param name="others">The same faces of the other model.</param>
    /// <returns>Null where there is no face that both found.</returns>
    public static PairedComparison? Of(IReadOnlyList<double> errors, IReadOnlyList<double> others)
    {
        var pairs = errors.Zip(others).Where(p => double.IsFinite(p.First) && double.IsFinite(p.Second)).ToArray();
        if (pairs.Length == 0)
            return null;
        double[] differences = [.. pairs.Select(p => p.First - p.Second)];
        var (random, means) = (new Random(Seed), new double[Resamples]);
        for (var n = 0; n < means.Length; n++)
        {
            var sum = 0.0;
            for (var i = 0; i < differences.Length; i++)
                sum += differences[random.Next(differences.Length)];
            means[n] = sum / differences.Length;
        }
        Array.Sort(means);
        return new PairedComparison(
            pairs.Length, pairs.Average(p => p.First), pairs.Average(p => p.Second),
            means[Resamples / 40], means[Resamples - 1 - (Resamples / 40)],
            (double)differences.Count(d => d < 0) / differences.Length);
    }
}
