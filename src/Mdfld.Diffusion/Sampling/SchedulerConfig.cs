using System.Collections.Immutable;

namespace Mdfld.Diffusion.Sampling;

/// <summary>What the UNet was taught to predict.</summary>
public enum PredictionType
{
    /// <summary>The noise that was added (Ho et al. 2020).</summary>
    Epsilon,

    /// <summary>v = sqrt(abar) noise - sqrt(1 - abar) latents (Salimans, Ho 2022).</summary>
    Velocity,
}

/// <summary>
/// How noise grows over the training timesteps, and how a sampler walks back: diffusers'
/// <c>scheduler_config.json</c>. What is null is left to the sampler, each of which has its own rule.
/// </summary>
public sealed partial record SchedulerConfig
{
    /// <summary>
    /// diffusers' name of the sampler, such as <c>DDIMScheduler</c>: the one used unless another is asked for.
    /// </summary>
    public string ClassName { get; init; } = "DDIMScheduler";

    /// <summary>Timesteps of training, 1 to 100,000.</summary>
    public int TrainTimesteps { get; init; } = 1000;

    /// <summary>The first beta.</summary>
    public double BetaStart { get; init; } = 0.0001;

    /// <summary>The last beta.</summary>
    public double BetaEnd { get; init; } = 0.02;

    /// <summary>
    /// <c>linear</c>; <c>scaled_linear</c> (linear in its square root, Stable Diffusion's); <c>squaredcos_cap_v2</c>.
    /// </summary>
    public string BetaSchedule { get; init; } = "linear";

    /// <summary>The betas themselves, instead of a schedule.</summary>
    public ImmutableArray<double>? TrainedBetas { get; init; }

    /// <summary>What the UNet predicts.</summary>
    public PredictionType Prediction { get; init; } = PredictionType.Epsilon;

    /// <summary>
    /// Which timesteps a run of fewer steps visits: <c>leading</c>, <c>linspace</c> or <c>trailing</c>.
    /// </summary>
    public string? TimestepSpacing { get; init; }

    /// <summary>Added to timesteps of leading spacing.</summary>
    public int StepsOffset { get; init; }

    /// <summary>
    /// DDIM, PNDM: whether the step below timestep 0 is to no noise at all, not to that of timestep 0.
    /// </summary>
    public bool? SetAlphaToOne { get; init; }

    /// <summary>DDIM, DDPM: whether the predicted latents are held within <see cref="ClipSampleRange"/>.</summary>
    public bool? ClipSample { get; init; }

    /// <summary>Largest absolute value of predicted latents where they are clipped.</summary>
    public double ClipSampleRange { get; init; } = 1;

    /// <summary>DDPM: <c>fixed_small</c> or <c>fixed_large</c>.</summary>
    public string? VarianceType { get; init; }

    /// <summary>PNDM: must not be false; the Runge-Kutta steps of the start are not there.</summary>
    public bool? SkipPrkSteps { get; init; }

    /// <summary>Euler, DPM-Solver++, UniPC: the noise levels of Karras et al. 2022.</summary>
    public bool UseKarrasSigmas { get; init; }

    /// <summary>
    /// With <see cref="UseKarrasSigmas"/>, DPM-Solver++: steps on the noise levels of the rounded timesteps, as
    /// diffusers did before 0.22; a key of ours, to repeat pictures of those days.
    /// </summary>
    public bool RoundKarrasSigmas { get; init; }

    /// <summary>DPM-Solver++, UniPC: 1, 2 or 3.</summary>
    public int? SolverOrder { get; init; }

    /// <summary>DPM-Solver++: <c>midpoint</c> or <c>heun</c>; UniPC: <c>bh1</c> or <c>bh2</c>.</summary>
    public string? SolverType { get; init; }

    /// <summary>DPM-Solver++: <c>dpmsolver++</c>, or <c>sde-dpmsolver++</c>, which adds noise at each step.</summary>
    public string? AlgorithmType { get; init; }

    /// <summary>DPM-Solver++ below 15 steps, UniPC: the last steps are of lower order.</summary>
    public bool? LowerOrderFinal { get; init; }

    /// <summary>
    /// DPM-Solver++, UniPC: a run ends at noise <c>zero</c> (today's rule) or at that of timestep 0, <c>sigma_min</c>
    /// (that of diffusers before 0.25, for UniPC before 0.28).
    /// </summary>
    public string? FinalSigmasType { get; init; }
}
