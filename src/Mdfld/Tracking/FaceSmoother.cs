namespace Mdfld;

/// <summary>
/// Smooths the points of one face over frames: position, size and roll of the whole face are one movement, which all
/// points measure together; what each point does besides is another, measured as well as the model says (its
/// covariance).
/// How much of that covariance is noise from frame to frame, and not an error that stays, is learnt on the way.
/// </summary>
internal sealed class FaceSmoother
{
    // Where a model does not say: this share of the face's size.
    private const float UsualDeviation = 0.012f;

    // Noise is never taken to be less than this share of the face's size.
    private const double LeastNoise = 1e-4;

    // Mean surprise of a part's points above which they move together. Noise moves neighbours together, too, so that many
    // points say hardly more than one.
    private const double PartMoves = 5;

    private static readonly (int First, int Count)[] PartsOf68 =
        [(0, 17), (17, 5), (22, 5), (27, 9), (36, 6), (42, 6), (48, 20)];

    private readonly MotionFilter _position = new();
    private readonly MotionFilter _turn = new();
    private readonly MotionFilter[] _points;
    private readonly NoiseEstimate _positionNoise = new(1e-5);
    private readonly NoiseEstimate _turnNoise = new(1e-5);
    private readonly (int First, int Count)[] _parts;
    private readonly NoiseEstimate[] _partNoise;
    private readonly Queue<Frame> _history = new();
    private Vector2[]? _shape;
    private double _last;

    /// <param name="count">Points of a face.</param>
    public FaceSmoother(int count)
    {
        _points = [.. Enumerable.Range(0, count).Select(_ => new MotionFilter())];
        _parts = count == 68 ? PartsOf68 : [(0, count)];
        _partNoise = [.. _parts.Select(_ => new NoiseEstimate(0.02))];
    }

    private readonly record struct Frame((double X, double Y) Position, (double X, double Y) Turn, Vector2[] Own);

    /// <summary>Where the points will be at a time; null before the first measurement.</summary>
    public Vector2[]? At(double time)
    {
        if (_shape is null)
            return null;
        // Nobody moves on for ever.
        var ahead = Math.Min(time - _last, 1);
        var ((x, y), (a, b)) = (_position.After(ahead), _turn.After(Math.Min(ahead, 0.1)));
        return Placed(x, y, a, b);
    }

    /// <summary>Takes the points of the next frame and returns the smoothed ones.</summary>
    /// <param name="measured">Pixels.</param>
    /// <param name="uncertainty">Their covariances; empty where the model does not say.</param>
    /// <param name="time">Seconds; later than the last frame's.</param>
    public Vector2[] Update(ReadOnlySpan<Vector2> measured, ReadOnlySpan<PointCovariance> uncertainty, double time)
    {
        if (_shape is null)
            return Begin(measured, uncertainty, time);
        var dt = Math.Max(time - _last, 1e-3);
        _last = time;
        var weights = Weights(measured, uncertainty);
        var (x, y, a, b) = RobustSimilarity(_shape, measured, weights);
        var size = Math.Sqrt((a * a) + (b * b));
        Span<Vector2> own = new Vector2[measured.Length];
        for (var i = 0; i < own.Length; i++)
        {
            var (dx, dy) = (measured[i].X - x, measured[i].Y - y);
            own[i] = new Vector2(
                (float)(((a * dx) + (b * dy)) / (size * size)), (float)(((a * dy) - (b * dx)) / (size * size)));
        }
        Learn(new Frame((x, y), (a, b), own.ToArray()), size, uncertainty);

        var least = LeastNoise * LeastNoise;
        _position.Update((x, y), Matrix2.Scaled(size * size * Math.Max(_positionNoise.Variance, least)), dt);
        _turn.Update((a, b), Matrix2.Scaled(size * size * Math.Max(_turnNoise.Variance, least)), dt);
        Span<bool> moves = new bool[own.Length];
        FindMoving(own, uncertainty, a, b, dt, moves);
        foreach (var (part, i) in PartPoints())
        {
            _points[i].Update((own[i].X, own[i].Y), Noise(uncertainty, part, i, a, b), dt, moves[i]);
            _shape[i] = new Vector2((float)_points[i].Value.X, (float)_points[i].Value.Y);
        }
        return Placed(_position.Value.X, _position.Value.Y, _turn.Value.X, _turn.Value.Y);
    }

