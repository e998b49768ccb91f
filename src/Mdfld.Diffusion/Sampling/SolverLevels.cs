namespace Mdfld.Diffusion.Sampling;

/// <summary>
/// The noise levels that DPM-Solver++ and UniPC step over, in their variables: sigma / alpha, alpha with
/// alpha^2 + sigma^2 = 1, and lambda = log(alpha / sigma), in which the equation is linear.
/// </summary>
internal sealed class SolverLevels
{
    private readonly double[] _ratios;

    private SolverLevels(double[] timesteps, double[] ratios, bool endsClean) =>
        (Timesteps, _ratios, EndsClean) = (timesteps, ratios, endsClean);

    public double[] Timesteps { get; }

    /// <summary>Number of steps.</summary>
    public int Count => Timesteps.Length;

    /// <summary>
    /// Whether the run ends without any noise: lambda is infinite there, and only a first-order step arrives.
    /// </summary>
    public bool EndsClean { get; }

    /// <summary>sigma / alpha before step i, and after the last for i = <see cref="Count"/>.</summary>
    public ReadOnlySpan<double> Ratios => _ratios;

    public static SolverLevels Of(Run run)
    {
        var (config, schedule) = (run.Config, run.Schedule);
        var endsClean = (config.FinalSigmasType ?? "zero") switch
        {
            "zero" => true,
            "sigma_min" => false,
            var other => throw new ArgumentException(
                $"final sigmas type '{other}' is not known, expected zero or sigma_min"),
        };
        double[] timesteps, ratios;
        if (config.UseKarrasSigmas)
        {
            ratios = TimestepSpacing.KarrasSigmas(schedule.Sigma(schedule.Count - 1), schedule.Sigma(0), run.Steps);
            timesteps = Array.ConvertAll(ratios, r => Math.Round(TimestepSpacing.TimestepOf(schedule, r)));
            if (config.RoundKarrasSigmas)
            {
                timesteps = [.. timesteps.Distinct()];
                ratios = Array.ConvertAll(timesteps, t => schedule.Sigma((int)t));
            }
        }
        else
        {
            timesteps = TimestepSpacing.OpenEnded(config, schedule.Count, run.Steps);
            ratios = Array.ConvertAll(timesteps, t => schedule.Sigma((int)t));
        }
        return new(run.Rest(timesteps), [.. run.Rest(ratios), endsClean ? 0 : schedule.Sigma(0)], endsClean);
    }

    public double Alpha(int i) => 1 / Math.Sqrt(1 + (_ratios[i] * _ratios[i]));

    public double Sigma(int i) => _ratios[i] * Alpha(i);

    public double Lambda(int i) => -Math.Log(_ratios[i]);

    /// <summary>The latents without noise that a network's output before step i says.</summary>
    public float[] Clean(int i, PredictionType type, ReadOnlySpan<float> sample, ReadOnlySpan<float> output)
    {
        var clean = new float[sample.Length];
        new Parameterisation(type, Alpha(i), Sigma(i)).Clean(sample, output, clean);
        return clean;
    }

    /// <summary>Latents with the noise of the first level.</summary>
    public void AddNoise(ReadOnlySpan<float> latents, ReadOnlySpan<float> noise, Span<float> noisy) =>
        Floats.Sum(Alpha(0), latents, Sigma(0), noise, noisy);
}
