using Mdfld.Generation;

namespace Mdfld.Tests.Generation;

public sealed class SchedulerConfigTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => Path.Combine(_folder.Path, "scheduler_config.json");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void WhatIsWrittenIsRead()
    {
        var config = new SchedulerConfig
        {
            ClassName = "UniPCMultistepScheduler",
            TrainTimesteps = 77,
            BetaStart = 0.001,
            BetaEnd = 0.0123,
            BetaSchedule = "scaled_linear",
            Prediction = PredictionType.Velocity,
            TimestepSpacing = "trailing",
            StepsOffset = 3,
            SetAlphaToOne = false,
            ClipSample = true,
            ClipSampleRange = 2.5,
            VarianceType = "fixed_large",
            SkipPrkSteps = true,
            UseKarrasSigmas = true,
            RoundKarrasSigmas = true,
            SolverOrder = 3,
            SolverType = "bh1",
            AlgorithmType = "sde-dpmsolver++",
            LowerOrderFinal = false,
            FinalSigmasType = "sigma_min",
        };
        config.Write(File);
        Assert.Equal(config, SchedulerConfig.Read(File));

        (config with { TrainedBetas = [0.1, 0.2] }).Write(File);
        Assert.Equal([0.1, 0.2], SchedulerConfig.Read(File).TrainedBetas!.Value.ToArray());
        new SchedulerConfig().Write(File);
        Assert.Equal(new SchedulerConfig(), SchedulerConfig.Read(File));
    }

    [Fact]
    public void WhatDiffusersWritesIsRead()
    {
        System.IO.File.WriteAllText(File, """
            {
              "_class_name": "DPMSolverMultistepScheduler", "_diffusers_version": "0.27.2", "algorithm_type": "dpmsolver++",
              "beta_end": 0.012, "beta_schedule": "scaled_linear", "beta_start": 0.00085, "clip_sample": false,
              "clip_sample_range": null, "euler_at_final": false, "final_sigmas_type": "zero",
              "lambda_min_clipped": -Infinity, "lower_order_final": true, "num_train_timesteps": 1000,
              "prediction_type": "epsilon", "sample_max_value": 1.0, "set_alpha_to_one": false, "skip_prk_steps": true,
              "solver_order": 2, "solver_type": "midpoint", "steps_offset": 1, "thresholding": false,
              "timestep_spacing": "leading", "trained_betas": null, "use_karras_sigmas": true, "variance_type": null
            }
            """);
        var config = SchedulerConfig.Read(File);
        Assert.Equal("dpm++", Schedulers.NameOf(config));
        Assert.True(config.UseKarrasSigmas);
        Assert.Null(config.VarianceType);
        // Of another sampler's config, what it does not know does no harm.
        Assert.All(Schedulers.Names, name => Assert.NotEmpty(Schedulers.Create(name, config, 8).Timesteps));
    }

    [Theory]
    [InlineData("""{ "_class_name": "HeunDiscreteScheduler" }""", "HeunDiscreteScheduler", "DDIMScheduler, DPM")]
    [InlineData("""{ "beta_start": 0.1 }""", "_class_name", "string")]
    [InlineData("""{ "_class_name": "DDIMScheduler", "beta_schedule": "sigmoid" }""", "sigmoid", "scaled_linear")]
    [InlineData("""{ "_class_name": "DDIMScheduler", "beta_end": 1.5 }""", "beta of timestep", "between 0 and 1")]
    [InlineData("""{ "_class_name": "DDIMScheduler", "beta_start": "a" }""", "beta_start", "number")]
    [InlineData("""{ "_class_name": "DDIMScheduler", "num_train_timesteps": 2000000000 }""", "2000000000", "100000")]
    [InlineData("""{ "_class_name": "DDIMScheduler", "num_train_timesteps": 1.5 }""", "1.5", "whole number")]
    [InlineData("""{ "_class_name": "DDIMScheduler", "prediction_type": "flow" }""", "flow", "v_prediction")]
    [InlineData("""{ "_class_name": "DDIMScheduler", "prediction_type": 1 }""", "1", "v_prediction")]
    [InlineData("""{ "_class_name": "DDIMScheduler", "trained_betas": [0.1, "a"] }""", "trained_betas", "numbers")]
    [InlineData("""{ "_class_name": "DDIMScheduler", "thresholding": true }""", "thresholding", "not supported")]
    [InlineData("""{ "_class_name": "DDIMScheduler", "clip_sample": 3 }""", "clip_sample", "true or false")]
    [InlineData("""[]""", "array", "object")]
    [InlineData("""{ "_class_name" """, "scheduler_config.json", "JSON")]
    public void OneErrorSaysWhatIsWrong(string json, string found, string expected)
    {
        System.IO.File.WriteAllText(File, json);
        var error = Assert.Throws<InvalidDataException>(() => SchedulerConfig.Read(File));
        Assert.Contains(File, error.Message);
        Assert.Contains(found, error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Theory]
    [InlineData("timestep_spacing", "dense")]
    [InlineData("final_sigmas_type", "one")]
    [InlineData("solver_type", "logrho")]
    [InlineData("algorithm_type", "dpmsolver")]
    public void AnOptionIsRefusedByTheSamplerThatAsksForIt(string key, string value)
    {
        System.IO.File.WriteAllText(
            File, $$"""{ "_class_name": "DPMSolverMultistepScheduler", "{{key}}": "{{value}}" }""");
        var config = SchedulerConfig.Read(File);
        Assert.Contains(
            $"'{value}'", Assert.Throws<ArgumentException>(() => Schedulers.Create("dpm++", config, 10)).Message);
    }
}
