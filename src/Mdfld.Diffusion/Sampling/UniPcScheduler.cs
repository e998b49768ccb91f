namespace Mdfld.Diffusion.Sampling;

/// <summary>
/// UniPC (Zhao et al. 2023) on predicted latents: each new prediction first corrects the step that led to it, at no
/// further call of the network, then the next step is predicted.
/// </summary>
internal sealed class UniPcScheduler : Scheduler
{
    private readonly SolverLevels _levels;
    private readonly List<float[]> _newestFirst = [];
    private readonly int _order;
    private readonly bool _plain;
    private readonly bool _lowerOrderFinal;
    private float[] _before = [];
    private int _lastOrder;

    public UniPcScheduler(Run run)
        : this(run, SolverLevels.Of(run))
    {
    }

    private UniPcScheduler(Run run, SolverLevels levels)
        : base(run.Schedule, levels.Timesteps)
    {
        _levels = levels;
        _order = Schedulers.OrderOf(run.Config);
        _lowerOrderFinal = run.Config.LowerOrderFinal ?? true;
        _plain = (run.Config.SolverType ?? "bh2") switch
        {
            "bh1" => true,
            // Names of DPM-Solver++'s variants, which a config made for it may hold.
            "bh2" or "midpoint" or "heun" => false,
            var other => throw new ArgumentException($"solver type '{other}' is not known, expected bh1 or bh2"),
        };
    }

    /// <summary>sigma / alpha before each step and after the last.</summary>
    internal ReadOnlySpan<double> Sigmas => _levels.Ratios;

    public override void AddNoise(ReadOnlySpan<float> latents, ReadOnlySpan<float> noise, Span<float> noisy) =>
        _levels.AddNoise(latents, noise, noisy);

    private protected override void Advance(
        int step, ReadOnlySpan<float> prediction, Span<float> sample, ReadOnlySpan<float> noise)
    {
        var clean = _levels.Clean(step, Schedule.Prediction, sample, prediction);
        if (step > 0)
            Move(step - 1, _lastOrder, _before, clean, sample);
        _newestFirst.Insert(0, clean);
        if (_newestFirst.Count > _order)
            _newestFirst.RemoveAt(_order);
        var left = _levels.Count - step;
        var most = _lowerOrderFinal ? left : left == 1 && _levels.EndsClean ? 1 : _order;
        _lastOrder = Math.Min(Math.Min(_order, _newestFirst.Count), most);
        _before = sample.ToArray();
        Move(step, _lastOrder, _before, null, sample);
    }

    /// <summary>
    /// From the level before a step to that after it. Known are the latents predicted at its start and before; for the
    /// correction also those at its end.
    /// </summary>
    private void Move(int step, int order, float[] from, float[]? atEnd, Span<float> to)
    {
        var lambda = _levels.Lambda(step);
        var h = _levels.Lambda(step + 1) - lambda;
        if (h == 0)
        {
            from.CopyTo(to);
            return;
        }
        var alpha = _levels.Alpha(step + 1);
        var newest = _newestFirst[0];
        Floats.Sum(_levels.Sigma(step + 1) / _levels.Sigma(step), from, alpha * (1 - Math.Exp(-h)), newest, to);

        // Where the other predictions lie along the step, its end being 1.
        var places = new double[atEnd is null ? order - 1 : order];
        for (var i = 1; i < order; i++)
            places[i - 1] = (_levels.Lambda(step - i) - lambda) / h;
        if (atEnd is not null)
            places[^1] = 1;
        var weights = Weights(places, h);
        for (var i = 0; i < places.Length; i++)
        {
            var other = atEnd is not null && i == places.Length - 1 ? atEnd : _newestFirst[i + 1];
            var factor = -alpha * Scale(h) * weights[i] / places[i];
            Floats.Add(to, factor, other);
            Floats.Add(to, -factor, newest);
        }
    }

    /// <summary>B(h) of the paper.</summary>
    private double Scale(double h) => _plain ? -h : Math.Exp(-h) - 1;

    /// <summary>
    /// Weights that make the differences quotients at the places exact for polynomials (eq. 5): sum of w_k r_k^(n-1) =
    /// n! phi_(n+1)(-h) / B(h). A single one is 1/2, whatever the step.
    /// </summary>
    private double[] Weights(double[] places, double h)
    {
        if (places.Length < 2)
            return [0.5];
        var count = places.Length;
        var rows = new double[count, count + 1];
        var (phi, factorial) = (((Math.Exp(-h) - 1) / -h) - 1, 1.0);
        for (var n = 0; n < count; n++)
        {
            for (var k = 0; k < count; k++)
                rows[n, k] = Math.Pow(places[k], n);
            rows[n, count] = phi * factorial / Scale(h);
            factorial *= n + 2;
            phi = (phi / -h) - (1 / factorial);
        }
        return Solve(rows, count);
    }

    /// <summary>
    /// Gauss-Jordan elimination; the matrix is Vandermonde's of distinct places, the first row all ones.
    /// </summary>
    private static double[] Solve(double[,] rows, int count)
    {
        for (var pivot = 0; pivot < count; pivot++)
        {
            for (var row = 0; row < count; row++)
            {
                if (row == pivot)
                    continue;
                var factor = rows[row, pivot] / rows[pivot, pivot];
                for (var column = pivot; column <= count; column++)
                    rows[row, column] -= factor * rows[pivot, column];
            }
        }
        return [.. Enumerable.Range(0, count).Select(i => rows[i, count] / rows[i, i])];
    }
}
