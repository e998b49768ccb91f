namespace Mdfld.Training;

/// <summary>Which of the two losses of STAR's code.</summary>
public enum StarLossVersion
{
    /// <summary>The two components of an error are divided by their spread, then measured together.</summary>
    One = 1,

    /// <summary>Each component is measured for itself, then divided by its spread. The default of STAR.</summary>
    Two = 2,
}

/// <summary>How the length of an error vector is measured.</summary>
public enum PointDistance
{
    /// <summary>d^2 / 2s below s = 0.01, d - s/2 above, d the length (at least 1e-3).</summary>
    SmoothL1,

    /// <summary>Mean of the absolute components.</summary>
    L1,

    /// <summary>Mean of the squared components.</summary>
    L2,

    /// <summary>0.01 log(1 + d / 2) below 0.01, linear above, d the length (Feng et al., CVPR 2018).</summary>
    Wing,
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

/// <summary>What the network should give for a batch.</summary>
/// <param name="Landmarks">(N, P, 2), network units, clamped to [-1, 1].</param>
/// <param name="PointMaps">(N, P, 64, 64), see <see cref="PointHeatmaps"/>.</param>
/// <param name="EdgeMaps">(N, E, 64, 64), see <see cref="Training.EdgeMaps"/>.</param>
internal sealed record StarTargets(Tensor Landmarks, Tensor PointMaps, Tensor EdgeMaps);

/// <summary>The parts of the loss of one stack, not yet weighted.</summary>
internal sealed record StackLoss(Tensor Star, Tensor PointMaps, Tensor EdgeMaps);

/// <summary>
/// The sum over the stacks i of S of 2^(i - S + 1) (STAR(fused maps) + 10 AWing(point maps) + 10 AWing(edge maps)).
/// </summary>
internal sealed record StarCriterion(StarLoss Landmarks)
{
    private const double MapWeight = 10;

    /// <summary>The unweighted parts, stack by stack.</summary>
    public IReadOnlyList<StackLoss> Parts(IReadOnlyList<StarOutput> outputs, StarTargets targets) =>
    [
        .. outputs.Select(output => new StackLoss(
            Landmarks.Forward(output.FusedMaps, targets.Landmarks),
            AdaptiveWingLoss.Forward(output.PointMaps, targets.PointMaps),
            AdaptiveWingLoss.Forward(output.EdgeMaps, targets.EdgeMaps))),
    ];

    /// <summary>The weighted sum of the parts, a scalar.</summary>
    public static Tensor Total(IReadOnlyList<StackLoss> parts) => parts
        .Select((part, i) =>
            (part.Star + ((part.PointMaps + part.EdgeMaps) * MapWeight)) * Math.ScaleB(1, i - parts.Count + 1))
        .Aggregate((sum, stack) => sum + stack);

    /// <summary>The loss of a batch, a scalar.</summary>
    public Tensor Forward(IReadOnlyList<StarOutput> outputs, StarTargets targets) => Total(Parts(outputs, targets));
}

/// <summary>
/// Adaptive wing loss on heat maps (Wang et al., ICCV 2019): curved for small errors, the more so the brighter the
/// target, linear above theta. Cells on or next to a bright target cell weigh 11 times as much.
/// </summary>
internal static class AdaptiveWingLoss
{
    private const double Omega = 14;
    private const double Theta = 0.5;
    private const double Epsilon = 1;
    private const double Alpha = 2.1;
    private const double Bright = 0.2;
    private const double ExtraWeight = 10;

    /// <summary>The mean over all cells, a scalar.</summary>
    /// <param name="prediction">(N, C, H, W).</param>
    /// <param name="target">(N, C, H, W), in [0, 1].</param>
    /// <param name="weighted">Whether bright cells weigh more (they do in training).</param>
    public static Tensor Forward(Tensor prediction, Tensor target, bool weighted = true)
    {
        var error = (target - prediction).abs();
        var power = Alpha - target;
        // (theta / epsilon)^power; slope and offset make the linear part continue the curved one.
        var ratio = (power * Math.Log(Theta / Epsilon)).exp();
        var slope = power * ratio / ((ratio + 1) * Theta) * Omega;
        var offset = (slope * Theta) - ((ratio + 1).log() * Omega);
        var curved = ((error / Epsilon).pow(power) + 1).log() * Omega;
        var loss = where(error.lt(Theta), curved, (slope * error) - offset);
        return (weighted ? loss * WeightMap(target) : loss).mean();
    }

    /// <summary>11 where the brightest of the 3 x 3 target cells around is at least 0.2, else 1.</summary>
    public static Tensor WeightMap(Tensor target) =>
        (max_pool2d(target, 3, stride: 1, padding: 1).ge(Bright).to(target.dtype) * ExtraWeight) + 1;
}

/// <summary>Distances between points, as STAR's losses use them.</summary>
internal static class PointDistances
{
    private const double SmoothScale = 0.01;
    private const double WingWidth = 0.01;
    private const double WingCurvature = 2;

    // Square of the shortest length that has a gradient: the root is vertical at 0.
    private const double SmallestSquare = 1e-6;

