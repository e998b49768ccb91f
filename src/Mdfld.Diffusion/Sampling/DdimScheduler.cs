namespace Mdfld.Diffusion.Sampling;

/// <summary>DDIM (Song et al. 2020, eq. 12): from the predicted latents and noise straight to less noise.</summary>
internal sealed class DdimScheduler(Run run)
    : Scheduler(run.Schedule, run.Rest(TimestepSpacing.Whole(run.Config, run.Schedule.Count, run.Steps)))
{
    private readonly bool _noNoiseAtEnd = run.Config.SetAlphaToOne ?? true;
    private readonly bool _clip = run.Config.ClipSample ?? true;

    public override bool TakesNoise => run.Eta > 0;

    private protected override void Advance(
        int step, ReadOnlySpan<float> prediction, Span<float> sample, ReadOnlySpan<float> noise)
    {
        var timestep = (int)Timesteps[step];
        var (here, below) = (Schedule.AlphasCumprod[timestep], run.AlphaBelow(timestep, _noNoiseAtEnd));
        var parts = new Parameterisation(Schedule.Prediction, Math.Sqrt(here), Math.Sqrt(1 - here));
        var (clean, direction) = (new float[sample.Length], new float[sample.Length]);
        parts.Clean(sample, prediction, clean);
        parts.Noise(sample, prediction, direction);
        if (_clip)
            Floats.Clamp(clean, run.Config.ClipSampleRange);
        // At the very end the clipped difference below zero is rounding.
        var renewed = run.Eta * run.Eta * Math.Max(0, (1 - below) / (1 - here) * (1 - (here / below)));
        Floats.Sum(Math.Sqrt(below), clean, Math.Sqrt(Math.Max(0, 1 - below - renewed)), direction, sample);
        if (TakesNoise)
            Floats.Add(sample, Math.Sqrt(renewed), noise);
    }
}
