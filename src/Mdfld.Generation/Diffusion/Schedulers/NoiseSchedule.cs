namespace Mdfld.Generation;

/// <summary>
/// How much of the picture and how much noise there is at each training timestep t (Ho et al. 2020): noisy latents are
/// sqrt(abar_t) latents + sqrt(1 - abar_t) noise, where abar_t is the product of 1 - beta up to t.
/// </summary>
internal sealed class NoiseSchedule
{
    private const int MostTimesteps = 100_000;
    private const double LeastSignal = 1.0 / (1 << 24);

    private readonly double[] _betas;
    private readonly double[] _alphasCumprod;

    /// <summary>The schedule a config describes.</summary>
    /// <exception cref="ArgumentException">The config describes none; the message says why.</exception>
    public NoiseSchedule(SchedulerConfig config)
    {
        Prediction = config.Prediction;
        _betas = BetasOf(config);
        _alphasCumprod = new double[_betas.Length];
        if (config.RescaleBetasZeroSnr)
            RemoveLastSignal(config);
        var product = 1.0;
        for (var t = 0; t < _betas.Length; t++)
        {
            if (!(_betas[t] > 0 && (_betas[t] < 1 || (config.RescaleBetasZeroSnr && t == _betas.Length - 1))))
                throw new ArgumentException($"beta of timestep {t} is {_betas[t]}, expected a number between 0 and 1");
            // Rounded as in the reference: of the first timestep's noise one sees it.
            _betas[t] = (float)_betas[t];
            product *= (float)(1 - _betas[t]);
            _alphasCumprod[t] = (float)product;
        }
    }

    public PredictionType Prediction { get; }

    public int Count => _betas.Length;

    public ReadOnlySpan<double> Betas => _betas;

    /// <summary>abar of each timestep: what is left of the picture's variance.</summary>
    public ReadOnlySpan<double> AlphasCumprod => _alphasCumprod;

    /// <summary>sqrt(abar): the factor of the latents at a timestep.</summary>
    public double SignalScale(int timestep) => Math.Sqrt(_alphasCumprod[timestep]);

    /// <summary>sqrt(1 - abar): the factor of the noise at a timestep.</summary>
    public double NoiseScale(int timestep) => Math.Sqrt(1 - _alphasCumprod[timestep]);

    /// <summary>abar / (1 - abar).</summary>
    public double SignalToNoise(int timestep) => _alphasCumprod[timestep] / (1 - _alphasCumprod[timestep]);

    /// <summary>Noise / signal, sqrt((1 - abar) / abar); 2^12 where there is no signal, as the reference has it.</summary>
    internal double Sigma(int timestep) => Math.Sqrt((1 - Signal(timestep)) / Signal(timestep));

    private double Signal(int timestep) => Math.Max(_alphasCumprod[timestep], LeastSignal);

    /// <summary>Sigma at a timestep between those of training.</summary>
    internal double SigmaAt(double timestep)
    {
        var below = Math.Clamp((int)timestep, 0, Count - 1);
        return double.Lerp(Sigma(below), Sigma(Math.Min(below + 1, Count - 1)), timestep - below);
    }

    /// <summary>The timestep of a sigma, linear in its logarithm between those of training.</summary>
    internal double TimestepOf(double sigma)
    {
        if (Count == 1)
            return 0;
        var below = 0;
        while (below < Count - 2 && Sigma(below + 1) <= sigma)
            below++;
        var (low, high) = (Math.Log(Sigma(below)), Math.Log(Sigma(below + 1)));
        return below + Math.Clamp((Math.Log(sigma) - low) / (high - low), 0, 1);
    }

    /// <summary>Latents with noise, at one timestep.</summary>
    public void AddNoise(ReadOnlySpan<float> latents, ReadOnlySpan<float> noise, int timestep, Span<float> noisy) =>
        Floats.Sum(SignalScale(timestep), latents, NoiseScale(timestep), noise, noisy);

    /// <summary>The velocity that a v-predicting network is taught, at one timestep.</summary>
    public void Velocity(ReadOnlySpan<float> latents, ReadOnlySpan<float> noise, int timestep, Span<float> velocity) =>
        Floats.Sum(-NoiseScale(timestep), latents, SignalScale(timestep), noise, velocity);

    private static double[] BetasOf(SchedulerConfig config)
    {
        if (config.TrainedBetas is { } betas)
            return betas.Length is > 0 and <= MostTimesteps ? [.. betas]
                : throw new ArgumentException($"{betas.Length} trained betas, expected 1 to {MostTimesteps}");
        var count = config.TrainTimesteps;
        if (count is < 1 or > MostTimesteps)
            throw new ArgumentException($"{count} training timesteps, expected 1 to {MostTimesteps}");
        var (start, end) = (config.BetaStart, config.BetaEnd);
        double Along(double from, double to, int t) => from + ((to - from) * t / Math.Max(count - 1, 1));
        Func<int, double> beta =
            SchedulerConfig.Choice(
                "beta schedule", config.BetaSchedule, "linear", "scaled_linear", "squaredcos_cap_v2") switch
            {
                "linear" => t => Along(start, end, t),
                "scaled_linear" => t => Math.Pow(Along(Math.Sqrt(start), Math.Sqrt(end), t), 2),
                _ => t => Math.Min(1 - (CosineBar((t + 1.0) / count) / CosineBar((double)t / count)), 0.999),
            };
        return [.. Enumerable.Range(0, count).Select(beta)];
    }

    /// <summary>
    /// Moves and stretches sqrt(abar) so that the last is 0 and the first stays (Lin et al. 2023, algorithm 1).
    /// </summary>
    private void RemoveLastSignal(SchedulerConfig config)
    {
        if (config.Prediction == PredictionType.Epsilon)
            throw new ArgumentException(
                "\"rescale_betas_zero_snr\" needs a network that predicts the velocity or the latents");
        var roots = new double[_betas.Length];
        var product = 1.0;
        for (var t = 0; t < roots.Length; t++)
            roots[t] = Math.Sqrt(product *= 1 - _betas[t]);
        var (first, last) = (roots[0], roots[^1]);
        if (!(first > last))
            throw new ArgumentException("\"rescale_betas_zero_snr\" needs more than one training timestep");
        var before = 1.0;
        for (var t = 0; t < roots.Length; t++)
        {
            var bar = Math.Pow((roots[t] - last) * first / (first - last), 2);
            _betas[t] = 1 - (bar / before);
            before = bar;
        }
    }

    /// <summary>abar of Nichol, Dhariwal 2021 at a share of the way.</summary>
    private static double CosineBar(double share) => Math.Pow(Math.Cos((share + 0.008) / 1.008 * Math.PI / 2), 2);
}
