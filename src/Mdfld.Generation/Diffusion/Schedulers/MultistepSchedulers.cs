namespace Mdfld.Generation;

/// <summary>
/// A solver that extrapolates the predicted latents over lambda = log(alpha / sigma), in which the equation is linear,
/// from the last steps; alpha^2 + sigma^2 = 1.
/// </summary>
internal abstract class MultistepScheduler(SamplingRun run, bool lowerOrderFinal)
    : Scheduler(run, run.SolverLevels())
{
    private readonly int _order = run.Config.Order;

    /// <summary>The latents predicted at this and earlier steps, as many as the order uses.</summary>
    protected List<float[]> NewestFirst { get; } = [];

    public override void AddNoise(
        ReadOnlySpan<float> latents, ReadOnlySpan<float> noise, Span<float> noisy, int step = 0) =>
        Floats.Sum(Alpha(step), latents, Sigma(step), noise, noisy);

    /// <summary>Of the level before step i, or after the last one.</summary>
    protected double Alpha(int i) => 1 / Math.Sqrt(1 + (Sigmas[i] * Sigmas[i]));

    protected double Sigma(int i) => Sigmas[i] * Alpha(i);

    protected double Lambda(int i) => -Math.Log(Sigmas[i]);

    protected void Remember(float[] latents)
    {
        NewestFirst.Insert(0, latents);
        if (NewestFirst.Count > _order)
            NewestFirst.RemoveAt(_order);
    }

    /// <summary>
    /// The order of a step: no more than there are predictions, and lower at the end where that was asked for or where
    /// no noise is left, lambda is infinite, and only a first-order step arrives.
    /// </summary>
    protected int OrderAt(int step)
    {
        var left = Timesteps.Count - step;
        var most = lowerOrderFinal ? left : left == 1 && Run.Config.EndsClean ? 1 : _order;
        return Math.Min(Math.Min(_order, NewestFirst.Count), most);
    }
}

/// <summary>
/// DPM-Solver++ (Lu et al. 2022), multistep of order 1 to 3: the exponential integrator on predicted latents. Its
/// stochastic variant renews noise at each step.
/// </summary>
internal sealed class DpmSolverScheduler : MultistepScheduler
{
    /// <summary>Below so many steps the last ones are of lower order, which is steadier.</summary>
    private const int FewSteps = 15;

    private readonly bool _heun;
    private readonly bool _stochastic;

    public DpmSolverScheduler(SamplingRun run)
        : base(run, (run.Config.LowerOrderFinal ?? true) && run.Steps < FewSteps)
    {
        // The last two are names of UniPC's variants, which a config made for it may hold.
        _heun = "heun" == SchedulerConfig.Choice(
            "solver type", run.Config.SolverType, "midpoint", "heun", "bh1", "bh2");
        _stochastic = "sde-dpmsolver++" == SchedulerConfig.Choice(
            "algorithm type", run.Config.AlgorithmType, "dpmsolver++", "sde-dpmsolver++");
        if (_stochastic && run.Config.Order > 2)
            throw new ArgumentException($"sde-dpmsolver++ has order 1 or 2, not {run.Config.Order}");
    }

    public override bool TakesNoise => _stochastic;

    private protected override void Advance(
        int step, ReadOnlySpan<float> prediction, Span<float> sample, ReadOnlySpan<float> noise)
    {
        Remember(PredictedLatents(sample, prediction, Alpha(step), Sigma(step)));
        var h = Lambda(step + 1) - Lambda(step);
        if (h == 0)
            return;

        // The integral of e^lambda x0(lambda) over the step, x0 as its Taylor polynomial.
        var (scale, alpha) = (Sigma(step + 1) / Sigma(step), Alpha(step + 1));
        var decay = _stochastic ? 2 * h : h;
        var kept = _stochastic ? scale * Math.Exp(-h) : scale;
        Floats.Sum(kept, sample, alpha * (1 - Math.Exp(-decay)), NewestFirst[0], sample);
        var order = OrderAt(step);
        if (order > 1)
            AddSlopes(step, h, decay, order, sample);
        if (_stochastic)
            Floats.Add(sample, Sigma(step + 1) * Math.Sqrt(1 - Math.Exp(-decay)), noise);
    }

