namespace Mdfld;

/// <summary>
/// Fits the mean head to 68 points: damped Gauss-Newton over yaw, pitch, roll, position and scale, from a few turns of
/// the head. A point counts as much as is known of it: its own covariance, and how far faces differ from the mean head
/// there. The jaw lies on the visible contour, so that of the side turned away does not count.
/// </summary>
internal readonly ref struct HeadFit
{
    private const int Parameters = 6;
    private const int Rounds = 12;

    // Residuals of more than this many deviations count less (Huber's loss): an open mouth, a raised brow.
    private const double Robust = 2;

    // A jaw turned away by this much, radians, counts no longer.
    private const double JawGone = 0.5;

    // Shape errors are not independent, point by point: faces are long or short, noses too. So yaw and pitch are less sure
    // than the number of points says, the roll, about which both halves agree, is more; deviations of yaw, pitch and roll,
    // measured on heads that differ as people do (HeadPoseTests).
    private static readonly double[] Dependence = [1.25, 1.5, 0.7];

    private readonly ReadOnlySpan<Vector2> _points;
    private readonly ReadOnlySpan<PointCovariance> _uncertainty;
    private readonly double? _focal;
    private readonly Vector2 _centre;

    // Pixels of an eye distance, nearly: what faces differ by is weighed with it. Not the fitted scale, or the fit would
    // make heads larger so as to be less wrong.
    private readonly double _unit;

    public HeadFit(
        ReadOnlySpan<Vector2> points, ReadOnlySpan<PointCovariance> uncertainty, double? focal, Vector2 centre)
    {
        _points = points;
        _uncertainty = uncertainty;
        (_focal, _centre) = (focal, centre);
        var (low, high) = (points[0], points[0]);
        foreach (var p in points)
            (low, high) = (Vector2.Min(low, p), Vector2.Max(high, p));
        _unit = MathF.Max(high.X - low.X, high.Y - low.Y) / 2.2;
    }

    /// <summary>Angles in radians, where the head's origin is seen, pixels of an eye distance there.</summary>
    public readonly record struct View(double Yaw, double Pitch, double Roll, double X, double Y, double Scale)
    {
        public static View Of(ReadOnlySpan<double> p) => new(p[0], p[1], p[2], p[3], p[4], Math.Exp(p[5]));
    }

    /// <summary>The view, and the covariance of its angles as six numbers, radians squared.</summary>
    public readonly record struct Solution(View View, double[] Covariance);

    public Solution? Solve()
    {
        foreach (var p in _points)
        {
            if (!float.IsFinite(p.X) || !float.IsFinite(p.Y))
                return null;
        }
        var (right, left) = (Middle(36), Middle(42));
        if (!(_unit > 1e-3))
            return null;
        // Of a face from the side the eyes nearly coincide: the way to the mouth says how it leans.
        var down = ((_points[48] + _points[54]) / 2) - ((right + left) / 2);
        var roll = Math.Atan2(-down.X, down.Y);
        if (!(down.Length() > 1e-3 * _unit))
            return null;
        Span<double> best = stackalloc double[Parameters];
        Span<double> tried = stackalloc double[Parameters];
        var least = double.PositiveInfinity;
        foreach (var yaw in (ReadOnlySpan<double>)[0, 0.8, -0.8])
        {
            (tried[0], tried[1], tried[2]) = (yaw, 0, roll);
            (tried[3], tried[4]) = ((right.X + left.X) / 2, (right.Y + left.Y) / 2);
            tried[5] = Math.Log(_unit);
            // Which part of the jaw is turned away is known after the first descent.
            Descend(tried, tried[0]);
            var cost = Descend(tried, tried[0]);
            if (cost < least)
            {
                least = cost;
                tried.CopyTo(best);
            }
        }
        if (!double.IsFinite(least) || !(Math.Exp(best[5]) > 1e-2 * _unit))
            return null;
        return new Solution(View.Of(best), Covariance(best));
    }

    private Vector2 Middle(int first)
    {
        var sum = Vector2.Zero;
        for (var i = first; i < first + 6; i++)
            sum += _points[i];
        return sum / 6;
    }

    private double Descend(Span<double> p, double turned)
    {
        Span<double> normal = stackalloc double[Parameters * Parameters];
        Span<double> damped = stackalloc double[Parameters * Parameters];
        Span<double> gradient = stackalloc double[Parameters];
        Span<double> step = stackalloc double[Parameters];
        Span<double> next = stackalloc double[Parameters];
        var damping = 1e-3;
        var cost = Cost(p, turned);
        for (var round = 0; round < Rounds && double.IsFinite(cost); round++)
        {
            Normal(p, turned, normal, gradient);
            var improved = false;
            for (var attempt = 0; attempt < 5 && !improved; attempt++)
            {
                normal.CopyTo(damped);
                for (var i = 0; i < Parameters; i++)
                    damped[(i * Parameters) + i] *= 1 + damping;
                if (!SymmetricMatrix.Solve(damped, gradient, step))
                    return double.PositiveInfinity;
                for (var i = 0; i < Parameters; i++)
                    next[i] = p[i] - step[i];
                // Faces stand upright on their necks: a head that looks at its own back is the other solution.
                next[1] = Math.Clamp(next[1], -1.5, 1.5);
                next[0] = Math.Clamp(next[0], -1.9, 1.9);
                var after = Cost(next, turned);
                improved = after < cost;
                if (improved)
                {
                    var gained = cost - after;
                    next.CopyTo(p);
                    cost = after;
                    damping = Math.Max(1e-6, damping / 5);
                    if (gained < 1e-7 * (1 + cost))
                        return cost;
                }
                else
                {
                    damping *= 8;
                }
            }
            if (!improved)
                break;
        }
        return cost;
    }

    /// <summary>
    /// Mean of Huber's loss over the points; the yaw <paramref name="turned"/> says which part of the jaw is turned away.
    /// </summary>
    private double Cost(ReadOnlySpan<double> p, double turned)
    {
        var projection = new Projection(View.Of(p), _focal, _centre);
        var (cost, weights) = (0.0, 0.0);
        for (var i = 0; i < _points.Length; i++)
        {
            var (weight, square) = Weigh(i, projection, turned);
            var d = Math.Sqrt(square);
            cost += weight * (d <= Robust ? square / 2 : Robust * (d - (Robust / 2)));
            weights += weight;
        }
        return cost / weights;
    }

    /// <summary>A point's weight for being seen, and its squared residual in deviations.</summary>
    private (double Weight, double Square) Weigh(int i, in Projection projection, double turned)
    {
        var (x, y) = projection.Of(HeadPose.MeanHead[i]);
        var (dx, dy) = (x - _points[i].X, y - _points[i].Y);
        var (a, b, d) = Inverse(i);
        return (Visibility(i, turned), (a * dx * dx) + (2 * b * dx * dy) + (d * dy * dy));
    }

    private void Normal(ReadOnlySpan<double> p, double turned, Span<double> normal, Span<double> gradient)
    {
        const double Step = 1e-5;
        normal.Clear();
        gradient.Clear();
        Span<double> moved = stackalloc double[Parameters];
        Span<double> jx = stackalloc double[Parameters];
        Span<double> jy = stackalloc double[Parameters];
        var at = new Projection(View.Of(p), _focal, _centre);
        Span<Projection> aside = stackalloc Projection[Parameters];
        for (var k = 0; k < Parameters; k++)
        {
            p.CopyTo(moved);
            moved[k] += Step;
            aside[k] = new Projection(View.Of(moved), _focal, _centre);
        }
        for (var i = 0; i < _points.Length; i++)
        {
            var (x, y) = at.Of(HeadPose.MeanHead[i]);
            var (dx, dy) = (x - _points[i].X, y - _points[i].Y);
            var (a, b, d) = Inverse(i);
            var square = (a * dx * dx) + (2 * b * dx * dy) + (d * dy * dy);
            var weight = Visibility(i, turned) * Math.Min(1, Robust / Math.Sqrt(Math.Max(square, 1e-12)));
            for (var k = 0; k < Parameters; k++)
            {
                var (mx, my) = aside[k].Of(HeadPose.MeanHead[i]);
                (jx[k], jy[k]) = ((mx - x) / Step, (my - y) / Step);
            }
            for (var k = 0; k < Parameters; k++)
            {
                var (wx, wy) = (weight * ((a * jx[k]) + (b * jy[k])), weight * ((b * jx[k]) + (d * jy[k])));
                gradient[k] += (wx * dx) + (wy * dy);
                for (var l = 0; l < Parameters; l++)
                    normal[(k * Parameters) + l] += (wx * jx[l]) + (wy * jy[l]);
            }
        }
    }

    /// <summary>
    /// The inverse of the normal matrix, angles only, as wide as the residuals are: of a drawing that is unlike a head
    /// the pose is less sure.
    /// </summary>
    private double[] Covariance(ReadOnlySpan<double> p)
    {
        Span<double> normal = stackalloc double[Parameters * Parameters];
        Span<double> gradient = stackalloc double[Parameters];
        Span<double> unit = stackalloc double[Parameters];
        Span<double> column = stackalloc double[Parameters];
        Normal(p, p[0], normal, gradient);
        var (sum, count) = (0.0, 0.0);
        var projection = new Projection(View.Of(p), _focal, _centre);
        for (var i = 0; i < _points.Length; i++)
        {
            var (weight, square) = Weigh(i, projection, p[0]);
            (sum, count) = (sum + (weight * square), count + (2 * weight));
        }
        var wider = Math.Max(1, sum / Math.Max(1, count - Parameters));
        var covariance = new double[6];
        for (int k = 0, at = 0; k < 3; k++)
        {
            unit.Clear();
            unit[k] = wider;
            if (!SymmetricMatrix.Solve(normal, unit, column))
                return [];
            for (var l = k; l < 3; l++)
                covariance[at++] = Dependence[k] * Dependence[l] * column[l];
        }
        return covariance;
    }

    /// <summary>The inverse of a point's covariance: what the model says, and how far faces differ.</summary>
    private (double A, double B, double D) Inverse(int i)
    {
        var (sx, sy) = Spread(i);
        var (xx, xy, yy) = (sx * sx * _unit * _unit, 0.0, sy * sy * _unit * _unit);
        if (!_uncertainty.IsEmpty)
            (xx, xy, yy) = (xx + _uncertainty[i].XX, _uncertainty[i].XY, yy + _uncertainty[i].YY);
        var determinant = Math.Max((xx * yy) - (xy * xy), 1e-12);
        return (yy / determinant, -xy / determinant, xx / determinant);
    }

    // How far faces differ from the mean head, eye distances across and down: the jaw in its length and by where its
    // contour lies, brows and mouth as they move.
    private static (double Across, double Down) Spread(int i) => i switch
    {
        < 17 => (0.16, 0.2),
        < 27 => (0.08, 0.14),
        < 31 => (0.05, 0.07),
        < 36 => (0.05, 0.08),
        < 48 => (0.05, 0.05),
        _ => (0.09, 0.12),
    };

    private static double Visibility(int i, double yaw)
    {
        // A head that turns to the right of the picture (yaw > 0) hides the jaw at the picture's right.
        var isAway = (yaw > 0 && i is > 8 and < 17) || (yaw < 0 && i < 8);
        return isAway ? Math.Max(0, 1 - (Math.Abs(yaw) / JawGone)) : 1;
    }

    /// <summary>Where points of the head are seen.</summary>
    private readonly struct Projection
    {
        private readonly double _sinYaw, _cosYaw, _sinPitch, _cosPitch, _sinRoll, _cosRoll, _focal;
        private readonly Vector2 _centre;

        public Projection(View view, double? focal, Vector2 centre)
        {
            View = view;
            (_sinYaw, _cosYaw) = Math.SinCos(view.Yaw);
            (_sinPitch, _cosPitch) = Math.SinCos(view.Pitch);
            (_sinRoll, _cosRoll) = Math.SinCos(view.Roll);
            (_focal, _centre) = (focal ?? 0, centre);
        }

        public View View { get; }

        public (double X, double Y) Of(Vector3 p)
        {
            var (x, z) = ((p.X * _cosYaw) + (p.Z * _sinYaw), (p.Z * _cosYaw) - (p.X * _sinYaw));
            var (y, towards) = ((p.Y * _cosPitch) - (z * _sinPitch), (p.Y * _sinPitch) + (z * _cosPitch));
            (x, y) = ((x * _cosRoll) - (y * _sinRoll), (x * _sinRoll) + (y * _cosRoll));
            var (atX, atY) = (View.X + (View.Scale * x), View.Y + (View.Scale * y));
            if (_focal <= 0)
                return (atX, atY);
            // The origin is focal / scale away; what is nearer is seen larger, about the principal point.
            var depth = _focal / View.Scale;
            var nearer = depth / Math.Max(depth - towards, 0.05 * depth);
            return (_centre.X + ((atX - _centre.X) * nearer), _centre.Y + ((atY - _centre.Y) * nearer));
        }
    }
}
