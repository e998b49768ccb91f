using Mdfld.Generation;

namespace Mdfld.Tests.Generation;

/// <summary>What samplers must do whatever the reference does.</summary>
public sealed class SchedulerTests
{
    /// <summary>Stable Diffusion's noise; runs end without any.</summary>
    private static readonly SchedulerConfig Config = new()
    {
        BetaStart = 0.00085,
        BetaEnd = 0.012,
        BetaSchedule = "scaled_linear",
        StepsOffset = 1,
        SetAlphaToOne = true,
        ClipSample = false,
    };

    private static readonly SchedulerConfig Karras =
        Config with { UseKarrasSigmas = true, FinalSigmasType = "sigma_min" };

    public static TheoryData<string, PredictionType, int> Quiet
    {
        get
        {
            var cases = new TheoryData<string, PredictionType, int>();
            foreach (var name in Schedulers.Names.Where(n => n is not ("euler-a" or "ddpm" or "lcm")))
            {
                foreach (var skip in (int[])[0, 6, 19])
                {
                    cases.Add(name, PredictionType.Epsilon, skip);
                    // PNDM mixes velocities of several timesteps, which are not the same even if the noise is.
                    if (name == "pndm")
                        continue;
                    cases.Add(name, PredictionType.Velocity, skip);
                    cases.Add(name, PredictionType.Sample, skip);
                }
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Quiet))]
    public void AModelThatKnowsTheNoiseGetsThePictureBack(string name, PredictionType type, int skip)
    {
        float[] latents = [0.5f, -1.25f, 0, 3], noise = [1, -0.3f, 0.7f, -2];
        var scheduler = Schedulers.Create(name, Config with { Prediction = type }, 20, skip);
        var (sample, seen) = (new float[4], new float[4]);
        scheduler.AddNoise(latents, noise, sample);
        for (var step = 0; step < scheduler.Timesteps.Count; step++)
        {
            scheduler.ScaleInput(step, sample, seen);
            scheduler.Step(step, Oracle(), sample);

            float[] Oracle()
            {
                if (type != PredictionType.Velocity)
                    return type == PredictionType.Epsilon ? noise : latents;
                // v from what is seen: seen = alpha latents + sigma noise at one unknown mix of the two.
                var (a, s) = (Dot(seen, latents, noise), Dot(seen, noise, latents));
                return [.. latents.Zip(noise, (x, n) => (float)((a * n) - (s * x)))];
            }
        }

        for (var i = 0; i < latents.Length; i++)
            Assert.Equal(latents[i], sample[i], 2e-4);

        // The factor of x in seen = a x + b y.
        double Dot(float[] z, float[] x, float[] y)
        {
            double xx = 0, xy = 0, yy = 0, zx = 0, zy = 0;
            for (var i = 0; i < z.Length; i++)
            {
                xx += (double)x[i] * x[i];
                xy += (double)x[i] * y[i];
                yy += (double)y[i] * y[i];
                zx += (double)z[i] * x[i];
                zy += (double)z[i] * y[i];
            }
            return ((zx * yy) - (zy * xy)) / ((xx * yy) - (xy * xy));
        }
    }

    // Data of a normal distribution of deviation 0.5: the best prediction of the noise is a formula, and the way from
    // noise to data too. Where the last step goes from noise 0.1 to none at once, it is what is off.
    [Theory]
    [InlineData("ddim", 0.02)]
    [InlineData("euler", 0.02)]
    [InlineData("pndm", 0.01)]
    [InlineData("dpm++", 0.01)]
    [InlineData("dpm++-karras", 0.001)]
    [InlineData("unipc", 0.01)]
    public void ManySmallStepsFollowTheExactWay(string name, double tolerance) =>
        Assert.True(Deviation(name, Config, 100) is var off && off <= tolerance, $"{name} is {off} off");

    [Fact]
    public void AHigherOrderComesNearer()
    {
        foreach (var name in (string[])["dpm++", "unipc"])
        {
            var off = Enumerable.Range(1, 3)
                .Select(order => Deviation(name, Karras with { SolverOrder = order }, 30))
                .ToArray();
            Assert.True(off[1] < off[0] / 3 && off[2] < off[1], $"{name}: {string.Join(", ", off)}");
        }
    }

    [Theory]
    [InlineData("ddpm")]
    [InlineData("euler-a")]
    public void StepsWithNoiseKeepTheDistribution(string name)
    {
        const int Count = 4000;
        var scheduler = Schedulers.Create(name, Config, 500);
        var source = new SeededNoise(5);
        var (sample, seen, noise) = (new float[Count], new float[Count], new float[Count]);
        source.Fill(sample, 0);
        Floats.Sum(scheduler.InitialNoiseSigma, sample, 0, sample, sample);
        for (var step = 0; step < scheduler.Timesteps.Count; step++)
        {
            scheduler.ScaleInput(step, sample, seen);
            source.Fill(noise, (uint)step + 1);
            scheduler.Step(step, NormalData(scheduler, step, seen), sample, noise);
        }

        Assert.Equal(0, sample.Average(), 0.03);
        Assert.Equal(0.5, Math.Sqrt(sample.Average(v => v * v)), 0.03);
    }

