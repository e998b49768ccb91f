namespace Mdfld.Diffusion.Sampling;

/// <summary>
/// One run of a sampler, from noise to latents: at each of <see cref="Timesteps"/> the network sees the scaled sample
/// and <see cref="Step"/> takes the sample on. All of it is arithmetic on numbers in memory, so a run is the same on
/// every device and for any number of threads.
/// </summary>
public abstract class Scheduler
{
    private int _next;

    private protected Scheduler(NoiseSchedule schedule, double[] timesteps) =>
        (Schedule, Timesteps) = (schedule, Array.AsReadOnly(timesteps));

    /// <summary>The noise of training.</summary>
    public NoiseSchedule Schedule { get; }

    /// <summary>
    /// The timesteps at which the network is asked, in order; fractions between those of training with Euler.
    /// </summary>
    public IReadOnlyList<double> Timesteps { get; }

    /// <summary>Standard deviation of the noise that a run from nothing starts with.</summary>
    public virtual double InitialNoiseSigma => 1;

    /// <summary>Whether <see cref="Step"/> wants new noise.</summary>
    public virtual bool TakesNoise => false;

    /// <summary>What the network is shown of the sample before step number <paramref name="step"/>.</summary>
    public virtual void ScaleInput(int step, ReadOnlySpan<float> sample, Span<float> scaled) => sample.CopyTo(scaled);

    /// <summary>Latents with the noise of the first timestep: where a run from a picture starts.</summary>
    public virtual void AddNoise(ReadOnlySpan<float> latents, ReadOnlySpan<float> noise, Span<float> noisy) =>
        Schedule.AddNoise(latents, noise, (int)Timesteps[0], noisy);

    /// <summary>Takes the sample on, in place. Steps are taken once each, in order.</summary>
    /// <param name="step">Number of the step, from 0.</param>
    /// <param name="prediction">The network's output for the scaled sample at <c>Timesteps[step]</c>.</param>
    /// <param name="sample">As many numbers.</param>
    /// <param name="noise">As many normal random numbers where <see cref="TakesNoise"/>.</param>
    /// <exception cref="InvalidOperationException">It is another step's turn.</exception>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public void Step(
        int step, ReadOnlySpan<float> prediction, Span<float> sample, ReadOnlySpan<float> noise = default)
    {
        if (step != _next || step >= Timesteps.Count)
            throw new InvalidOperationException($"step {step} of {Timesteps.Count}, expected {_next}; a run goes once");
        if (prediction.Length != sample.Length || (TakesNoise && noise.Length != sample.Length))
            throw new ArgumentException(
                $"{sample.Length} latents, {prediction.Length} predicted, {noise.Length} of noise: expected as many");
        _next++;
        Advance(step, prediction, sample, noise);
    }

    /// <summary>The step itself; the arguments have been checked.</summary>
    private protected abstract void Advance(
        int step, ReadOnlySpan<float> prediction, Span<float> sample, ReadOnlySpan<float> noise);
}
