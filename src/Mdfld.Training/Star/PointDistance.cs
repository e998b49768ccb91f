namespace Mdfld.Training.Star;

/// <summary>How long an error vector counts.</summary>
public enum PointDistance
{
    /// <summary>d^2 / 2s below s = 0.01, d - s/2 above, d the length (at least 1e-3).</summary>
    SmoothL1,

    /// <summary>Mean of the absolute components.</summary>
    L1,

    /// <summary>Mean of the squared components.</summary>
    L2,

    /// <summary>
    /// 0.01 log(1 + d / 2) below 0.01, linear above, d the length (at least 1e-3). Feng et al., CVPR 2018.
    /// </summary>
    Wing,
}

/// <summary>Distances between points, as STAR's losses use them.</summary>
public static class PointDistances
{
    private const double SmoothScale = 0.01;
    private const double WingWidth = 0.01;
    private const double WingCurvature = 2;

    /// <summary>Square of the shortest length that has a gradient: the root is vertical at 0.</summary>
    private const double SmallestSquare = 1e-6;

    /// <summary>The distances of all vectors, not yet averaged.</summary>
    /// <param name="error">(..., K): vectors of K components, network units.</param>
    /// <param name="distance">The measure.</param>
    /// <returns>(...) one value a vector.</returns>
    public static Tensor Of(Tensor error, PointDistance distance) => distance switch
    {
        PointDistance.SmoothL1 => Smooth(error),
        PointDistance.L1 => error.abs().mean([-1]),
        PointDistance.L2 => (error * error).mean([-1]),
        PointDistance.Wing => Wing(error),
        _ => throw new ArgumentOutOfRangeException(nameof(distance), distance, "no such distance"),
    };

    private static Tensor Smooth(Tensor error)
    {
        var square = (error * error).sum([-1]);
        var length = square.clamp(min: SmallestSquare).sqrt();
        return where(square.lt(SmoothScale * SmoothScale), (square / (2 * SmoothScale)), length - (SmoothScale / 2));
    }

    private static Tensor Wing(Tensor error)
    {
        var offset = WingWidth - (WingWidth * Math.Log(1 + (WingWidth / WingCurvature)));
        var length = (error * error).sum([-1]).clamp(min: SmallestSquare).sqrt();
        var curved = ((length / WingCurvature) + 1).log() * WingWidth;
        return where(length.lt(WingWidth), curved, length - offset);
    }
}