    [Theory]
    [InlineData("ddim", new double[] { 201, 1 })]
    [InlineData("pndm", new double[] { 201, 1, 1 })]
    [InlineData("dpm++", new double[] { 400, 200 })]
    public void ARunFromAPictureLeavesTheFirstStepsOut(string name, double[] timesteps) =>
        Assert.Equal(timesteps, Schedulers.Create(name, Config, 5, skip: 3).Timesteps);

    [Fact]
    public void ALatentConsistencyModelJumpsAndGoesBackToTheNextTimestepsNoise()
    {
        // Every share of the 50 timesteps 999, 979 ... 19 that it was distilled on.
        Assert.Equal([999, 759, 499, 259], Schedulers.Create("lcm", Config, 4).Timesteps);
        Assert.Equal([499, 259], Schedulers.Create("lcm", Config, 4, skip: 2).Timesteps);
        Assert.Equal([999, 499], Schedulers.Create("lcm", Config with { OriginalInferenceSteps = 4 }, 2).Timesteps);
        // The boundary conditions of a consistency function: at time 0 the sample itself.
        Assert.Equal((1, 0), LcmScheduler.Boundary(0, 10));
        var (skip, jump) = LcmScheduler.Boundary(3, 0.1);
        Assert.Equal(0.25 / (0.09 + 0.25), skip, 1e-12);
        Assert.Equal(0.3 / Math.Sqrt(0.09 + 0.25), jump, 1e-12);

        var scheduler = Schedulers.Create("lcm", Config with { TimestepScaling = 1e-3 }, 2);
        float[] sample = [0.8f], noise = [-0.4f];
        double x = sample[0];
        foreach (var (step, t) in ((int, int)[])[(0, 999), (1, 499)])
        {
            var (signal, spread) = (scheduler.Schedule.SignalScale(t), scheduler.Schedule.NoiseScale(t));
            var (s, j) = LcmScheduler.Boundary(t, 1e-3);
            var clean = (s * x) + (j * (x - (spread * 0.3)) / signal);
            x = step == 1 ? clean
                : (scheduler.Schedule.SignalScale(499) * clean) + (scheduler.Schedule.NoiseScale(499) * noise[0]);
            scheduler.Step(step, [0.3f], sample, noise);
            Assert.Equal(x, sample[0], Math.Abs(x) * 1e-5);
        }
    }

    [Fact]
    public void StepsGoOnceAndInOrder()
    {
        var scheduler = Schedulers.Create("ddim", Config, 3);
        float[] sample = [1, 2];
        Assert.Throws<InvalidOperationException>(() => scheduler.Step(1, [0, 0], sample));
        Assert.Throws<ArgumentException>(() => scheduler.Step(0, [0], sample));
        scheduler.Step(0, [0, 0], sample);
        Assert.Throws<InvalidOperationException>(() => scheduler.Step(0, [0, 0], sample));
        Assert.Throws<ArgumentException>(() => Schedulers.Create("ddpm", Config, 3).Step(0, [0, 0], sample));
    }

    [Fact]
    public void PndmMixesNoPredictedLatents() => Assert.Contains("pndm mixes", Assert.Throws<ArgumentException>(
        () => Schedulers.Create("pndm", Config with { Prediction = PredictionType.Sample }, 10)).Message);

    [Theory]
    [InlineData("heun", 10, 0, "heun")]
    [InlineData("ddim", 0, 0, "0 steps")]
    [InlineData("ddim", 1000, 0, "1000 steps")]
    [InlineData("ddim", 10, 10, "10 of 10")]
    [InlineData("lcm", 51, 0, "expected 1 to the 50")]
    public void ARunThatCannotBeIsRefused(string name, int steps, int skip, string said) =>
        Assert.Contains(
            said, Assert.Throws<ArgumentException>(() => Schedulers.Create(name, Config, steps, skip)).Message);

    private static double Deviation(string name, SchedulerConfig config, int steps)
    {
        var scheduler = Schedulers.Create(name, config, steps);
        float[] sample = [(float)scheduler.InitialNoiseSigma];
        var seen = new float[1];
        scheduler.ScaleInput(0, sample, seen);
        var exact = seen[0] / Math.Sqrt(Variance(scheduler, 0)) * Math.Sqrt(FinalVariance(config, scheduler.Schedule));
        for (var step = 0; step < scheduler.Timesteps.Count; step++)
        {
            scheduler.ScaleInput(step, sample, seen);
            scheduler.Step(step, NormalData(scheduler, step, seen), sample);
        }
        return Math.Abs(sample[0] - exact);
    }

    private static float[] NormalData(Scheduler scheduler, int step, float[] seen)
    {
        var factor = Math.Sqrt(1 - Bar(scheduler, step)) / Variance(scheduler, step);
        return Array.ConvertAll(seen, x => (float)(factor * x));
    }

    private static double Variance(Scheduler scheduler, int step) =>
        (0.25 * Bar(scheduler, step)) + 1 - Bar(scheduler, step);

    private static double FinalVariance(SchedulerConfig config, NoiseSchedule schedule) =>
        config.FinalSigmasType == "sigma_min" ? 1 - (0.75 * schedule.AlphasCumprod[0]) : 0.25;

    /// <summary>abar where the sampler really is: Karras' levels lie between the timesteps they name.</summary>
    private static double Bar(Scheduler scheduler, int step) => scheduler.Sigmas.IsEmpty
        ? scheduler.Schedule.AlphasCumprod[(int)scheduler.Timesteps[step]]
        : 1 / (1 + Math.Pow(scheduler.Sigmas[step], 2));
}
