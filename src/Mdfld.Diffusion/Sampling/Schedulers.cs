namespace Mdfld.Diffusion.Sampling;

/// <summary>The samplers by name.</summary>
public static class Schedulers
{
    private static readonly (string Name, string ClassName, Func<Run, Scheduler> Make)[] Known =
    [
        ("ddim", "DDIMScheduler", run => new DdimScheduler(run)),
        ("dpm++", "DPMSolverMultistepScheduler", run => new DpmSolverScheduler(run)),
        ("dpm++-karras", "DPMSolverMultistepScheduler",
            run => new DpmSolverScheduler(run with { Config = run.Config with { UseKarrasSigmas = true } })),
        ("euler", "EulerDiscreteScheduler", run => new EulerScheduler(run, ancestral: false)),
        ("euler-a", "EulerAncestralDiscreteScheduler", run => new EulerScheduler(run, ancestral: true)),
        ("unipc", "UniPCMultistepScheduler", run => new UniPcScheduler(run)),
        ("pndm", "PNDMScheduler", run => new PndmScheduler(run)),
        ("ddpm", "DDPMScheduler", run => new DdpmScheduler(run)),
    ];

    /// <summary>ddim, dpm++, dpm++-karras, euler, euler-a, unipc, pndm, ddpm.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Known.Select(k => k.Name)];

    /// <summary>Our name of the sampler that a config is written for.</summary>
    /// <exception cref="ArgumentException">It is none of <see cref="Names"/>.</exception>
    public static string NameOf(SchedulerConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var found = Array.Find(Known, k => k.ClassName == config.ClassName);
        return found.Name ?? throw new ArgumentException(
            $"scheduler '{config.ClassName}' is not known, expected one of "
            + $"{string.Join(", ", Known.Select(k => k.ClassName).Distinct())}; put one of these as \"_class_name\"");
    }

    /// <summary>One run of a sampler.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="config">Noise and options; where a value is missing, the sampler's own rule holds.</param>
    /// <param name="steps">Steps of a run from nothing, 1 to the number of training timesteps.</param>
    /// <param name="skip">Steps left out at the start, by a run that starts from a picture.</param>
    /// <param name="eta">ddim: share of the noise that each step renews, 0 (none) to 1 (as much as ddpm).</param>
    /// <exception cref="ArgumentException">Name, config or numbers are not possible; the message says why.</exception>
    public static Scheduler Create(string name, SchedulerConfig config, int steps, int skip = 0, double eta = 0)
    {
        ArgumentNullException.ThrowIfNull(config);
        var make = Array.Find(Known, k => k.Name == name).Make
            ?? throw new ArgumentException(
                $"sampler '{name}' is not known, expected one of {string.Join(", ", Names)}");
        var run = new Run(config, steps, skip, eta);
        // Samplers whose last timestep is open need one more of them.
        if (steps < 1 || steps >= run.Schedule.Count)
            throw new ArgumentException($"{steps} steps, expected 1 to {run.Schedule.Count - 1}");
        if (skip < 0 || skip >= steps)
            throw new ArgumentException($"{skip} of {steps} steps left out, expected 0 to {steps - 1}");
        if (!(eta is >= 0 and <= 1))
            throw new ArgumentException($"eta is {eta}, expected 0 to 1");
        return make(run);
    }

    /// <summary>Order of the multistep solvers.</summary>
    internal static int OrderOf(SchedulerConfig config) => config.SolverOrder is null or (>= 1 and <= 3)
        ? config.SolverOrder ?? 2
        : throw new ArgumentException($"solver order {config.SolverOrder}, expected 1, 2 or 3");
}
