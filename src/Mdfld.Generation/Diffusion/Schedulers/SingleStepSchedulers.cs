namespace Mdfld.Generation;

/// <summary>DDIM (Song et al. 2020, eq. 12): from the predicted latents and noise straight to less noise.</summary>
internal class DdimScheduler(SamplingRun run, double[] timesteps) : Scheduler(run, (timesteps, []))
{
    public override bool TakesNoise => Run.Eta > 0;

    private protected override void Advance(
        int step, ReadOnlySpan<float> prediction, Span<float> sample, ReadOnlySpan<float> noise) =>
        Descend((int)Timesteps[step], prediction, sample, noise);

    private protected void Descend(
        int timestep, ReadOnlySpan<float> prediction, Span<float> sample, ReadOnlySpan<float> noise)
    {
        var here = Schedule.AlphasCumprod[timestep];
        var below = Run.AlphaBelow(timestep, Run.Config.SetAlphaToOne ?? true);
        var latents = PredictedLatents(sample, prediction, Math.Sqrt(here), Math.Sqrt(1 - here));
        var direction = PredictedNoise(sample, prediction, Math.Sqrt(here), Math.Sqrt(1 - here));
        if (Run.Config.ClipSample ?? true)
            Floats.Clamp(latents, Run.Config.ClipSampleRange);
        // At the very end the clipped difference below zero is rounding.
        var renewed = Run.Eta * Run.Eta * Math.Max(0, (1 - below) / (1 - here) * (1 - (here / below)));
        Floats.Sum(Math.Sqrt(below), latents, Math.Sqrt(Math.Max(0, 1 - below - renewed)), direction, sample);
        if (TakesNoise)
            Floats.Add(sample, Math.Sqrt(renewed), noise);
    }
}

/// <summary>Ancestral sampling (Ho et al. 2020, eq. 7): the posterior's mean, and new noise each step.</summary>
internal sealed class DdpmScheduler(SamplingRun run) : Scheduler(run, (run.IntegerTimesteps(), []))
{
    private const double LeastVariance = 1e-20;

    private readonly bool _large = SchedulerConfig.Choice(
        "variance type", run.Config.VarianceType, "fixed_small", "fixed_large") == "fixed_large";

    public override bool TakesNoise => true;

    private protected override void Advance(
        int step, ReadOnlySpan<float> prediction, Span<float> sample, ReadOnlySpan<float> noise)
    {
        var timestep = (int)Timesteps[step];
        var (here, below) = (Schedule.AlphasCumprod[timestep], Run.AlphaBelow(timestep, noNoiseAtEnd: true));
        var alpha = here / below;
        var beta = 1 - alpha;
        var latents = PredictedLatents(sample, prediction, Math.Sqrt(here), Math.Sqrt(1 - here));
        if (Run.Config.ClipSample ?? true)
            Floats.Clamp(latents, Run.Config.ClipSampleRange);
        Floats.Sum(
            Math.Sqrt(below) * beta / (1 - here), latents, Math.Sqrt(alpha) * (1 - below) / (1 - here), sample, sample);
        if (timestep > 0)
        {
            var variance = _large ? beta : (1 - below) / (1 - here) * beta;
            Floats.Add(sample, Math.Sqrt(Math.Max(variance, LeastVariance)), noise);
        }
    }
}

/// <summary>
/// Euler's method on latents + sigma noise (Karras et al. 2022, algorithm 2 without churn); ancestral: steps too far
/// down and adds new noise.
/// </summary>
internal sealed class EulerScheduler(SamplingRun run, bool ancestral) : Scheduler(run, run.EulerLevels())
{
    /// <inheritdoc/>
    /// <remarks>
    /// Leading spacing starts below the noise of training, where the picture's own variance still counts.
    /// </remarks>
    public override double InitialNoiseSigma =>
        Run.Config.TimestepSpacing == "leading" ? Math.Sqrt((Sigmas[0] * Sigmas[0]) + 1) : Sigmas[0];

    public override bool TakesNoise => ancestral;

    public override void ScaleInput(int step, ReadOnlySpan<float> sample, Span<float> scaled) =>
        Floats.Sum(Alpha(Sigmas[step]), sample, 0, sample, scaled);

    public override void AddNoise(
        ReadOnlySpan<float> latents, ReadOnlySpan<float> noise, Span<float> noisy, int step = 0) =>
        Floats.Sum(1, latents, Sigmas[step], noise, noisy);

