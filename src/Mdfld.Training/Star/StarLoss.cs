namespace Mdfld.Training.Star;

/// <summary>Which of the two losses of STAR's code.</summary>
public enum StarLossVersion
{
    /// <summary>The two components of an error are divided by their spread, then measured together.</summary>
    One = 1,

    /// <summary>Each component is measured alone, then divided by its spread. The default of STAR.</summary>
    Two = 2,
}

/// <summary>
/// Self-adaptive ambiguity reduction (Zhou et al., CVPR 2023): the error of a landmark is split along the principal
/// axes of its heat map, and what lies along the direction in which the map is spread out counts less. The spread
/// itself is held down by a second term.
/// </summary>
/// <remarks>
/// The axes of the 2 x 2 covariance come from its closed form. Like an eigen-decomposition that has no gradient where
/// both eigenvalues are equal: a map that is exactly isotropic, or all zero, gives NaN there.
/// </remarks>
/// <param name="Version">Order of division and measuring.</param>
/// <param name="Distance">The measure; version 2 knows no wing (the original raises there).</param>
/// <param name="SpreadWeight">Weight w of the mean of |l0| + |l1|, the eigenvalues.</param>
public sealed record StarLoss(
    StarLossVersion Version = StarLossVersion.Two,
    PointDistance Distance = PointDistance.SmoothL1,
    double SpreadWeight = 1)
{
    private const double Epsilon = 1e-5;

    /// <summary>How errors are measured.</summary>
    public PointDistance Distance { get; } = Version == StarLossVersion.Two && Distance == PointDistance.Wing
        ? throw new ArgumentException("STAR version 2 has no wing distance; use version 1", nameof(Distance))
        : Distance;

    /// <summary>The loss, a scalar.</summary>
    /// <param name="maps">(N, P, H, W), not negative, need not sum to 1.</param>
    /// <param name="landmarks">(N, P, 2), order (x, y), network units.</param>
    public Tensor Forward(Tensor maps, Tensor landmarks)
    {
        var moments = HeatmapMoments.Of(maps);
        var (small, large, angle) = moments.PrincipalAxes();
        var error = landmarks - moments.Mean;
        var (x, y) = (error.select(-1, 0), error.select(-1, 1));
        var (cos, sin) = (angle.cos(), angle.sin());
        var alongLarge = (x * cos) + (y * sin);
        var alongSmall = (y * cos) - (x * sin);
        var smallSpread = (small + Epsilon).sqrt();
        var largeSpread = (large + Epsilon).sqrt();

        var measured = Version == StarLossVersion.One
            ? PointDistances.Of(stack([alongSmall / smallSpread, alongLarge / largeSpread], -1), Distance)
            : (PointDistances.Of(alongSmall.unsqueeze(-1), Distance) / smallSpread)
                + (PointDistances.Of(alongLarge.unsqueeze(-1), Distance) / largeSpread);
        return measured.mean() + ((small.abs() + large.abs()).mean() * SpreadWeight);
    }
}
