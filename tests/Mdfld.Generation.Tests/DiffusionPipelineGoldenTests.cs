using Mdfld.Generation;
using Mdfld.Tests.Star;

namespace Mdfld.Tests.Generation;

/// <summary>Whole pictures of the reference's pipelines: guidance, control, sampler and autoencoder together.</summary>
public sealed class DiffusionPipelineGoldenTests
{
    private const double Guidance = 7.5;

    private static readonly GoldenTensors Golden = GoldenTensors.OpenDiffusion("golden_t2i.safetensors");

    // Guidance of 7.5 amplifies rounding at each step; the second network's is the livelier.
    [Theory]
    [InlineData("control", "unet", "scheduler", 1e-3, 1e-4)]
    [InlineData("sd2_v", "unet-sd2", "scheduler-v", 5e-3, 1e-3)]
    public void APictureIsThatOfTheReference(
        string name, string unet, string schedulerFolder, double ofLatents, double ofPicture)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var tiny = DiffusionModel.Load(TestFiles.Diffusion("tiny-sd"));
        using var network = ModelParts.ReadUNet(TestFiles.Diffusion("tiny-sd", unet));
        var config = SchedulerConfig.Read(TestFiles.Diffusion("tiny-sd", schedulerFolder, "scheduler_config.json"));
        var model = new DiffusionModel(
            tiny.Tokenizer, tiny.TextEncoder, network, tiny.Autoencoder, config,
            name == "control" ? tiny.ControlNet : null);
        var pipeline = new DiffusionPipeline(model);
        var text = pipeline.TextOf(new() { Prompt = "a caricature portrait of an old man, ink drawing" });
        Near.AssertWithin(
            5e-5, Golden.Floats("negative_prompt_embeds"), text.slice(0, 0, 1, 1).ToArray<float>(), "negative");
        Near.AssertWithin(5e-5, Golden.Floats("prompt_embeds"), text.slice(0, 1, 2, 1).ToArray<float>(), "positive");
        var control = name == "control"
            ? new ControlInput(Golden.ToTensor("controlnet_cond"), 1, GuessMode: false)
            : null;
        var scheduler = Schedulers.Create("ddim", config, 5);
        Assert.Equal(Golden.Longs($"{name}.timesteps"), scheduler.Timesteps.Select(t => (long)t));

        var (latents, shape) = (Golden.Floats("latents"), Golden.Shape("latents"));
        var (predictions, trajectory) =
            (Golden.Floats($"{name}.guided_noise_pred"), Golden.Floats($"{name}.latents_after_each_step"));
        var steps = 0;
        DiffusionPipeline.Denoise(
            scheduler, new GuidedPrediction(model, text, Guidance, control), latents, shape, new SeededNoise(0),
            (step, predicted, after) =>
            {
                var from = step * after.Length;
                Near.AssertWithin(ofLatents, predictions.AsSpan(from, after.Length), predicted, $"prediction {step}");
                Near.AssertWithin(ofLatents, trajectory.AsSpan(from, after.Length), after, $"latents {step}");
                steps++;
            });
        Assert.Equal(5, steps);

        var decoded = model.Autoencoder.Decode(Tensor.From<float>(latents, shape)).ToArray<float>();
        Near.AssertWithin(2 * ofPicture, Golden.Floats($"{name}.decoded"), decoded, "decoded");
        var picture = pipeline.Decode(latents, shape).Data.ToArray();
        var expected = Golden.Bytes($"{name}.image_uint8");
        Assert.Equal(expected.Length, picture.Length);
        Assert.All(expected.Zip(picture), pair => Assert.InRange(pair.Second - pair.First, -1, 1));
    }
}