    private Vector2[] Begin(ReadOnlySpan<Vector2> measured, ReadOnlySpan<PointCovariance> uncertainty, double time)
    {
        var box = FaceBox.Around(measured);
        var size = Math.Max(Math.Max(box.Width, box.Height), 1e-3f);
        var middle = Vector2.Zero;
        foreach (var p in measured)
            middle += p / measured.Length;
        _shape = new Vector2[measured.Length];
        _last = time;
        _position.Update((middle.X, middle.Y), Matrix2.Scaled(size * size * _positionNoise.Variance), 1 / 30.0);
        _turn.Update((size, 0), Matrix2.Scaled(size * size * _turnNoise.Variance), 1 / 30.0);
        foreach (var (part, i) in PartPoints())
        {
            _shape[i] = (measured[i] - middle) / size;
            _points[i].Update((_shape[i].X, _shape[i].Y), Noise(uncertainty, part, i, size, 0), 1 / 30.0);
        }
        Learn(new Frame((middle.X, middle.Y), (size, 0), [.. _shape]), size, uncertainty);
        return measured.ToArray();
    }

    private Vector2[] Placed(double x, double y, double a, double b) =>
    [
        .. _shape!.Select(u => new Vector2((float)(x + (a * u.X) - (b * u.Y)), (float)(y + (b * u.X) + (a * u.Y)))),
    ];

    /// <summary>A point's noise in the face's own axes, face sizes squared.</summary>
    private Matrix2 Noise(ReadOnlySpan<PointCovariance> uncertainty, int part, int i, double a, double b)
    {
        var size = Math.Sqrt((a * a) + (b * b));
        var share = Math.Max(_partNoise[part].Variance, 1e-6);
        if (uncertainty.IsEmpty)
            return Matrix2.Scaled(share * UsualDeviation * UsualDeviation);
        var (cos, sin) = (a / size, -b / size);
        var turn = new Matrix2(cos, -sin, sin, cos);
        var own = turn * Matrix2.Of(uncertainty[i]) * turn.Transposed;
        return ((share / (size * size)) * own) + Matrix2.Scaled(LeastNoise * LeastNoise);
    }

    private IEnumerable<(int Part, int Point)> PartPoints() => _parts.SelectMany(
        (p, part) => Enumerable.Range(p.First, p.Count).Select(i => (part, i)));

    private static double[] Weights(ReadOnlySpan<Vector2> measured, ReadOnlySpan<PointCovariance> uncertainty)
    {
        var weights = new double[measured.Length];
        for (var i = 0; i < weights.Length; i++)
            weights[i] = uncertainty.IsEmpty ? 1 : 1 / Math.Max(uncertainty[i].XX + uncertainty[i].YY, 1e-6);
        return weights;
    }

    /// <summary>
    /// The similarity that most points agree on: those that do something else (lids that shut, a mouth that opens) count
    /// little, or the whole face would seem to move with them (reweighted least squares, Cauchy's weights).
    /// </summary>
    private static (double X, double Y, double A, double B) RobustSimilarity(
        Vector2[] shape, ReadOnlySpan<Vector2> points, double[] weights)
    {
        var found = Similarity(shape, points, weights);
        var (squares, sorted) = (new double[weights.Length], new double[weights.Length]);
        var robust = new double[weights.Length];
        for (var round = 0; round < 4; round++)
        {
            var (x, y, a, b) = found;
            for (var i = 0; i < squares.Length; i++)
            {
                var dx = points[i].X - x - (a * shape[i].X) + (b * shape[i].Y);
                var dy = points[i].Y - y - (b * shape[i].X) - (a * shape[i].Y);
                squares[i] = weights[i] * ((dx * dx) + (dy * dy));
            }
            squares.CopyTo(sorted, 0);
            Array.Sort(sorted);
            var usual = Math.Max(sorted[sorted.Length / 2], 1e-12);
            for (var i = 0; i < robust.Length; i++)
                robust[i] = weights[i] / (1 + (squares[i] / (4 * usual)));
            found = Similarity(shape, points, robust);
        }
        return found;
    }

