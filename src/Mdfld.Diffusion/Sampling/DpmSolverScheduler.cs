namespace Mdfld.Diffusion.Sampling;

/// <summary>
/// DPM-Solver++ (Lu et al. 2022), multistep of order 1 to 3: the exponential integrator on predicted latents, whose
/// change over lambda is extrapolated from the last steps. Its stochastic variant renews noise at each step.
/// </summary>
internal sealed class DpmSolverScheduler : Scheduler
{
    /// <summary>Below so many steps the last ones are of lower order, which is steadier.</summary>
    private const int FewSteps = 15;

    private readonly SolverLevels _levels;
    private readonly List<float[]> _newestFirst = [];
    private readonly int _order;
    private readonly bool _heun;
    private readonly bool _stochastic;
    private readonly bool _lowerOrderFinal;

    public DpmSolverScheduler(Run run)
        : this(run, SolverLevels.Of(run))
    {
    }

    private DpmSolverScheduler(Run run, SolverLevels levels)
        : base(run.Schedule, levels.Timesteps)
    {
        var config = run.Config;
        _levels = levels;
        _order = Schedulers.OrderOf(config);
        _heun = (config.SolverType ?? "midpoint") switch
        {
            // Names of UniPC's variants, which a config made for it may hold.
            "midpoint" or "bh1" or "bh2" => false,
            "heun" => true,
            var other => throw new ArgumentException($"solver type '{other}' is not known, expected midpoint or heun"),
        };
        _stochastic = (config.AlgorithmType ?? "dpmsolver++") switch
        {
            "dpmsolver++" => false,
            "sde-dpmsolver++" => true,
            var other => throw new ArgumentException(
                $"algorithm type '{other}' is not known, expected dpmsolver++ or sde-dpmsolver++"),
        };
        if (_stochastic && _order > 2)
            throw new ArgumentException($"sde-dpmsolver++ has order 1 or 2, not {_order}");
        _lowerOrderFinal = (config.LowerOrderFinal ?? true) && run.Steps < FewSteps;
    }

    public override bool TakesNoise => _stochastic;

    /// <summary>sigma / alpha before each step and after the last.</summary>
    internal ReadOnlySpan<double> Sigmas => _levels.Ratios;

    public override void AddNoise(ReadOnlySpan<float> latents, ReadOnlySpan<float> noise, Span<float> noisy) =>
        _levels.AddNoise(latents, noise, noisy);

    private protected override void Advance(
        int step, ReadOnlySpan<float> prediction, Span<float> sample, ReadOnlySpan<float> noise)
    {
        _newestFirst.Insert(0, _levels.Clean(step, Schedule.Prediction, sample, prediction));
        if (_newestFirst.Count > _order)
            _newestFirst.RemoveAt(_order);
        var h = _levels.Lambda(step + 1) - _levels.Lambda(step);
        if (h == 0)
            return;

        // The integral of e^lambda x0(lambda) over the step, x0 as its Taylor polynomial.
        var (scale, alpha) = (_levels.Sigma(step + 1) / _levels.Sigma(step), _levels.Alpha(step + 1));
        var decay = _stochastic ? 2 * h : h;
        var kept = _stochastic ? scale * Math.Exp(-h) : scale;
        Floats.Sum(kept, sample, alpha * (1 - Math.Exp(-decay)), _newestFirst[0], sample);
        var order = Order(step);
        if (order > 1)
            AddSlopes(step, h, decay, order, sample);
        if (_stochastic)
            Floats.Add(sample, _levels.Sigma(step + 1) * Math.Sqrt(1 - Math.Exp(-decay)), noise);
    }

    private int Order(int step)
    {
        var left = _levels.Count - step;
        var most = left == 1 && (_levels.EndsClean || _lowerOrderFinal) ? 1
            : _lowerOrderFinal ? left : _order;
        return Math.Min(Math.Min(_order, _newestFirst.Count), most);
    }

    /// <summary>The terms of the first and second derivative of the predicted latents by lambda.</summary>
    private void AddSlopes(int step, double h, double decay, int order, Span<float> sample)
    {
        var alpha = _levels.Alpha(step + 1);
        var linear = ((Math.Exp(-decay) - 1) / decay) + 1;
        var h0 = _levels.Lambda(step) - _levels.Lambda(step - 1);
        var first = Scaled(h / h0, _newestFirst[0], _newestFirst[1]);
        if (order == 2)
        {
            Floats.Add(sample, alpha * (_heun ? linear : (1 - Math.Exp(-decay)) / 2), first);
            return;
        }
        var h1 = _levels.Lambda(step - 1) - _levels.Lambda(step - 2);
        var earlier = Scaled(h / h1, _newestFirst[1], _newestFirst[2]);
        var second = Scaled(h / (h0 + h1), first, earlier);
        Floats.Add(first, h0 / h, second);
        Floats.Add(sample, alpha * linear, first);
        Floats.Add(sample, alpha * (0.5 - ((Math.Exp(-h) - 1 + h) / (h * h))), second);
    }

    private static float[] Scaled(double factor, float[] a, float[] b)
    {
        var difference = new float[a.Length];
        Floats.Sum(factor, a, -factor, b, difference);
        return difference;
    }
}
