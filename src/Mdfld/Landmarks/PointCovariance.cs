namespace Mdfld;

/// <summary>
/// The covariance C of one landmark's error, in pixels of the picture squared: half of the true points lie in the
/// ellipse d' C^-1 d = 1.23 around the found one, 68 % in that of 2.22, 95 % in that of 8.90 (docs/output.md). Of a
/// model that was never calibrated it is the heat map's, which is much wider.
/// </summary>
/// <param name="XX">Variance of x.</param>
/// <param name="XY">Covariance of x and y.</param>
/// <param name="YY">Variance of y.</param>
public readonly record struct PointCovariance(float XX, float XY, float YY)
{
    /// <summary>Root of the mean variance of x and y, pixels.</summary>
    public float Deviation => MathF.Sqrt(MathF.Max(0, XX + YY) / 2);

    /// <summary>The covariance after the plane is turned clockwise and scaled.</summary>
    internal PointCovariance Turned(float radians, float scale)
    {
        var (sin, cos) = MathF.SinCos(radians);
        var s = scale * scale;
        return new PointCovariance(
            s * ((cos * cos * XX) - (2 * sin * cos * XY) + (sin * sin * YY)),
            s * ((sin * cos * (XX - YY)) + (((cos * cos) - (sin * sin)) * XY)),
            s * ((sin * sin * XX) + (2 * sin * cos * XY) + (cos * cos * YY)));
    }
}
