namespace Mdfld;

/// <summary>
/// A Kalman filter of a quantity of two numbers that moves at constant velocity, nearly. Where measurements leave what
/// was foretold by more than their noise explains, the foretold covariance is widened until it does explain them, so that
/// the filter follows at once and settles again (a strong tracking filter, Zhou and Frank 1992): smooth at rest, no lag in
/// motion.
/// </summary>
internal sealed class MotionFilter
{
    // How fast a movement is that noise may hide, radians a second. At 30 frames a second noise of independent frames
    // falls to sqrt(1.06 x 1.3 / 30) = 0.21 of its deviation.
    private const double Bandwidth = 1.3;

    // Mean square of an innovation in its own deviations, per number, above which it is a movement; and of the running
    // mean of innovations, which small movements leave on one side.
    // Noise alone is over them once in thousands of frames.
    private const double Gate = 9;
    private const double MeanGate = 7;
    private const double MeanRate = 0.3;

    private (double X, double Y) _velocity;
    private (double X, double Y) _mean;
    private Matrix2 _p, _pv, _v;
    private bool _hasBegun;

    public (double X, double Y) Value { get; private set; }

    /// <summary>Where the quantity will be.</summary>
    public (double X, double Y) After(double seconds) =>
        (Value.X + (seconds * _velocity.X), Value.Y + (seconds * _velocity.Y));

    /// <summary>How far a measurement is from what is foretold: its square in deviations, per number.</summary>
    public double Surprise((double X, double Y) measured, Matrix2 noise, double seconds)
    {
        if (!_hasBegun)
            return 0;
        var (x, y) = After(seconds);
        var spread = Foretold(seconds, noise).P + noise;
        return spread.Inverse.Square((measured.X - x, measured.Y - y)) / 2;
    }

    /// <summary>Takes the next measurement.</summary>
    /// <param name="measured">The measurement.</param>
    /// <param name="noise">The covariance of its noise, positive definite.</param>
    /// <param name="seconds">Since the last one, more than 0.</param>
    /// <param name="moves">Whether others say that there is a movement.</param>
    public void Update((double X, double Y) measured, Matrix2 noise, double seconds, bool moves = false)
    {
        if (!_hasBegun)
        {
            (Value, _velocity, _mean, _hasBegun) = (measured, default, default, true);
            // Nothing is known of the velocity: two frames away anything may be.
            (_p, _pv, _v) = (noise, default, (1 / (seconds * seconds)) * noise);
            return;
        }
        var (p, pv, v) = Foretold(seconds, noise);
        var at = After(seconds);
        (double X, double Y) innovation = (measured.X - at.X, measured.Y - at.Y);
        _mean = (
            ((1 - MeanRate) * _mean.X) + (MeanRate * innovation.X), ((1 - MeanRate) * _mean.Y) + (MeanRate * innovation.Y));
        var inverse = (p + noise).Inverse;
        var square = inverse.Square(innovation) / 2;
        // The running mean of independent innovations has this share of their variance.
        var meanSquare = inverse.Square(_mean) / 2 * (2 - MeanRate) / MeanRate;
        if (square > Gate || meanSquare > MeanGate || (moves && square > 1))
        {
            var excess = Math.Max(square, meanSquare);
            var widened = Math.Max(1, ((excess * (p + noise).Trace) - noise.Trace) / p.Trace);
            (p, pv, v) = (widened * p, widened * pv, widened * v);
            inverse = (p + noise).Inverse;
            _mean = default;
        }
        var (gain, gainOfVelocity) = (p * inverse, pv.Transposed * inverse);
        var (dx, dy) = gain * innovation;
        var (dvx, dvy) = gainOfVelocity * innovation;
        Value = (at.X + dx, at.Y + dy);
        _velocity = (_velocity.X + dvx, _velocity.Y + dvy);
        _p = ((Matrix2.Identity - gain) * p).Symmetric;
        _v = (v - (gainOfVelocity * pv)).Symmetric;
        _pv = (Matrix2.Identity - gain) * pv;
    }

    /// <summary>Covariances of position, position and velocity, velocity after a time, as accelerations widen them.</summary>
    private (Matrix2 P, Matrix2 PV, Matrix2 V) Foretold(double t, Matrix2 noise)
    {
        // The steady filter of that bandwidth: the acceleration's density is noise x time between measurements x
        // bandwidth^4.
        var q = t * Math.Pow(Bandwidth, 4) * noise;
        var p = (_p + (t * (_pv + _pv.Transposed)) + (t * t * _v) + (t * t * t / 3 * q)).Symmetric;
        return (p, _pv + (t * _v) + (t * t / 2 * q), (_v + (t * q)).Symmetric);
    }
}
