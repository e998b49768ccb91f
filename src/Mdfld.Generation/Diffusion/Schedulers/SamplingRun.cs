namespace Mdfld.Generation;

/// <summary>The settings of one run of a scheduler, and the timesteps that it visits, highest first.</summary>
/// <remarks>Lin et al. 2023 compare leading, linspace and trailing. Halves are rounded to even, as in numpy.</remarks>
/// <param name="Skip">Steps left out at its start: those of a run from a picture.</param>
/// <param name="Eta">DDIM: share of the noise that each step renews.</param>
internal sealed record SamplingRun(SchedulerConfig Config, int Steps, int Skip, double Eta)
{
    private const double KarrasRho = 7;

    public NoiseSchedule Schedule { get; } = new(Config);

    /// <summary>For DDIM, DDPM and PNDM: integer timesteps.</summary>
    public double[] IntegerTimesteps() => WithoutSkipped(Timesteps("leading", leftOut: 0, integer: true));

    /// <summary>For LCM: of the timesteps that the model was distilled on, the highest of every equal share.</summary>
    public double[] ConsistencyTimesteps()
    {
        var taught = Config.OriginalInferenceSteps ?? 50;
        if (taught < 1 || taught > Schedule.Count || Steps > taught)
            throw new ArgumentException(
                $"{Steps} steps, expected 1 to the {taught} of \"original_inference_steps\", at most {Schedule.Count}");
        return WithoutSkipped([.. Enumerable.Range(0, Steps)
            .Select(i => ((taught - (i * taught / Steps)) * (Schedule.Count / taught)) - 1.0)]);
    }

    /// <summary>For Euler: timesteps, also between those of training, and sigmas, one more than timesteps.</summary>
    public (double[] Timesteps, double[] Sigmas) EulerLevels()
    {
        var timesteps = Timesteps("linspace", leftOut: 0, integer: false);
        var sigmas = Array.ConvertAll(timesteps, Schedule.SigmaAt);
        if (Config.UseKarrasSigmas)
        {
            sigmas = KarrasSigmas(sigmas[0], sigmas[^1]);
            timesteps = Array.ConvertAll(sigmas, Schedule.TimestepOf);
        }
        return (WithoutSkipped(timesteps), [.. WithoutSkipped(sigmas), 0]);
    }

    /// <summary>
    /// For DPM-Solver++ and UniPC: integer timesteps, of which one more, the end, is left out, and sigmas, one more
    /// than timesteps.
    /// </summary>
    public (double[] Timesteps, double[] Sigmas) SolverLevels()
    {
        var end = Config.EndsClean ? 0 : Schedule.Sigma(0);
        double[] timesteps, sigmas;
        if (Config.UseKarrasSigmas)
        {
            sigmas = KarrasSigmas(Schedule.Sigma(Schedule.Count - 1), Schedule.Sigma(0));
            timesteps = Array.ConvertAll(sigmas, s => Math.Round(Schedule.TimestepOf(s)));
            if (Config.RoundKarrasSigmas)
            {
                timesteps = [.. timesteps.Distinct()];
                sigmas = Array.ConvertAll(timesteps, t => Schedule.Sigma((int)t));
            }
        }
        else
        {
            timesteps = Timesteps("linspace", leftOut: 1, integer: true);
            sigmas = Array.ConvertAll(timesteps, t => Schedule.Sigma((int)t));
        }
        return (WithoutSkipped(timesteps), [.. WithoutSkipped(sigmas), end]);
    }

    /// <summary>abar a step below a timestep; below 0 that of no noise, or of timestep 0.</summary>
    public double AlphaBelow(double timestep, bool noNoiseAtEnd)
    {
        var below = (int)timestep - (Schedule.Count / Steps);
        return below >= 0 ? Schedule.AlphasCumprod[below] : noNoiseAtEnd ? 1 : Schedule.AlphasCumprod[0];
    }

    private double[] WithoutSkipped(double[] all) => all[Skip..];

    private double[] Timesteps(string usual, int leftOut, bool integer)
    {
        var count = Schedule.Count;
        var spacing = SchedulerConfig.Choice(
            "timestep spacing", Config.TimestepSpacing ?? usual, "leading", "linspace", "trailing");
        if (spacing == "leading")
            return Leading(count / (Steps + leftOut), leftOut);
        var numbers = Enumerable.Range(0, Steps);
        if (spacing == "trailing")
            return [.. numbers.Select(i => Math.Round(count - (i * (double)count / Steps)) - 1)];
        var last = Steps + leftOut - 1;
        var linear = numbers.Select(i => (count - 1.0) * (last - i) / Math.Max(last, 1));
        return [.. integer ? linear.Select(t => Math.Round(t)) : linear];
    }

    private double[] Leading(int stride, int first)
    {
        var last = ((Steps - 1 + first) * stride) + Config.StepsOffset;
        if (Config.StepsOffset < 0 || last >= Schedule.Count)
            throw new ArgumentException(
                $"steps_offset {Config.StepsOffset} leads to timestep {last}, expected 0 to {Schedule.Count - 1}");
        return [.. Enumerable.Range(0, Steps).Select(i => (double)last - (i * stride))];
    }

    /// <summary>Noise levels evenly spaced in their 1/7th power (Karras et al. 2022, eq. 5).</summary>
    private double[] KarrasSigmas(double most, double least)
    {
        var (from, to) = (Math.Pow(most, 1 / KarrasRho), Math.Pow(least, 1 / KarrasRho));
        return [.. Enumerable.Range(0, Steps)
            .Select(i => Math.Pow(from + ((to - from) * i / Math.Max(Steps - 1, 1)), KarrasRho))];
    }
}
