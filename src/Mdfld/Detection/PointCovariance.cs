namespace Mdfld;

/// <summary>
/// The covariance of one landmark's heat map, in pixels of the picture squared: an ellipse round the point, long where
/// the network cannot tell (along the jaw, as a rule).
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
