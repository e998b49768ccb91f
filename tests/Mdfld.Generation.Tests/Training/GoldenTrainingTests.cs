using System.Text.Json;
using Mdfld.Generation;
using Mdfld.Training.Weights;

namespace Mdfld.Tests.Generation.Training;

/// <summary>
/// A ControlNet trained while its UNet is frozen, against the reference: losses, every gradient's norm, whole
/// gradients, AdamW's steps. Tolerances are those of ../shared/golden/diffusion/README.md.
/// </summary>
public sealed class GoldenTrainingTests : IDisposable
{
    private const double LossTolerance = 1e-5;
    private const double SteppedTolerance = 2e-5;

    private readonly GoldenTensors _golden = GoldenTensors.OpenDiffusion("golden_training.safetensors");
    private readonly JsonElement _numbers =
        JsonDocument.Parse(File.ReadAllBytes(TestFiles.Diffusion("golden_training.json"))).RootElement;
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly UNet _unet = Load("unet", f => new UNet(NetworkConfig.Read<UNetConfig>(f)));
    private readonly ControlNet _control =
        Load("controlnet", f => new ControlNet(NetworkConfig.Read<ControlNetConfig>(f)));

    public GoldenTrainingTests() => _unet.RequireGrad(false);

    public void Dispose()
    {
        _control.Dispose();
        _unet.Dispose();
        _scope.Dispose();
    }

    [Theory]
    [InlineData("scheduler", null, "mse")]
    [InlineData("scheduler", 5.0, "min_snr_5_epsilon")]
    [InlineData("scheduler-v", null, "mse_v")]
    [InlineData("scheduler-v", 5.0, "min_snr_5_v")]
    public void LossesAreTheReferences(string scheduler, double? gamma, string name)
    {
        var loss = Loss(scheduler, gamma).ToDouble();

        Assert.Equal(_numbers.GetProperty("loss_f64").GetProperty(name).GetDouble(), loss, LossTolerance);
    }

    [Theory]
    [InlineData(null, "grad_norm")]
    [InlineData(5.0, "min_snr_grad_norm")]
    public void EveryGradientHasTheReferencesNorm(double? gamma, string name)
    {
        Loss("scheduler", gamma).backward();

        var norms = _numbers.GetProperty("gradients_mse");
        Assert.Equal(174, _control.Parameters().Count());
        Assert.All(_control.Parameters(), p =>
        {
            var expected = norms.GetProperty(p.Name).GetProperty(name).GetDouble();
            Assert.Equal(expected, Norm(p.Tensor.grad!), Math.Max(expected * 1e-4, 1e-9));
        });
    }

    [Fact]
    public void WholeGradientsAreTheReferences()
    {
        Loss("scheduler", null).backward();

        var parameters = _control.Parameters().ToDictionary(p => p.Name, p => p.Tensor);
        var names = _golden.Names.Where(n => n.StartsWith("grad/", StringComparison.Ordinal)).ToArray();
        Assert.Equal(18, names.Length);
        Assert.All(names, name => AssertNear(_golden.Floats(name), parameters[name["grad/".Length..]].grad!, 1e-6));
    }

    [Theory]
    [InlineData("adamw_3_steps", 3, 1e-4, double.PositiveInfinity)]
    [InlineData("adamw_3_steps_clip_0.1", 3, 1e-4, 0.1)]
    [InlineData("adamw_10_steps_lr_1e-3", 10, 1e-3, double.PositiveInfinity)]
    public void AdamWStepsAsTheReference(string run, int steps, double rate, double clip)
    {
        var parameters = _control.Parameters().Select(p => p.Tensor).ToArray();
        using var adam = optim.AdamW(parameters, rate, weight_decay: 1e-2);
        var losses = new List<double>();
        for (var step = 0; step < steps; step++)
        {
            var loss = Loss("scheduler", null);
            losses.Add(loss.ToDouble());
            loss.backward();
            nn.utils.clip_grad_norm_(parameters, clip);
            adam.step();
            adam.zero_grad();
        }
        losses.Add(Loss("scheduler", null).ToDouble());

        var expected = _numbers.GetProperty(run).GetProperty("loss_before_each_step_and_after_the_last")
            .EnumerateArray().Select(v => v.GetDouble()).ToArray();
        Assert.Equal(expected.Length, losses.Count);
        Assert.All(expected.Zip(losses), pair => Assert.Equal(pair.First, pair.Second, SteppedTolerance));
        if (run == "adamw_3_steps")
        {
            var stepped = _control.Parameters().ToDictionary(p => p.Name, p => p.Tensor);
            Assert.All(
                _golden.Names.Where(n => n.StartsWith("after3/", StringComparison.Ordinal)),
                name => AssertNear(_golden.Floats(name), stepped[name["after3/".Length..]], 1e-5));
        }
    }

    private static T Load<T>(string part, Func<string, T> make) where T : Module
    {
        var network = make(TestFiles.Diffusion($"tiny-sd/{part}/config.json"));
        using var weights = Checkpoint.Load(TestFiles.Diffusion($"tiny-sd/{part}/diffusion_pytorch_model.safetensors"));
        network.LoadStateDict(weights);
        return network;
    }

    private static double Norm(Tensor x) => Math.Sqrt(x.to(ScalarType.Float64).ToArray<double>().Sum(v => v * v));

    private static void AssertNear(float[] expected, Tensor actual, double tolerance)
    {
        var values = actual.ToArray<float>();
        Assert.Equal(expected.Length, values.Length);
        Assert.All(expected.Zip(values), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }

    /// <summary>The way of a training sample: noise added and targets made outside the network.</summary>
    private Tensor Loss(string scheduler, double? gamma)
    {
        var schedule = new NoiseSchedule(
            SchedulerConfig.Read(TestFiles.Diffusion($"tiny-sd/{scheduler}/scheduler_config.json")));
        var loss = new DiffusionLoss(schedule, gamma);
        var (latents, noise, timesteps) =
            (_golden.Floats("latents"), _golden.Floats("noise"), _golden.Longs("timesteps"));
        var (noisy, target) = (new float[latents.Length], new float[latents.Length]);
        var each = latents.Length / timesteps.Length;
        for (var n = 0; n < timesteps.Length; n++)
        {
            var t = (int)timesteps[n];
            var here = new Range(n * each, (n + 1) * each);
            schedule.AddNoise(latents.AsSpan(here), noise.AsSpan(here), t, noisy.AsSpan(here));
            loss.Target(latents.AsSpan(here), noise.AsSpan(here), t, target.AsSpan(here));
        }
        // The golden numbers are of one prediction, that of epsilon's schedule; both schedules have the same noise.
        var shape = _golden.Shape("latents");
        var sample = Tensor.From<float>(noisy, shape);
        var times = Tensor.From<float>([.. timesteps.Select(t => (float)t)], timesteps.Length);
        var text = Of("encoder_hidden_states");
        var prediction = _unet.Forward(
            sample, times, text, _control.Forward(sample, times, text, Of("controlnet_cond")));
        var weights = timesteps.Select(t => (float)loss.Weight((int)t)).ToArray();
        return DiffusionLoss.Mean(
            prediction, Tensor.From<float>(target, shape), Tensor.From<float>(weights, weights.Length));
    }

    private Tensor Of(string name) => Tensor.From<float>(_golden.Floats(name), _golden.Shape(name));
}
