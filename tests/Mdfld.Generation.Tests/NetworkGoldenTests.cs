using Mdfld.Generation;
using Mdfld.Tests.Star;

namespace Mdfld.Tests.Generation;

/// <summary>The four networks give the reference's numbers.</summary>
public sealed class NetworkGoldenTests : IDisposable
{
    private readonly IDisposable _noGrad = no_grad();
    private readonly DisposeScope _scope = NewDisposeScope();

    [Theory]
    [InlineData("unet", "golden_unet.safetensors", "square", DiffusionGolden.Output)]
    [InlineData("unet", "golden_unet.safetensors", "wide", DiffusionGolden.Output)]
    [InlineData("unet", "golden_unet.safetensors", "odd", DiffusionGolden.Output)]
    [InlineData("unet-sd2", "golden_unet_sd2.safetensors", "square", DiffusionGolden.OutputSd2)]
    [InlineData("unet-sd2", "golden_unet_sd2.safetensors", "wide", DiffusionGolden.OutputSd2)]
    [InlineData("unet-sd2", "golden_unet_sd2.safetensors", "odd", DiffusionGolden.OutputSd2)]
    public void UNet_gives_the_references_prediction(string folder, string file, string run, double tolerance)
    {
        var golden = GoldenTensors.OpenDiffusion(file);
        using var unet = ModelParts.ReadUNet(DiffusionGolden.Tiny(folder));
        var output = unet.Forward(
            golden.ToTensor($"{run}.sample"), golden.ToTensor($"{run}.timestep"),
            golden.ToTensor($"{run}.encoder_hidden_states"));
        golden.AssertNear(tolerance, $"{run}.output", output);
    }

    [Theory]
    [InlineData("unet", "golden_unet.safetensors", 2)]
    [InlineData("unet-sd2", "golden_unet_sd2.safetensors", 3)]
    public void UNet_gives_the_references_hidden_states(string folder, string file, int levels)
    {
        var golden = GoldenTensors.OpenDiffusion(file);
        using var unet = ModelParts.ReadUNet(DiffusionGolden.Tiny(folder));
        // In 64 bits: what is left is the reference's own rounding, on every processor. Outputs are compared in 32.
        unet.To(CPU, ScalarType.Float64);
        var text = golden.ToTensor("square.encoder_hidden_states").to(ScalarType.Float64);
        var timesteps = golden.ToTensor("square.timestep");

        var sinusoids = LatentEncoder.Sinusoids(timesteps, unet.Config.BlockOutChannels[0]);
        golden.AssertNear(DiffusionGolden.Angle, "square.time_proj", sinusoids);
        var time = unet.Time(timesteps, ScalarType.Float64);
        golden.AssertNear(DiffusionGolden.Hidden, "square.time_embedding", time.to(ScalarType.Float32));
        var sample = golden.ToTensor("square.sample").to(ScalarType.Float64);
        var x = unet.Layers.Conv(sample, "conv_in", unet.Config.BlockOutChannels[0]);
        golden.AssertNear(DiffusionGolden.Hidden, "square.conv_in", x.to(ScalarType.Float32));
        var skips = new List<Tensor> { x };
        for (var i = 0; i < levels; i++)
        {
            x = unet.DownBlock(x, i, time, text, skips);
            golden.AssertNear(DiffusionGolden.Hidden, $"square.down_blocks.{i}", x.to(ScalarType.Float32));
        }
        x = unet.MidBlock(x, time, text);
        golden.AssertNear(DiffusionGolden.Hidden, "square.mid_block", x.to(ScalarType.Float32));
        for (var i = 0; i < levels; i++)
        {
            x = unet.UpBlock(x, i, time, text, skips);
            golden.AssertNear(DiffusionGolden.Hidden, $"square.up_blocks.{i}", x.to(ScalarType.Float32));
        }
        Assert.Empty(skips);
    }

    [Theory]
    [InlineData("square", 1.0, false, "scale1")]
    [InlineData("square", 0.7, false, "scale0.7")]
    [InlineData("square", 1.0, true, "guess")]
    [InlineData("wide", 1.0, false, "scale1")]
    public void ControlNet_steers_the_UNet_as_the_reference_does(string run, double scale, bool guess, string name)
    {
        var golden = GoldenTensors.OpenDiffusion("golden_controlnet.safetensors");
        using var unet = ModelParts.ReadUNet(DiffusionGolden.Tiny("unet"));
        using var control = ModelParts.ReadControlNet(DiffusionGolden.Tiny("controlnet"));
        var (sample, timestep) = (golden.ToTensor($"{run}.sample"), golden.ToTensor($"{run}.timestep"));
        var (text, picture) = (
            golden.ToTensor($"{run}.encoder_hidden_states"), golden.ToTensor($"{run}.controlnet_cond"));

        var residuals = control.Forward(sample, timestep, text, picture, scale, guess);
        Assert.Equal(6, residuals.Down.Count);
        foreach (var (i, down) in residuals.Down.Index().Where(entry => golden.Has($"{run}.{name}.down.{entry.Index}")))
            golden.AssertNear(DiffusionGolden.Output, $"{run}.{name}.down.{i}", down);
        golden.AssertNear(DiffusionGolden.Output, $"{run}.{name}.mid", residuals.Mid);
        golden.AssertNear(
            DiffusionGolden.Output, $"{run}.{name}.unet_output", unet.Forward(sample, timestep, text, residuals));
        golden.AssertNear(
            DiffusionGolden.Output, $"{run}.unet_output_without_control", unet.Forward(sample, timestep, text));
        golden.AssertNear(
            DiffusionGolden.Output, $"{run}.cond_embedding",
            control.Embed(picture));
    }