    /// <summary>The shift and turn, in complex numbers p = t + (a + bi) u, that bring a shape nearest to points.</summary>
    private static (double X, double Y, double A, double B) Similarity(
        Vector2[] shape, ReadOnlySpan<Vector2> points, double[] weights)
    {
        double sum = 0, px = 0, py = 0, ux = 0, uy = 0;
        for (var i = 0; i < shape.Length; i++)
        {
            var w = weights[i];
            (sum, px, py) = (sum + w, px + (w * points[i].X), py + (w * points[i].Y));
            (ux, uy) = (ux + (w * shape[i].X), uy + (w * shape[i].Y));
        }
        (px, py, ux, uy) = (px / sum, py / sum, ux / sum, uy / sum);
        double real = 0, imaginary = 0, squares = 0;
        for (var i = 0; i < shape.Length; i++)
        {
            var (dx, dy, sx, sy) = (points[i].X - px, points[i].Y - py, shape[i].X - ux, shape[i].Y - uy);
            real += weights[i] * ((sx * dx) + (sy * dy));
            imaginary += weights[i] * ((sx * dy) - (sy * dx));
            squares += weights[i] * ((sx * sx) + (sy * sy));
        }
        var (a, b) = squares > 0 ? (real / squares, imaginary / squares) : (1, 0);
        if ((a * a) + (b * b) < 1e-12)
            (a, b) = (1e-6, 0);
        return (px - (a * ux) + (b * uy), py - (b * ux) - (a * uy), a, b);
    }

    /// <summary>Points of a part that leave together what is foretold: lids that blink, a mouth that opens.</summary>
    private void FindMoving(
        ReadOnlySpan<Vector2> own, ReadOnlySpan<PointCovariance> uncertainty, double a, double b, double dt,
        Span<bool> moves)
    {
        foreach (var (part, (first, count)) in _parts.Index())
        {
            var sum = 0.0;
            for (var i = first; i < first + count; i++)
                sum += _points[i].Surprise((own[i].X, own[i].Y), Noise(uncertainty, part, i, a, b), dt);
            if (sum > PartMoves * count)
                moves.Slice(first, count).Fill(true);
        }
    }

    private void Learn(Frame frame, double size, ReadOnlySpan<PointCovariance> uncertainty)
    {
        _history.Enqueue(frame);
        if (_history.Count < 4)
            return;
        var f = _history.ToArray();
        _history.Dequeue();
        _positionNoise.Add(Square(f[0].Position, f[1].Position, f[2].Position, f[3].Position) / (size * size));
        _turnNoise.Add(Square(f[0].Turn, f[1].Turn, f[2].Turn, f[3].Turn) / (size * size));
        var squares = new double[frame.Own.Length];
        for (var i = 0; i < squares.Length; i++)
        {
            var expected = uncertainty.IsEmpty ? UsualDeviation * UsualDeviation
                : (uncertainty[i].XX + uncertainty[i].YY) / 2 / (size * size);
            squares[i] = Square(Own(0, i), Own(1, i), Own(2, i), Own(3, i)) / Math.Max(expected, 1e-12);
        }
        foreach (var (part, (first, count)) in _parts.Index())
        {
            Array.Sort(squares, first, count);
            _partNoise[part].Add(squares[first + (count / 2)]);
        }

        (double X, double Y) Own(int at, int i) => (f[at].Own[i].X, f[at].Own[i].Y);

        static double Square((double X, double Y) a, (double X, double Y) b, (double X, double Y) c, (double X, double Y) d)
        {
            var x = NoiseEstimate.ThirdDifference(a.X, b.X, c.X, d.X);
            var y = NoiseEstimate.ThirdDifference(a.Y, b.Y, c.Y, d.Y);
            return ((x * x) + (y * y)) / 2;
        }
    }
}
