namespace Mdfld.Training.Star;

/// <summary>
/// Adaptive wing loss on heat maps (Wang et al., ICCV 2019): curved for small errors, the more so the brighter the
/// target, linear above theta. Cells on or next to a bright target cell weigh 11 times as much.
/// </summary>
public static class AdaptiveWingLoss
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