    /// <summary>The terms of the first and second derivative of the predicted latents by lambda.</summary>
    private void AddSlopes(int step, double h, double decay, int order, Span<float> sample)
    {
        var alpha = Alpha(step + 1);
        var linear = ((Math.Exp(-decay) - 1) / decay) + 1;
        var h0 = Lambda(step) - Lambda(step - 1);
        var first = Difference(h / h0, NewestFirst[0], NewestFirst[1]);
        if (order == 2)
        {
            Floats.Add(sample, alpha * (_heun ? linear : (1 - Math.Exp(-decay)) / 2), first);
            return;
        }
        var h1 = Lambda(step - 1) - Lambda(step - 2);
        var earlier = Difference(h / h1, NewestFirst[1], NewestFirst[2]);
        var second = Difference(h / (h0 + h1), first, earlier);
        Floats.Add(first, h0 / h, second);
        Floats.Add(sample, alpha * linear, first);
        Floats.Add(sample, alpha * (0.5 - ((Math.Exp(-h) - 1 + h) / (h * h))), second);
    }

    private static float[] Difference(double factor, float[] a, float[] b) => Floats.Sum(factor, a, -factor, b);
}

/// <summary>
/// UniPC (Zhao et al. 2023) on predicted latents: each new prediction first corrects the step that led to it, at no
/// further call of the network, then the next step is predicted.
/// </summary>
internal sealed class UniPcScheduler(SamplingRun run) : MultistepScheduler(run, run.Config.LowerOrderFinal ?? true)
{
    // The last two are names of DPM-Solver++'s variants, which a config made for it may hold.
    private readonly bool _plain =
        SchedulerConfig.Choice("solver type", run.Config.SolverType, "bh2", "bh1", "midpoint", "heun") == "bh1";

    private float[] _before = [];
    private int _lastOrder;

    private protected override void Advance(
        int step, ReadOnlySpan<float> prediction, Span<float> sample, ReadOnlySpan<float> noise)
    {
        var latents = PredictedLatents(sample, prediction, Alpha(step), Sigma(step));
        if (step > 0)
            Move(step - 1, _lastOrder, _before, latents, sample);
        Remember(latents);
        _lastOrder = OrderAt(step);
        _before = sample.ToArray();
        Move(step, _lastOrder, _before, null, sample);
    }

    /// <summary>
    /// From the level before a step to that after it. Known are the latents predicted at its start and before; for the
    /// correction also those at its end.
    /// </summary>
    private void Move(int step, int order, float[] from, float[]? atEnd, Span<float> to)
    {
        var lambda = Lambda(step);
        var h = Lambda(step + 1) - lambda;
        if (h == 0)
        {
            from.CopyTo(to);
            return;
        }
        var alpha = Alpha(step + 1);
        var newest = NewestFirst[0];
        Floats.Sum(Sigma(step + 1) / Sigma(step), from, alpha * (1 - Math.Exp(-h)), newest, to);

        // Where the other predictions lie along the step, its end being 1.
        var positions = new double[atEnd is null ? order - 1 : order];
        for (var i = 1; i < order; i++)
            positions[i - 1] = (Lambda(step - i) - lambda) / h;
        if (atEnd is not null)
            positions[^1] = 1;
        var weights = Weights(positions, h);
        for (var i = 0; i < positions.Length; i++)
        {
            var other = atEnd is not null && i == positions.Length - 1 ? atEnd : NewestFirst[i + 1];
            var factor = -alpha * Scale(h) * weights[i] / positions[i];
            Floats.Add(to, factor, other);
            Floats.Add(to, -factor, newest);
        }
    }

    private double Scale(double h) => _plain ? -h : Math.Exp(-h) - 1;

    /// <summary>
    /// Weights that make the difference quotients at the positions exact for polynomials (eq. 5): the sum of
    /// w_k r_k^(n-1) is n! phi_(n+1)(-h) / B(h). A single one is 1/2, whatever the step.
    /// </summary>
    private double[] Weights(double[] positions, double h)
    {
        if (positions.Length < 2)
            return [0.5];
        var count = positions.Length;
        var rows = new double[count, count + 1];
        var (phi, factorial) = (((Math.Exp(-h) - 1) / -h) - 1, 1.0);
        for (var n = 0; n < count; n++)
        {
            for (var k = 0; k < count; k++)
                rows[n, k] = Math.Pow(positions[k], n);
            rows[n, count] = phi * factorial / Scale(h);
            factorial *= n + 2;
            phi = (phi / -h) - (1 / factorial);
        }
        return Solve(rows, count);
    }

    /// <summary>Gauss-Jordan elimination of Vandermonde's matrix of distinct positions.</summary>
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
