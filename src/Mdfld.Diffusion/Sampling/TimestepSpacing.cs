namespace Mdfld.Diffusion.Sampling;

/// <summary>The timesteps, or noise levels, that a run of fewer steps than training visits; highest first.</summary>
/// <remarks>Lin et al. 2023 compare leading, linspace and trailing. Halves are rounded to even, as in numpy.</remarks>
internal static class TimestepSpacing
{
    private const double KarrasRho = 7;

    /// <summary>For DDIM, DDPM and PNDM: whole timesteps.</summary>
    public static double[] Whole(SchedulerConfig config, int count, int steps) =>
        (config.TimestepSpacing ?? "leading") switch
        {
            "leading" => Leading(config, count, steps, count / steps),
            "linspace" => [.. Linear(count, steps).Select(t => Math.Round(t))],
            _ => Trailing(config, count, steps),
        };

    /// <summary>For Euler: fractions in between.</summary>
    public static double[] Fractional(SchedulerConfig config, int count, int steps) =>
        (config.TimestepSpacing ?? "linspace") switch
        {
            "leading" => Leading(config, count, steps, count / steps),
            "linspace" => Linear(count, steps),
            _ => Trailing(config, count, steps),
        };

    /// <summary>For DPM-Solver++ and UniPC: whole timesteps of which one more, the end, is left out.</summary>
    public static double[] OpenEnded(SchedulerConfig config, int count, int steps) =>
        (config.TimestepSpacing ?? "linspace") switch
        {
            "leading" => Leading(config, count, steps, count / (steps + 1), from: 1),
            "linspace" => [.. Linear(count, steps + 1).Take(steps).Select(t => Math.Round(t))],
            _ => Trailing(config, count, steps),
        };

    /// <summary>Noise levels evenly spaced in their 1/7th power (Karras et al. 2022, eq. 5).</summary>
    public static double[] KarrasSigmas(double most, double least, int steps)
    {
        var (from, to) = (Math.Pow(most, 1 / KarrasRho), Math.Pow(least, 1 / KarrasRho));
        return [.. Enumerable.Range(0, steps)
            .Select(i => Math.Pow(from + ((to - from) * i / Math.Max(steps - 1, 1)), KarrasRho))];
    }

    /// <summary>The noise level at a timestep between whole ones.</summary>
    public static double SigmaAt(NoiseSchedule schedule, double timestep)
    {
        var below = Math.Clamp((int)timestep, 0, schedule.Count - 1);
        var above = Math.Min(below + 1, schedule.Count - 1);
        return double.Lerp(schedule.Sigma(below), schedule.Sigma(above), timestep - below);
    }

    /// <summary>The timestep of a noise level, linear in its logarithm between whole ones.</summary>
    public static double TimestepOf(NoiseSchedule schedule, double sigma)
    {
        if (schedule.Count == 1)
            return 0;
        var below = 0;
        while (below < schedule.Count - 2 && schedule.Sigma(below + 1) <= sigma)
            below++;
        var (low, high) = (Math.Log(schedule.Sigma(below)), Math.Log(schedule.Sigma(below + 1)));
        return below + Math.Clamp((Math.Log(sigma) - low) / (high - low), 0, 1);
    }

    private static double[] Leading(SchedulerConfig config, int count, int steps, int stride, int from = 0)
    {
        var last = ((steps - 1 + from) * stride) + config.StepsOffset;
        if (config.StepsOffset < 0 || last >= count)
            throw new ArgumentException(
                $"steps_offset {config.StepsOffset} leads to timestep {last}, expected 0 to {count - 1}");
        return [.. Enumerable.Range(0, steps)
            .Select(i => (double)((steps - 1 - i + from) * stride) + config.StepsOffset)];
    }

    private static double[] Linear(int count, int steps) =>
        [.. Enumerable.Range(0, steps).Select(i => (count - 1.0) * (steps - 1 - i) / Math.Max(steps - 1, 1))];

    private static double[] Trailing(SchedulerConfig config, int count, int steps) =>
        config.TimestepSpacing == "trailing"
            ? [.. Enumerable.Range(0, steps).Select(i => Math.Round(count - (i * (double)count / steps)) - 1)]
            : throw new ArgumentException(
                $"timestep spacing '{config.TimestepSpacing}' is not known, expected leading, linspace or trailing");
}
