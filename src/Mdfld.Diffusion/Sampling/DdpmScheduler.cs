namespace Mdfld.Diffusion.Sampling;

/// <summary>
/// Ancestral sampling (Ho et al. 2020, eq. 7): the mean of the posterior, and new noise at every step.
/// </summary>
internal sealed class DdpmScheduler : Scheduler
{
    private const double LeastVariance = 1e-20;

    private readonly Run _run;
    private readonly bool _large;

    public DdpmScheduler(Run run)
        : base(run.Schedule, run.Rest(TimestepSpacing.Whole(run.Config, run.Schedule.Count, run.Steps)))
    {
        _run = run;
        _large = (run.Config.VarianceType ?? "fixed_small") switch
        {
            "fixed_small" => false,
            "fixed_large" => true,
            var other => throw new ArgumentException(
                $"variance type '{other}' is not known, expected fixed_small or fixed_large"),
        };
    }

    public override bool TakesNoise => true;

    private protected override void Advance(
        int step, ReadOnlySpan<float> prediction, Span<float> sample, ReadOnlySpan<float> noise)
    {
        var timestep = (int)Timesteps[step];
        var (here, below) = (Schedule.AlphasCumprod[timestep], _run.AlphaBelow(timestep, noNoiseAtEnd: true));
        var alpha = here / below;
        var beta = 1 - alpha;
        var clean = new float[sample.Length];
        new Parameterisation(Schedule.Prediction, Math.Sqrt(here), Math.Sqrt(1 - here))
            .Clean(sample, prediction, clean);
        if (_run.Config.ClipSample ?? true)
            Floats.Clamp(clean, _run.Config.ClipSampleRange);
        Floats.Sum(
            Math.Sqrt(below) * beta / (1 - here), clean, Math.Sqrt(alpha) * (1 - below) / (1 - here), sample, sample);
        if (timestep > 0)
        {
            var variance = _large ? beta : (1 - below) / (1 - here) * beta;
            Floats.Add(sample, Math.Sqrt(Math.Max(variance, LeastVariance)), noise);
        }
    }
}
