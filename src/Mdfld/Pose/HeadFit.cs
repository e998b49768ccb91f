namespace Mdfld;

/// <summary>
/// Fits a head to 68 points: damped Gauss-Newton over yaw, pitch, roll, position, scale, and a few ways in which faces
/// differ from the mean head, from a few turns of it. A point counts as much as is known of it: its own covariance, and how
/// far faces differ there besides. The jaw lies on the visible contour, so that of the side turned away does not count.
/// </summary>
internal readonly ref struct HeadFit
{
    private const int Parameters = 11;
    private const int OfView = 6;
    private const int Rounds = 12;

    // Residuals of more than this many deviations count less (Huber's loss): an open mouth, a raised brow.
    private const double Robust = 2;

    // A jaw turned away by this much, radians, counts no longer.
    private const double JawGone = 0.5;

    // How faces differ from the mean head, downwards, eye distances: where brows, nose and mouth are, how far the mouth is open
    // (and the chin with it), how long the face is. Standard deviations of 300-W's training labels.
    private static readonly double[] Differences = [0.05, 0.03, 0.045, 0.09, 0.06];

    // What is left of the differences is not independent, point by point; deviations of yaw, pitch and roll beside what the
    // number of points says, measured on heads that differ as people do (HeadPoseTests).
    private static readonly double[] Dependence = [1.4, 1.2, 1];

    private readonly ReadOnlySpan<Vector2> _points;
    private readonly ReadOnlySpan<PointCovariance> _uncertainty;
    private readonly double? _focal;
    private readonly Vector2 _centre;

    // Pixels of an eye distance, nearly: what faces differ by is weighed with it. Not the fitted scale, or the fit would
    // make heads larger so as to be less wrong.
    private readonly double _unit;

    // Which way the face leans, radians: what faces differ by is known along its own axes. Not the fitted roll, as above.
    private readonly double _roll;
    private readonly Vector2 _down;

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
        // Of a face from the side the eyes nearly coincide: the way to the mouth says how it leans.
        _down = ((_points[48] + _points[54]) / 2) - ((Middle(36) + Middle(42)) / 2);
        _roll = Math.Atan2(-_down.X, _down.Y);
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
        if (!(_unit > 1e-3) || !(_down.Length() > 1e-3 * _unit))
            return null;
        var eyes = (Middle(36) + Middle(42)) / 2;
        Span<double> best = stackalloc double[Parameters];
        Span<double> tried = stackalloc double[Parameters];
        var least = double.PositiveInfinity;
        foreach (var yaw in (ReadOnlySpan<double>)[0, 0.8, -0.8])
        {
            tried.Clear();
            (tried[0], tried[2]) = (yaw, _roll);
            (tried[3], tried[4]) = (eyes.X, eyes.Y);
            tried[5] = Math.Log(_unit);
            // Which part of the jaw is turned away is known after the first descent.
            Descend(tried[..OfView], tried[0]);
            var cost = Descend(tried[..OfView], tried[0]);
            if (cost < least)
            {
                least = cost;
                tried.CopyTo(best);
            }
        }
        if (double.IsFinite(least))
            least = Descend(best, best[0]);
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

    /// <summary>Betters the view and, where they are given, the differences; returns the cost.</summary>
    private double Descend(Span<double> p, double turned)
    {
        var n = p.Length;
        Span<double> normal = stackalloc double[n * n];
        Span<double> damped = stackalloc double[n * n];
        Span<double> gradient = stackalloc double[n];
        Span<double> step = stackalloc double[n];
        Span<double> next = stackalloc double[n];
        var damping = 1e-3;
        var cost = Cost(p, turned);
        for (var round = 0; round < Rounds && double.IsFinite(cost); round++)
        {
            Normal(p, turned, normal, gradient);
            var improved = false;
            for (var attempt = 0; attempt < 5 && !improved; attempt++)
            {
                normal.CopyTo(damped);
                for (var i = 0; i < n; i++)
                    damped[(i * n) + i] *= 1 + damping;
                if (!SymmetricMatrix.Solve(damped, gradient, step))
                    return double.PositiveInfinity;
                for (var i = 0; i < n; i++)
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
    /// Mean of Huber's loss over the points, and what the differences cost; the yaw <paramref name="turned"/> says which part
    /// of the jaw is turned away.
    /// </summary>
    private double Cost(ReadOnlySpan<double> p, double turned)
    {
        var projection = new Projection(View.Of(p), _focal, _centre);
        var (cost, weights) = (0.0, 0.0);
        for (var i = 0; i < _points.Length; i++)
        {
            var (weight, square) = Weigh(i, p, projection, turned);
            var d = Math.Sqrt(square);
            cost += weight * (d <= Robust ? square / 2 : Robust * (d - (Robust / 2)));
            weights += weight;
        }
        for (var k = OfView; k < p.Length; k++)
            cost += p[k] * p[k] * Stiffness(k) / 2;
        return cost / weights;
    }

    private static double Stiffness(int parameter) => 1 / Math.Pow(Differences[parameter - OfView], 2);

    /// <summary>How far down a point moves for one unit of a difference.</summary>
    private static double Down(int i, int parameter) => (parameter - OfView) switch
    {
        0 => i is >= 17 and < 27 ? 1 : 0,
        1 => i is >= 30 and < 36 ? 1 : 0,
        2 => i >= 48 ? 1 : 0,
        3 => i is (>= 5 and <= 11) or (>= 55 and < 60) or >= 65 ? 1 : 0,
        _ => HeadPose.MeanHead[i].Y,
    };

    /// <summary>How far down a point lies of this head.</summary>
    private static double Down(int i, ReadOnlySpan<double> p)
    {
        double y = HeadPose.MeanHead[i].Y;
        for (var k = OfView; k < p.Length; k++)
            y += p[k] * Down(i, k);
        return y;
    }

    /// <summary>A point's weight for being seen, and its squared residual in deviations.</summary>
    private (double Weight, double Square) Weigh(int i, ReadOnlySpan<double> p, in Projection projection, double turned)
    {
        var (x, y) = projection.Of(i, Down(i, p));
        var (dx, dy) = (x - _points[i].X, y - _points[i].Y);
        var (a, b, d) = Inverse(i);
        return (Visibility(i, turned), (a * dx * dx) + (2 * b * dx * dy) + (d * dy * dy));
    }

    private void Normal(ReadOnlySpan<double> p, double turned, Span<double> normal, Span<double> gradient)
    {
        const double Step = 1e-5;
        var n = p.Length;
        normal.Clear();
        gradient.Clear();
        Span<double> moved = stackalloc double[n];
        Span<double> jx = stackalloc double[n];
        Span<double> jy = stackalloc double[n];
        var at = new Projection(View.Of(p), _focal, _centre);
        Span<Projection> aside = stackalloc Projection[OfView];
        for (var k = 0; k < OfView; k++)
        {
            p.CopyTo(moved);
            moved[k] += Step;
            aside[k] = new Projection(View.Of(moved), _focal, _centre);
        }
        for (var i = 0; i < _points.Length; i++)
        {
            var down = Down(i, p);
            var (x, y) = at.Of(i, down);
            var (dx, dy) = (x - _points[i].X, y - _points[i].Y);
            var (a, b, d) = Inverse(i);
            var square = (a * dx * dx) + (2 * b * dx * dy) + (d * dy * dy);
            var weight = Visibility(i, turned) * Math.Min(1, Robust / Math.Sqrt(Math.Max(square, 1e-12)));
            var below = at.Of(i, down + Step);
            for (var k = 0; k < n; k++)
            {
                var (mx, my) = k < OfView ? aside[k].Of(i, down) : below;
                var share = k < OfView ? 1 : Down(i, k);
                (jx[k], jy[k]) = (share * (mx - x) / Step, share * (my - y) / Step);
            }
            for (var k = 0; k < n; k++)
            {
                var (wx, wy) = (weight * ((a * jx[k]) + (b * jy[k])), weight * ((b * jx[k]) + (d * jy[k])));
                gradient[k] += (wx * dx) + (wy * dy);
                for (var l = 0; l < n; l++)
                    normal[(k * n) + l] += (wx * jx[l]) + (wy * jy[l]);
            }
        }
        for (var k = OfView; k < n; k++)
        {
            gradient[k] += p[k] * Stiffness(k);
            normal[(k * n) + k] += Stiffness(k);
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
            var (weight, square) = Weigh(i, p, projection, p[0]);
            (sum, count) = (sum + (weight * square), count + (2 * weight));
        }
        var wider = Math.Max(1, sum / Math.Max(1, count - OfView));
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
        var (across, down) = Spread(i);
        var (sin, cos) = Math.SinCos(_roll);
        var (u, v) = (across * across * _unit * _unit, down * down * _unit * _unit);
        var (xx, xy, yy) = ((cos * cos * u) + (sin * sin * v), sin * cos * (u - v), (sin * sin * u) + (cos * cos * v));
        if (!_uncertainty.IsEmpty)
            (xx, xy, yy) = (xx + _uncertainty[i].XX, xy + _uncertainty[i].XY, yy + _uncertainty[i].YY);
        var determinant = Math.Max((xx * yy) - (xy * xy), 1e-12);
        return (yy / determinant, -xy / determinant, xx / determinant);
    }

    // How far points differ besides, eye distances across and down (300-W's training labels, robust deviations). Along a line
    // nothing says where a point of it is: of heads that look up or down those of cheeks and ridge of the nose are found nearer
    // to where they are in level ones, and so hardly count there.
    private static (double Across, double Down) Spread(int i) => i switch
    {
        < 7 or (>= 10 and < 17) => (0.07, 0.4),
        < 17 => (0.07, 0.07),
        < 27 => (0.05, 0.04),
        < 31 => (0.02, 0.2),
        < 36 => (0.03, 0.02),
        < 48 => (0.02, 0.02),
        48 or 54 or 60 or 64 => (0.06, 0.04),
        _ => (0.035, 0.025),
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

        /// <summary>A point of the mean head, but so far down.</summary>
        public (double X, double Y) Of(int i, double down)
        {
            var p = HeadPose.MeanHead[i];
            var (x, z) = ((p.X * _cosYaw) + (p.Z * _sinYaw), (p.Z * _cosYaw) - (p.X * _sinYaw));
            var (y, towards) = ((down * _cosPitch) - (z * _sinPitch), (down * _sinPitch) + (z * _cosPitch));
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