    private protected override void Advance(
        int step, ReadOnlySpan<float> prediction, Span<float> sample, ReadOnlySpan<float> noise)
    {
        var (from, to) = (Sigmas[step], Sigmas[step + 1]);
        var renewed = ancestral ? Math.Sqrt(to * to * ((from * from) - (to * to)) / (from * from)) : 0;
        var down = Math.Sqrt((to * to) - (renewed * renewed));
        // The network got alpha * sample; the noise it predicts is the derivative by sigma.
        var alpha = Alpha(from);
        var scaled = Floats.Sum(alpha, sample, 0, sample);
        Floats.Add(sample, down - from, PredictedNoise(scaled, prediction, alpha, alpha * from));
        if (ancestral)
            Floats.Add(sample, renewed, noise);
    }

    private static double Alpha(double sigma) => 1 / Math.Sqrt((sigma * sigma) + 1);
}

/// <summary>
/// Multistep consistency sampling (Luo et al. 2023): the network is taught to jump to the end of the way; each step jumps,
/// and goes back to the noise of the next timestep. A few steps do.
/// </summary>
internal sealed class LcmScheduler(SamplingRun run) : Scheduler(run, (run.ConsistencyTimesteps(), []))
{
    private const double DataDeviation = 0.5;

    public override bool TakesNoise => true;

    private double TimeScale => Run.Config.TimestepScaling ?? 10;

    /// <summary>
    /// Factors of the noisy and of the predicted latents in a jump from a timestep; at timestep 0 there is nothing to jump
    /// over (eq. 9 of the paper, as its code scales time).
    /// </summary>
    internal static (double Skip, double Out) Boundary(double timestep, double scale)
    {
        var (time, variance) = (timestep * scale, DataDeviation * DataDeviation);
        var sum = (time * time) + variance;
        return (variance / sum, time / Math.Sqrt(sum));
    }

    private protected override void Advance(
        int step, ReadOnlySpan<float> prediction, Span<float> sample, ReadOnlySpan<float> noise)
    {
        var timestep = (int)Timesteps[step];
        var latents = PredictedLatents(
            sample, prediction, Schedule.SignalScale(timestep), Schedule.NoiseScale(timestep));
        if (Run.Config.ClipSample ?? false)
            Floats.Clamp(latents, Run.Config.ClipSampleRange);
        var (skip, jump) = Boundary(timestep, TimeScale);
        Floats.Sum(skip, sample, jump, latents, sample);
        if (step < Timesteps.Count - 1)
            Schedule.AddNoise(sample, noise, (int)Timesteps[step + 1], sample);
    }
}

/// <summary>
/// Pseudo linear multistep (Liu et al. 2022): DDIM's step with an Adams-Bashforth mix of the last four predictions. The
/// first step is taken twice, the second time with the mean of the predictions at both of its ends.
/// </summary>
internal sealed class PndmScheduler : DdimScheduler
{
    private static readonly double[][] AdamsBashforth =
    [
        [1], [3 / 2.0, -1 / 2.0], [23 / 12.0, -16 / 12.0, 5 / 12.0], [55 / 24.0, -59 / 24.0, 37 / 24.0, -9 / 24.0],
    ];

    private readonly List<float[]> _newestFirst = [];
    private float[] _start = [];

    public PndmScheduler(SamplingRun run)
        : base(run with { Eta = 0, Config = Plain(run.Config) }, Twice(run.IntegerTimesteps()))
    {
        if (run.Config.SkipPrkSteps == false)
            throw new ArgumentException("Runge-Kutta steps are not there, expected skip_prk_steps: true");
        if (run.Config.Prediction == PredictionType.Sample)
            throw new ArgumentException("pndm mixes predictions of noise or velocity; this network predicts latents");
    }

    private protected override void Advance(
        int step, ReadOnlySpan<float> prediction, Span<float> sample, ReadOnlySpan<float> noise)
    {
        if (step == 1)
        {
            _start.CopyTo(sample);
            Descend((int)Timesteps[0], Floats.Sum(0.5, prediction, 0.5, _newestFirst[0]), sample, noise);
            return;
        }
        if (step == 0)
            _start = sample.ToArray();
        _newestFirst.Insert(0, prediction.ToArray());
        if (_newestFirst.Count > AdamsBashforth.Length)
            _newestFirst.RemoveAt(AdamsBashforth.Length);
        var mix = new float[sample.Length];
        foreach (var (factor, output) in AdamsBashforth[_newestFirst.Count - 1].Zip(_newestFirst))
            Floats.Add(mix, factor, output);
        Descend((int)Timesteps[step], mix, sample, noise);
    }

    private static SchedulerConfig Plain(SchedulerConfig config) =>
        config with { ClipSample = false, SetAlphaToOne = config.SetAlphaToOne ?? false };

    private static double[] Twice(double[] timesteps) =>
        timesteps.Length < 2 ? timesteps : [timesteps[0], timesteps[1], .. timesteps[1..]];
}
