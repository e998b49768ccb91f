using Mdfld.Generation;
using Mdfld.Tests.Star;

namespace Mdfld.Tests.Generation;

public sealed class NoiseScheduleTests
{
    private static readonly GoldenTensors Golden = GoldenTensors.OpenDiffusion("golden_schedulers.safetensors");
    private static readonly NoiseSchedule Schedule =
        new(SchedulerConfig.Read(TestFiles.Diffusion("tiny-sd", "scheduler", "scheduler_config.json")));

    [Fact]
    public void BetasAndProductsAreTheReferences()
    {
        AssertRelative(1e-6, Golden.Floats("betas"), Schedule.Betas);
        // The reference multiplies a thousand numbers in single precision.
        AssertRelative(2e-5, Golden.Floats("alphas_cumprod"), Schedule.AlphasCumprod);
    }

    /// <summary>Lin et al. 2023: the first timestep is as before, the last is noise alone, between is a stretch.</summary>
    [Fact]
    public void WithoutTerminalSignalTheLastTimestepIsNoise()
    {
        var config = SchedulerConfig.Read(TestFiles.Diffusion("tiny-sd", "scheduler-v", "scheduler_config.json"));
        var (plain, moved) = (new NoiseSchedule(config), new NoiseSchedule(config with { RescaleBetasZeroSnr = true }));
        var last = plain.Count - 1;
        Assert.Equal(0, moved.SignalScale(last));
        Assert.Equal(plain.SignalScale(0), moved.SignalScale(0), 1e-6);
        var stretch = plain.SignalScale(0) / (plain.SignalScale(0) - plain.SignalScale(last));
        for (var t = 0; t < plain.Count; t += 37)
            Assert.Equal((plain.SignalScale(t) - plain.SignalScale(last)) * stretch, moved.SignalScale(t), 1e-5);
        Assert.Equal(4096, moved.Sigma(last), 1.0);

        var e = Assert.Throws<ArgumentException>(
            () => new NoiseSchedule(config with { RescaleBetasZeroSnr = true, Prediction = PredictionType.Epsilon }));
        Assert.Contains("predicts the velocity", e.Message);
    }

    // What an error of the latents costs is what that of the velocity costs that follows from it.
    [Fact]
    public void PredictedLatentsAreWeighedAsTheirVelocity()
    {
        const double Most = 20;
        var config = new SchedulerConfig
        {
            BetaSchedule = "scaled_linear",
            BetaStart = 0.00085,
            BetaEnd = 0.012,
            RescaleBetasZeroSnr = true,
            Prediction = PredictionType.Sample,
        };
        var schedule = new NoiseSchedule(config);
        var loss = new DiffusionLoss(schedule, Most);
        float[] latents = [0.7f], noise = [-1.3f], wrong = [0.5f], target = [0];
        var (velocity, other) = (new float[1], new float[1]);
        foreach (var t in (int[])[999, 700, 400])
        {
            loss.Target(latents, noise, t, target);
            Assert.Equal(latents, target);
            schedule.Velocity(latents, noise, t, velocity);
            // Of the same noisy latents with the wrong clean ones.
            float[] noisy = [0], otherNoise = [0];
            schedule.AddNoise(latents, noise, t, noisy);
            otherNoise[0] = (float)((noisy[0] - (schedule.SignalScale(t) * wrong[0])) / schedule.NoiseScale(t));
            schedule.Velocity(wrong, otherNoise, t, other);
            Assert.Equal(
                Math.Pow(velocity[0] - other[0], 2), loss.Weight(t) * Math.Pow(latents[0] - wrong[0], 2), 1e-5);
        }
        Assert.Equal(Most + 1, loss.Weight(0));
    }

    [Fact]
    public void NoiseVelocityAndSnrAreTheReferences()
    {
        var timesteps = Golden.Longs("add_noise/timesteps");
        var (x0, noise) = (Golden.Floats("add_noise/x0"), Golden.Floats("add_noise/noise"));
        var length = x0.Length / timesteps.Length;
        var (noisy, velocity) = (new float[x0.Length], new float[x0.Length]);
        for (var i = 0; i < timesteps.Length; i++)
        {
            var (from, t) = (i * length, (int)timesteps[i]);
            Schedule.AddNoise(x0.AsSpan(from, length), noise.AsSpan(from, length), t, noisy.AsSpan(from, length));
            Schedule.Velocity(x0.AsSpan(from, length), noise.AsSpan(from, length), t, velocity.AsSpan(from, length));
        }

        Near.AssertWithin(1e-5, Golden.Floats("add_noise/noisy"), noisy, "noisy latents");
        Near.AssertWithin(1e-5, Golden.Floats("add_noise/velocity"), velocity, "velocities");
        AssertRelative(
            1e-4, Golden.Floats("add_noise/snr"), Array.ConvertAll(timesteps, t => Schedule.SignalToNoise((int)t)));
    }

    [Theory]
    [InlineData("linear", 0.0001, 0.02, 1000, 4.0358e-5)]
    [InlineData("squaredcos_cap_v2", 0.0001, 0.02, 1000, 2.4288e-9)]
    [InlineData("scaled_linear", 0.00085, 0.012, 1, 0.99915)]
    public void WhatIsLeftAtTheEndIsThatOfEachSchedule(string name, double from, double to, int count, double left)
    {
        var config =
            new SchedulerConfig { BetaSchedule = name, BetaStart = from, BetaEnd = to, TrainTimesteps = count };
        Assert.Equal(1, new NoiseSchedule(config).AlphasCumprod[^1] / left, 1e-3);
    }

    [Fact]
    public void GivenBetasComeBeforeASchedule()
    {
        var schedule = new NoiseSchedule(new SchedulerConfig { TrainedBetas = [0.5, 0.25], BetaSchedule = "none" });
        Assert.Equal([0.5, 0.375], schedule.AlphasCumprod.ToArray());
        Assert.Equal(0.6, schedule.SignalToNoise(1), 1e-12);
    }

    private static void AssertRelative(double tolerance, float[] expected, ReadOnlySpan<double> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(1, actual[i] / expected[i], tolerance);
    }
}
