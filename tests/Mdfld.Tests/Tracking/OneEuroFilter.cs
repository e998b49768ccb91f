using System.Numerics;

namespace Mdfld.Tests.Tracking;

/// <summary>The baseline: the 1-euro filter of each coordinate (Casiez, Roussel, Vogel 2012).</summary>
/// <param name="minCutoff">Cutoff frequency at rest, hertz.</param>
/// <param name="beta">How much of the speed, pixels a second, the cutoff grows by.</param>
internal sealed class OneEuroFilter(double minCutoff, double beta)
{
    private double[]? _value;
    private double[] _speed = [];

    public Vector2[] Update(ReadOnlySpan<Vector2> points, double dt)
    {
        var x = new double[2 * points.Length];
        for (var i = 0; i < points.Length; i++)
            (x[2 * i], x[(2 * i) + 1]) = (points[i].X, points[i].Y);
        if (_value is null)
        {
            (_value, _speed) = (x, new double[x.Length]);
        }
        else
        {
            for (var i = 0; i < x.Length; i++)
            {
                // The paper's cutoff of the speed is 1 Hz.
                _speed[i] += Share(1, dt) * (((x[i] - _value[i]) / dt) - _speed[i]);
                _value[i] += Share(minCutoff + (beta * Math.Abs(_speed[i])), dt) * (x[i] - _value[i]);
            }
        }
        var value = _value;
        return [.. Enumerable.Range(0, points.Length).Select(i => new Vector2((float)value[2 * i], (float)value[(2 * i) + 1]))];
    }

    private static double Share(double cutoff, double dt) => 1 / (1 + (1 / (Math.Tau * cutoff * dt)));
}
