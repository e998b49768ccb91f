namespace Mdfld.Diffusion.Sampling;

/// <summary>
/// Pseudo linear multistep (Liu et al. 2022): DDIM's step with an Adams-Bashforth mix of the last four predictions. The
/// first step is taken twice, the second time with the mean of the predictions at both of its ends.
/// </summary>
internal sealed class PndmScheduler : Scheduler
{
    private static readonly double[][] AdamsBashforth =
    [
        [1], [3 / 2.0, -1 / 2.0], [23 / 12.0, -16 / 12.0, 5 / 12.0], [55 / 24.0, -59 / 24.0, 37 / 24.0, -9 / 24.0],
    ];

    private readonly Run _run;
    private readonly List<float[]> _newestFirst = [];
    private float[] _start = [];

    public PndmScheduler(Run run)
        : base(run.Schedule, Twice(run.Rest(TimestepSpacing.Whole(run.Config, run.Schedule.Count, run.Steps))))
    {
        if (run.Config.SkipPrkSteps == false)
            throw new ArgumentException("Runge-Kutta steps are not there, expected skip_prk_steps: true");
        _run = run;
    }

    private protected override void Advance(
        int step, ReadOnlySpan<float> prediction, Span<float> sample, ReadOnlySpan<float> noise)
    {
        var mix = new float[sample.Length];
        var from = Timesteps[step];
        if (step == 1)
        {
            Floats.Sum(0.5, prediction, 0.5, _newestFirst[0], mix);
            _start.CopyTo(sample);
            from = Timesteps[0];
        }
        else
        {
            if (step == 0)
                _start = sample.ToArray();
            _newestFirst.Insert(0, prediction.ToArray());
            if (_newestFirst.Count > AdamsBashforth.Length)
                _newestFirst.RemoveAt(AdamsBashforth.Length);
            var factors = AdamsBashforth[_newestFirst.Count - 1];
            for (var i = 0; i < factors.Length; i++)
                Floats.Add(mix, factors[i], _newestFirst[i]);
        }
        Descend(from, mix, sample);
    }

    private void Descend(double timestep, float[] output, Span<float> sample)
    {
        var here = Schedule.AlphasCumprod[(int)timestep];
        var below = _run.AlphaBelow(timestep, _run.Config.SetAlphaToOne ?? false);
        var parts = new Parameterisation(Schedule.Prediction, Math.Sqrt(here), Math.Sqrt(1 - here));
        var (clean, direction) = (new float[sample.Length], new float[sample.Length]);
        parts.Clean(sample, output, clean);
        parts.Noise(sample, output, direction);
        Floats.Sum(Math.Sqrt(below), clean, Math.Sqrt(1 - below), direction, sample);
    }

    private static double[] Twice(double[] timesteps) =>
        timesteps.Length < 2 ? timesteps : [timesteps[0], timesteps[1], .. timesteps[1..]];
}
