namespace Mdfld.Generation;

/// <summary>
/// One run of a sampler, from noise to latents: at each of <see cref="Timesteps"/> the network gets the scaled sample
/// and <see cref="Step"/> computes the next one. All of it is arithmetic on numbers in memory, so a run is the same on
/// every device and for any number of threads.
/// </summary>
internal abstract class Scheduler
{
    private readonly double[] _sigmas;
    private int _next;

    private protected Scheduler(SamplingRun run, (double[] Timesteps, double[] Sigmas) levels) =>
        (Run, Timesteps, _sigmas) = (run, Array.AsReadOnly(levels.Timesteps), levels.Sigmas);

    public NoiseSchedule Schedule => Run.Schedule;

    /// <summary>The timesteps of the network's calls, in order; with Euler also fractions.</summary>
    public IReadOnlyList<double> Timesteps { get; }

    /// <summary>Standard deviation of the noise that a run from noise starts with.</summary>
    public virtual double InitialNoiseSigma => 1;

    public virtual bool TakesNoise => false;

    /// <summary>Euler, DPM-Solver++, UniPC: sqrt((1 - abar) / abar) before each step and after the last.</summary>
    internal ReadOnlySpan<double> Sigmas => _sigmas;

    private protected SamplingRun Run { get; }

    /// <summary>The network's input for the sample before step number <paramref name="step"/>.</summary>
    public virtual void ScaleInput(int step, ReadOnlySpan<float> sample, Span<float> scaled) => sample.CopyTo(scaled);

    /// <summary>Latents with the noise before a step; before the first: where a run from a picture starts.</summary>
    public virtual void AddNoise(
        ReadOnlySpan<float> latents, ReadOnlySpan<float> noise, Span<float> noisy, int step = 0) =>
        Schedule.AddNoise(latents, noise, (int)Timesteps[step], noisy);

    /// <summary>Computes the next sample, in place. Steps are taken once each, in order.</summary>
    /// <param name="prediction">The network's output for the scaled sample at <c>Timesteps[step]</c>.</param>
    /// <param name="noise">As many normal random numbers where <see cref="TakesNoise"/>.</param>
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

    /// <summary>The clean latents predicted for alpha latents + sigma noise; alpha^2 + sigma^2 = 1.</summary>
    private protected float[] PredictedLatents(
        ReadOnlySpan<float> sample, ReadOnlySpan<float> output, double alpha, double sigma) =>
        Schedule.Prediction switch
        {
            PredictionType.Epsilon => Floats.Sum(1 / alpha, sample, -sigma / alpha, output),
            PredictionType.Velocity => Floats.Sum(alpha, sample, -sigma, output),
            _ => output.ToArray(),
        };

    private protected float[] PredictedNoise(
        ReadOnlySpan<float> sample, ReadOnlySpan<float> output, double alpha, double sigma) =>
        Schedule.Prediction switch
        {
            PredictionType.Epsilon => output.ToArray(),
            PredictionType.Velocity => Floats.Sum(sigma, sample, alpha, output),
            _ => Floats.Sum(1 / sigma, sample, -alpha / sigma, output),
        };
}

public static class Schedulers
{
    private static readonly (string Name, string ClassName, Func<SamplingRun, Scheduler> Make)[] Known =
    [
        ("ddim", "DDIMScheduler", run => new DdimScheduler(run, run.IntegerTimesteps())),
        ("dpm++", "DPMSolverMultistepScheduler", run => new DpmSolverScheduler(run)),
        ("dpm++-karras", "DPMSolverMultistepScheduler",
            run => new DpmSolverScheduler(run with { Config = run.Config with { UseKarrasSigmas = true } })),
        ("euler", "EulerDiscreteScheduler", run => new EulerScheduler(run, ancestral: false)),
        ("euler-a", "EulerAncestralDiscreteScheduler", run => new EulerScheduler(run, ancestral: true)),
        ("unipc", "UniPCMultistepScheduler", run => new UniPcScheduler(run)),
        ("pndm", "PNDMScheduler", run => new PndmScheduler(run)),
        ("ddpm", "DDPMScheduler", run => new DdpmScheduler(run)),
        ("lcm", "LCMScheduler", run => new LcmScheduler(run)),
    ];

    /// <summary>ddim, dpm++, dpm++-karras, euler, euler-a, unipc, pndm, ddpm, lcm.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Known.Select(k => k.Name)];

    /// <summary>Our name of the sampler that a config is written for.</summary>
    /// <exception cref="ArgumentException">It is none of <see cref="Names"/>.</exception>
    public static string NameOf(SchedulerConfig config)
    {
        var found = Array.Find(Known, k => k.ClassName == config.ClassName);
        return found.Name ?? throw new ArgumentException(
            $"scheduler '{config.ClassName}' is not known, expected one of "
            + $"{string.Join(", ", Known.Select(k => k.ClassName).Distinct())}; put one of these as \"_class_name\"");
    }

    /// <summary>One run of a sampler.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="config">Noise and options; where a value is missing, the sampler's own rule holds.</param>
    /// <param name="steps">Steps of a run from noise, 1 to the number of training timesteps.</param>
    /// <param name="skip">Steps left out at the start, by a run that starts from a picture.</param>
    /// <param name="eta">ddim: share of the noise that each step renews, 0 (none) to 1 (as much as ddpm).</param>
    /// <exception cref="ArgumentException">Name, config or numbers are not possible; the message says why.</exception>
    internal static Scheduler Create(string name, SchedulerConfig config, int steps, int skip = 0, double eta = 0)
    {
        var make = Array.Find(Known, k => k.Name == name).Make
            ?? throw new ArgumentException(
                $"sampler '{name}' is not known, expected one of {string.Join(", ", Names)}");
        var run = new SamplingRun(config, steps, skip, eta);
        // DPM-Solver++ and UniPC leave the last of one more timestep out.
        if (steps < 1 || steps >= run.Schedule.Count)
            throw new ArgumentException($"{steps} steps, expected 1 to {run.Schedule.Count - 1}");
        if (skip < 0 || skip >= steps)
            throw new ArgumentException($"{skip} of {steps} steps left out, expected 0 to {steps - 1}");
        if (!(eta is >= 0 and <= 1))
            throw new ArgumentException($"eta is {eta}, expected 0 to 1");
        return make(run);
    }
}

/// <summary>Linear combinations of latents in double precision.</summary>
internal static class Floats
{
    /// <summary>result = a x + b y; the result may be x or y.</summary>
    public static void Sum(double a, ReadOnlySpan<float> x, double b, ReadOnlySpan<float> y, Span<float> result)
    {
        if (x.Length != result.Length || y.Length != result.Length)
            throw new ArgumentException(
                $"{x.Length}, {y.Length} and {result.Length} numbers, expected as many each time");
        for (var i = 0; i < result.Length; i++)
            result[i] = (float)((a * x[i]) + (b * y[i]));
    }

    /// <summary>a x + b y.</summary>
    public static float[] Sum(double a, ReadOnlySpan<float> x, double b, ReadOnlySpan<float> y)
    {
        var result = new float[x.Length];
        Sum(a, x, b, y, result);
        return result;
    }

    /// <summary>target += b y.</summary>
    public static void Add(Span<float> target, double b, ReadOnlySpan<float> y) => Sum(1, target, b, y, target);

    /// <summary>Limits numbers to [-limit, limit].</summary>
    public static void Clamp(Span<float> numbers, double limit)
    {
        foreach (ref var number in numbers)
            number = Math.Clamp(number, (float)-limit, (float)limit);
    }
}
