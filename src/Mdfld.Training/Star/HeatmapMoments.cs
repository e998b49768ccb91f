namespace Mdfld.Training.Star;

/// <summary>Mean and covariance of heat maps read as distributions over the grid [-1, 1] x [-1, 1].</summary>
/// <param name="Mean">(N, P, 2), order (x, y).</param>
/// <param name="VarianceX">(N, P).</param>
/// <param name="VarianceY">(N, P).</param>
/// <param name="Covariance">(N, P), of x and y.</param>
public sealed record HeatmapMoments(Tensor Mean, Tensor VarianceX, Tensor VarianceY, Tensor Covariance)
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
