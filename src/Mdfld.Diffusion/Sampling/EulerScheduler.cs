namespace Mdfld.Diffusion.Sampling;

/// <summary>
/// Euler's method on latents + sigma noise (Karras et al. 2022, algorithm 2 without churn); ancestral: steps too far
/// down and adds new noise.
/// </summary>
internal sealed class EulerScheduler : Scheduler
{
    private readonly double[] _sigmas;
    private readonly bool _ancestral;

    public EulerScheduler(Run run, bool ancestral)
        : this(run, Levels(run), ancestral)
    {
    }

    private EulerScheduler(Run run, (double[] Timesteps, double[] Sigmas) levels, bool ancestral)
        : base(run.Schedule, levels.Timesteps)
    {
        (_sigmas, _ancestral) = (levels.Sigmas, ancestral);
        // Leading spacing starts below the noise of training, where the picture's own variance still counts.
        InitialNoiseSigma = run.Config.TimestepSpacing == "leading"
            ? Math.Sqrt((_sigmas[0] * _sigmas[0]) + 1) : _sigmas[0];
    }

    public override double InitialNoiseSigma { get; }

    public override bool TakesNoise => _ancestral;

    /// <summary>Noise levels before each step and after the last, which is 0.</summary>
    internal ReadOnlySpan<double> Sigmas => _sigmas;

    public override void ScaleInput(int step, ReadOnlySpan<float> sample, Span<float> scaled) =>
        Floats.Sum(Alpha(_sigmas[step]), sample, 0, sample, scaled);

    public override void AddNoise(ReadOnlySpan<float> latents, ReadOnlySpan<float> noise, Span<float> noisy) =>
        Floats.Sum(1, latents, _sigmas[0], noise, noisy);

    private protected override void Advance(
        int step, ReadOnlySpan<float> prediction, Span<float> sample, ReadOnlySpan<float> noise)
    {
        var (from, to) = (_sigmas[step], _sigmas[step + 1]);
        var renewed = _ancestral ? Math.Sqrt(to * to * ((from * from) - (to * to)) / (from * from)) : 0;
        var down = Math.Sqrt((to * to) - (renewed * renewed));
        // The network saw alpha * sample; what it says of the noise is the derivative by sigma.
        var alpha = Alpha(from);
        var (seen, direction) = (new float[sample.Length], new float[sample.Length]);
        Floats.Sum(alpha, sample, 0, sample, seen);
        new Parameterisation(Schedule.Prediction, alpha, alpha * from).Noise(seen, prediction, direction);
        Floats.Add(sample, down - from, direction);
        if (_ancestral)
            Floats.Add(sample, renewed, noise);
    }

    private static double Alpha(double sigma) => 1 / Math.Sqrt((sigma * sigma) + 1);

    private static (double[] Timesteps, double[] Sigmas) Levels(Run run)
    {
        var timesteps = TimestepSpacing.Fractional(run.Config, run.Schedule.Count, run.Steps);
        var sigmas = Array.ConvertAll(timesteps, t => TimestepSpacing.SigmaAt(run.Schedule, t));
        if (run.Config.UseKarrasSigmas)
        {
            sigmas = TimestepSpacing.KarrasSigmas(sigmas[0], sigmas[^1], run.Steps);
            timesteps = Array.ConvertAll(sigmas, s => TimestepSpacing.TimestepOf(run.Schedule, s));
        }
        return (run.Rest(timesteps), [.. run.Rest(sigmas), 0]);
    }
}
