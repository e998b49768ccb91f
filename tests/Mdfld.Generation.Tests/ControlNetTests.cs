using Mdfld.Generation;
using Mdfld.Tests.Augment;

namespace Mdfld.Tests.Generation;

public sealed class ControlNetTests
{
    [Fact]
    public void It_begins_as_the_UNets_encoder_and_changes_nothing()
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var unet = ModelParts.ReadUNet(DiffusionGolden.Tiny("unet"));
        using var control = ControlNet.From(unet, new Random(1), 8, 12, 16);
        manual_seed(2);
        var (sample, text) = (randn([1, 4, 8, 8]), randn([1, 5, 32]));
        var (step, picture) = (full([1], 500f), rand([1, 3, 32, 32]));

        var residuals = control.Forward(sample, step, text, picture);
        Assert.All(residuals.Down.Append(residuals.Mid), residual => Assert.Equal(0, residual.abs().max().ToDouble()));
        Assert.Equal(
            unet.Forward(sample, step, text).ToArray<float>(),
            unet.Forward(sample, step, text, residuals).ToArray<float>());

        var own = control.StateDict().ToDictionary(entry => entry.Name, entry => entry.Tensor);
        var copied = unet.StateDict().Where(entry => own.ContainsKey(entry.Name)).ToArray();
        // Convolution, time, 2 x 2 + 1 + 2 residual blocks with 3 transformers and a downsampler.
        Assert.Equal(own.Keys.Count(name => !name.StartsWith("controlnet_", StringComparison.Ordinal)), copied.Length);
        Assert.All(copied, entry => Assert.Equal(entry.Tensor.ToArray<float>(), own[entry.Name].ToArray<float>()));
    }

    [Fact]
    public void A_folded_latent_is_a_wider_one_of_half_the_size()
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var wide = ModelParts.ReadUNet(DiffusionGolden.Tiny("unet")).Config with { InChannels = 8, OutChannels = 8 };
        using var plain = new UNet(wide);
        plain.Initialise(new Random(1));
        WeightInitialisation.Uniform(plain.StateDict().Single(t => t.Name == "conv_out.weight").Tensor, new Random(2));
        using var folded = new UNet(wide with { InChannels = 2, OutChannels = 2, PatchSize = 2 });
        folded.TakeStateDict(name => plain.StateDict().Single(t => t.Name == name).Tensor.clone());
        using var control = ControlNet.From(folded, new Random(3), 8, 12, 16);
        manual_seed(2);
        var (sample, text, step) = (randn([1, 2, 16, 16]), randn([1, 5, 32]), full([1], 500f));

        Assert.Equal(2, control.Config.PatchSize);
        // The embedding shrinks by 4 to what the UNet sees, 8 x 8.
        var residuals = control.Forward(sample, step, text, rand([1, 3, 32, 32]));
        Assert.Equal(
            pixel_shuffle(plain.Forward(pixel_unshuffle(sample, 2), step, text), 2).ToArray<float>(),
            folded.Forward(sample, step, text, residuals).ToArray<float>());
        Assert.Throws<ArgumentException>(() => control.Forward(sample, step, text, rand([1, 3, 64, 64])));
    }

    [Fact]
    public void A_folded_control_image_is_a_deeper_one_of_half_the_size()
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var unet = ModelParts.ReadUNet(DiffusionGolden.Tiny("unet"));
        var config = ControlNetConfig.For(unet.Config, 8, 12);
        using var folded = new ControlNet(config with { ConditioningPatchSize = 2 });
        using var deeper = new ControlNet(config with { ConditioningChannels = 12 });
        folded.CopyFrom(unet, new Random(1));
        WeightInitialisation.Uniform(
            folded.StateDict().Single(t => t.Name == "controlnet_cond_embedding.conv_out.weight").Tensor, new Random(2));
        deeper.TakeStateDict(name => folded.StateDict().Single(t => t.Name == name).Tensor.clone());
        manual_seed(2);
        var picture = rand([1, 3, 32, 32]);

        var embedded = folded.Embed(picture);
        Assert.Equal([1, unet.Config.BlockOutChannels[0], 8, 8], embedded.shape);
        Assert.Equal(deeper.Embed(pixel_unshuffle(picture, 2)).ToArray<float>(), embedded.ToArray<float>());
    }

    [Fact]
    public void Training_begins_although_all_it_gives_is_zero()
    {
        using var scope = NewDisposeScope();
        using var unet = ModelParts.ReadUNet(DiffusionGolden.Tiny("unet"));
        unet.RequireGrad(false);
        using var control = ControlNet.From(unet, new Random(1), 8, 12, 16);
        var (sample, text) = (randn([1, 4, 8, 8]), randn([1, 5, 32]));
        var step = full([1], 500f);
        var residuals = control.Forward(sample, step, text, rand([1, 3, 32, 32]));
        unet.Forward(sample, step, text, residuals).sum().backward();
        var moved = control.Parameters().Where(entry => entry.Tensor.grad?.abs().max().ToDouble() > 0)
            .Select(entry => entry.Name).ToArray();
        Assert.Contains("controlnet_mid_block.weight", moved);
        Assert.Contains("controlnet_down_blocks.0.weight", moved);
    }

    /// <summary>
    /// What does not reach the last layer of the embedding has no gradient to speak of: a ControlNet would copy the
    /// UNet and never look at its picture.
    /// </summary>
    [Theory]
    [InlineData(8, 16, 32, 64)]
    [InlineData(16, 32, 96, 256)]
    public void The_lines_of_a_control_image_arrive_as_strong_as_they_are(params int[] channels)
    {
        const int Side = 128;
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var control = new ControlNet(new ControlNetConfig { ConditioningEmbeddingOutChannels = channels });
        control.InitialiseEmbedding(new Random(1));
        var landmarks = new SyntheticFace().Landmarks.Select(p => p * Side / SyntheticFace.Side).ToArray();
        var picture = PictureTensors.Unsigned(ControlImage.Draw(landmarks, Side, Side));
        var strength = Strength(control.EmbeddingFeatures(picture));
        Assert.InRange(strength / Strength(picture), 0.3, 5);

        static double Strength(Tensor x) => Math.Sqrt((x * x).mean().ToDouble());
    }

    [Fact]
    public void A_picture_of_the_wrong_size_is_refused()
    {
        using var scope = NewDisposeScope();
        using var control = ModelParts.ReadControlNet(DiffusionGolden.Tiny("controlnet"));
        var error = Assert.Throws<ArgumentException>(() => control.Forward(
            zeros([1, 4, 8, 8]), zeros([1]), zeros([1, 5, 32]), zeros([1, 3, 64, 64])));
        Assert.Contains("16 x 16, the latent has 8 x 8", error.Message, StringComparison.Ordinal);
    }
}