    [Theory]
    [InlineData("vae", "square")]
    [InlineData("vae", "tall")]
    [InlineData("vae-newkeys", "square")]
    public void Autoencoder_gives_the_references_latents_and_pictures(string folder, string run)
    {
        var golden = GoldenTensors.OpenDiffusion("golden_vae.safetensors");
        using var autoencoder = ModelParts.ReadAutoencoder(DiffusionGolden.Tiny(folder));
        var moments = autoencoder.Encode(golden.ToTensor($"{run}.image"));
        golden.AssertNear(DiffusionGolden.Output, $"{run}.encode.mean", moments.Mean);
        golden.AssertNear(DiffusionGolden.Output, $"{run}.encode.logvar", moments.LogVariance!);
        golden.AssertNear(
            DiffusionGolden.Output, $"{run}.encode.scaled_latent",
            autoencoder.Latent(moments, golden.ToTensor($"{run}.encode.noise")));
        golden.AssertNear(
            DiffusionGolden.Output, $"{run}.decode.image", autoencoder.Decode(golden.ToTensor($"{run}.latent")));
    }

    [Fact]
    public void Autoencoder_gives_the_references_hidden_states()
    {
        var golden = GoldenTensors.OpenDiffusion("golden_vae.safetensors");
        using var autoencoder = Assert.IsType<AutoencoderKL>(ModelParts.ReadAutoencoder(DiffusionGolden.Tiny("vae")));
        var (f, channels) = (autoencoder.Layers, autoencoder.Config.BlockOutChannels);
        var x = f.Conv(golden.ToTensor("square.image"), "encoder.conv_in", channels[0]);
        for (var i = 0; i < 3; i++)
        {
            x = autoencoder.DownBlock(x, i);
            if (i == 0)
                golden.AssertNear(DiffusionGolden.Hidden, "square.encode.encoder.down_blocks.0", x);
        }
        golden.AssertNear(
            DiffusionGolden.Hidden, "square.encode.encoder.mid_block.attentions.0",
            f.PixelAttention(
                f.Resnet(x, "encoder.mid_block.resnets.0", channels[^1]), "encoder.mid_block.attentions.0"));
        golden.AssertNear(
            DiffusionGolden.Hidden, "square.encode.encoder.mid_block",
            autoencoder.MidBlock(x, "encoder"));

        var latent = golden.ToTensor("square.latent") / autoencoder.Config.ScalingFactor;
        x = f.Conv(latent, "post_quant_conv", latent.shape[1], kernel: 1);
        golden.AssertNear(DiffusionGolden.Hidden, "square.decode.post_quant_conv", x);
        x = autoencoder.MidBlock(f.Conv(x, "decoder.conv_in", channels[^1]), "decoder");
        golden.AssertNear(DiffusionGolden.Hidden, "square.decode.decoder.mid_block", x);
        x = autoencoder.UpBlock(x, 0);
        golden.AssertNear(DiffusionGolden.Hidden, "square.decode.decoder.up_blocks.0", x);
    }

    [Fact]
    public void Moments_are_limited_and_sampled_as_in_the_reference()
    {
        var golden = GoldenTensors.OpenDiffusion("golden_vae.safetensors");
        var moments = Moments.From(golden.ToTensor("gaussian.moments"));
        golden.AssertNear(0, "gaussian.logvar_clamped", moments.LogVariance!);
        AssertRelative("gaussian.std", (moments.LogVariance! * 0.5).exp());
        AssertRelative("gaussian.sample", moments.Sample(golden.ToTensor("gaussian.noise")));

        void AssertRelative(string name, Tensor actual)
        {
            var error = Near.RelativeL2(golden.Floats(name), actual.ToArray<float>());
            Assert.True(error < 1e-6, $"{name}: {error:g3} away");
        }
    }

    public void Dispose()
    {
        _scope.Dispose();
        _noGrad.Dispose();
    }
}
