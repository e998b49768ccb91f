namespace Mdfld.Diffusion.Sampling;

/// <summary>What a sampler is made of.</summary>
/// <param name="Config">Noise and options.</param>
/// <param name="Steps">Steps of a run from nothing.</param>
/// <param name="Skip">Steps left out at its start: those of a run from a picture.</param>
/// <param name="Eta">DDIM: share of the noise that each step renews.</param>
internal sealed record Run(SchedulerConfig Config, int Steps, int Skip, double Eta)
{
    /// <summary>The training noise.</summary>
    public NoiseSchedule Schedule { get; } = new(Config);

    /// <summary>Timesteps of training between two steps, where those are whole.</summary>
    public int Stride => Schedule.Count / Steps;

    /// <summary>
    /// abar where a step down from a timestep arrives; below timestep 0 it is that of no noise, or of timestep 0.
    /// </summary>
    public double AlphaBelow(double timestep, bool noNoiseAtEnd)
    {
        var below = (int)timestep - Stride;
        return below >= 0 ? Schedule.AlphasCumprod[below] : noNoiseAtEnd ? 1 : Schedule.AlphasCumprod[0];
    }

    /// <summary>The part of the visited timesteps, or levels, that is left after <see cref="Skip"/>.</summary>
    public double[] Rest(double[] all) => all[Skip..];
}