    /// <summary>The distances of vectors (..., K), network units: (...).</summary>
    public static Tensor Of(Tensor error, PointDistance distance)
    {
        var square = (error * error).sum([-1]);
        var length = square.clamp(min: SmallestSquare).sqrt();
        return distance switch
        {
            PointDistance.L1 => error.abs().mean([-1]),
            PointDistance.L2 => (error * error).mean([-1]),
            PointDistance.Wing => Wing(length),
            _ => where(square.lt(SmoothScale * SmoothScale), square / (2 * SmoothScale), length - (SmoothScale / 2)),
        };
    }

    private static Tensor Wing(Tensor length)
    {
        var offset = WingWidth - (WingWidth * Math.Log(1 + (WingWidth / WingCurvature)));
        var curved = ((length / WingCurvature) + 1).log() * WingWidth;
        return where(length.lt(WingWidth), curved, length - offset);
    }
}

/// <summary>Mean and covariance of heat maps read as distributions over the grid [-1, 1] x [-1, 1].</summary>
/// <param name="Mean">(N, P, 2), order (x, y).</param>
/// <param name="VarianceX">(N, P).</param>
/// <param name="VarianceY">(N, P).</param>
/// <param name="Covariance">(N, P), of x and y.</param>
internal sealed record HeatmapMoments(Tensor Mean, Tensor VarianceX, Tensor VarianceY, Tensor Covariance)
{
    private const double Epsilon = 1e-5;

    /// <summary>
    /// The moments of maps (N, P, H, W). The covariance is that of weighted samples without bias: denominator
    /// V1 - V2 / V1, V1 = sum(h) + 1e-5, V2 = sum(h^2) + 1e-5, h the map divided by its sum.
    /// </summary>
    public static HeatmapMoments Of(Tensor maps)
    {
        var h = maps / maps.sum([2, 3], keepdim: true).clamp(min: SoftArgmax.SmallestMass);
        var f = new TorchOps();
        var mean = SoftArgmax.Decode(f, h);
        // (N, P, W, 1) and (N, P, H, 1): distances of the columns and rows from the mean.
        var dx = (SoftArgmax.Grid(f, h, 3) - mean.select(-1, 0).unsqueeze(-1)).unsqueeze(-1);
        var dy = (SoftArgmax.Grid(f, h, 2) - mean.select(-1, 1).unsqueeze(-1)).unsqueeze(-1);
        var columns = h.sum([2]).unsqueeze(-1);
        var rows = h.sum([3]).unsqueeze(-1);

        var v1 = h.sum([2, 3]) + Epsilon;
        var v2 = (h * h).sum([2, 3]) + Epsilon;
        var denominator = v1 - (v2 / v1);
        return new HeatmapMoments(
            mean,
            (columns * dx * dx).sum([2, 3]) / denominator,
            (rows * dy * dy).sum([2, 3]) / denominator,
            (h.matmul(dx) * dy).sum([2, 3]) / denominator);
    }

    /// <summary>
    /// Eigenvalues of the covariance, ascending, and the angle of the larger one's axis: (cos, sin) is that axis,
    /// (-sin, cos) the other.
    /// </summary>
    public (Tensor Small, Tensor Large, Tensor Angle) PrincipalAxes()
    {
        var middle = (VarianceX + VarianceY) / 2;
        var half = (VarianceX - VarianceY) / 2;
        var radius = ((half * half) + (Covariance * Covariance)).sqrt();
        return (middle - radius, middle + radius, Covariance.atan2(half) / 2);
    }
}

/// <summary>The mean position of a heat map, which (unlike its maximum) has a gradient.</summary>
internal static class SoftArgmax
{
    /// <summary>An empty map has its mean at the middle instead of at 0/0.</summary>
    public const double SmallestMass = 1e-6;

    /// <summary>sum(v * grid) / max(sum(v), 1e-6); the grid puts -1 and 1 on the centres of the outer cells.</summary>
    /// <param name="maps">(N, P, H, W), not negative, need not sum to 1.</param>
    /// <returns>(N, P, 2), order (x, y), [-1, 1].</returns>
    public static T Decode<T>(IOps<T> f, T maps) where T : class
    {
        var points = f.Shape(maps)[1];
        var mass = f.ClampMin(f.Sum(maps, 2, 3), SmallestMass);
        var x = f.Div(f.Sum(f.Mul(f.Sum(maps, 2), Grid(f, maps, 3)), 2), mass);
        var y = f.Div(f.Sum(f.Mul(f.Sum(maps, 3), Grid(f, maps, 2)), 2), mass);
        return f.Concat(2, f.Reshape(x, -1, points, 1), f.Reshape(y, -1, points, 1));
    }

    /// <summary>Coordinates of the cells along one dimension of a map, [-1, 1].</summary>
    public static T Grid<T>(IOps<T> f, T maps, int dimension) where T : class
    {
        var n = (int)f.Shape(maps)[dimension];
        return f.Constant(maps, [.. Enumerable.Range(0, n).Select(i => Coordinate(i, n))], n);
    }

    /// <summary>Centre of cell i of n: -1 for the first, 1 for the last.</summary>
    public static double Coordinate(int i, int n) => (i * 2.0 / (n - 1)) - 1;
}
