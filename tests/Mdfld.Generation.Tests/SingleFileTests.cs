using Mdfld.Generation;
using Mdfld.Training.Weights;

namespace Mdfld.Tests.Generation;

/// <summary>Stable Diffusion in one file, under the names of its authors' code.</summary>
public sealed class SingleFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Names as the published files have them, by diffusers' names.</summary>
    [Theory]
    [InlineData("sd15_unet", "conv_in.weight", "input_blocks.0.0.weight")]
    [InlineData("sd15_unet", "time_embedding.linear_2.bias", "time_embed.2.bias")]
    [InlineData("sd15_unet", "down_blocks.0.resnets.1.time_emb_proj.weight", "input_blocks.2.0.emb_layers.1.weight")]
    [InlineData("sd15_unet", "down_blocks.0.downsamplers.0.conv.weight", "input_blocks.3.0.op.weight")]
    [InlineData("sd15_unet", "down_blocks.1.resnets.0.conv_shortcut.weight", "input_blocks.4.0.skip_connection.weight")]
    [InlineData("sd15_unet", "down_blocks.2.attentions.1.proj_in.weight", "input_blocks.8.1.proj_in.weight")]
    [InlineData("sd15_unet", "down_blocks.3.resnets.1.conv2.weight", "input_blocks.11.0.out_layers.3.weight")]
    [InlineData("sd15_unet", "mid_block.resnets.1.norm1.weight", "middle_block.2.in_layers.0.weight")]
    [InlineData(
        "sd15_unet", "mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight",
        "middle_block.1.transformer_blocks.0.attn2.to_k.weight")]
    [InlineData("sd15_unet", "up_blocks.0.upsamplers.0.conv.weight", "output_blocks.2.1.conv.weight")]
    [InlineData("sd15_unet", "up_blocks.1.upsamplers.0.conv.weight", "output_blocks.5.2.conv.weight")]
    [InlineData("sd15_unet", "up_blocks.3.attentions.2.norm.bias", "output_blocks.11.1.norm.bias")]
    [InlineData("sd15_unet", "conv_norm_out.weight", "out.0.weight")]
    [InlineData("sd15_unet", "conv_out.bias", "out.2.bias")]
    [InlineData("sd15_controlnet", "controlnet_cond_embedding.conv_in.weight", "input_hint_block.0.weight")]
    [InlineData("sd15_controlnet", "controlnet_cond_embedding.blocks.5.weight", "input_hint_block.12.weight")]
    [InlineData("sd15_controlnet", "controlnet_cond_embedding.conv_out.weight", "input_hint_block.14.weight")]
    [InlineData("sd15_controlnet", "controlnet_down_blocks.11.weight", "zero_convs.11.0.weight")]
    [InlineData("sd15_controlnet", "controlnet_mid_block.bias", "middle_block_out.0.bias")]
    [InlineData("sd15_controlnet", "down_blocks.0.resnets.0.conv1.weight", "input_blocks.1.0.in_layers.2.weight")]
    [InlineData("sd_vae_newkeys", "encoder.down_blocks.1.resnets.0.conv_shortcut.weight", "encoder.down.1.block.0.nin_shortcut.weight")]
    [InlineData("sd_vae_newkeys", "encoder.down_blocks.2.downsamplers.0.conv.bias", "encoder.down.2.downsample.conv.bias")]
    [InlineData("sd_vae_newkeys", "encoder.mid_block.attentions.0.to_q.weight", "encoder.mid.attn_1.q.weight")]
    [InlineData("sd_vae_newkeys", "decoder.mid_block.attentions.0.to_out.0.bias", "decoder.mid.attn_1.proj_out.bias")]
    [InlineData("sd_vae_newkeys", "decoder.mid_block.attentions.0.group_norm.weight", "decoder.mid.attn_1.norm.weight")]
    [InlineData("sd_vae_newkeys", "decoder.mid_block.resnets.1.conv2.weight", "decoder.mid.block_2.conv2.weight")]
    [InlineData("sd_vae_newkeys", "decoder.up_blocks.0.resnets.2.norm1.weight", "decoder.up.3.block.2.norm1.weight")]
    [InlineData("sd_vae_newkeys", "decoder.up_blocks.2.upsamplers.0.conv.weight", "decoder.up.1.upsample.conv.weight")]
    [InlineData("sd_vae_newkeys", "decoder.conv_norm_out.weight", "decoder.norm_out.weight")]
    [InlineData("sd_vae_newkeys", "post_quant_conv.weight", "post_quant_conv.weight")]
    [InlineData(
        "clip_vit_l14_text", "text_model.encoder.layers.3.self_attn.q_proj.bias",
        "cond_stage_model.transformer.text_model.encoder.layers.3.self_attn.q_proj.bias")]
    [InlineData(
        "openclip_h_text_23_layers", "text_model.encoder.layers.3.self_attn.v_proj.bias",
        "cond_stage_model.model.transformer.resblocks.3.attn.in_proj_bias")]
    [InlineData(
        "openclip_h_text_23_layers", "text_model.encoder.layers.22.mlp.fc2.weight",
        "cond_stage_model.model.transformer.resblocks.22.mlp.c_proj.weight")]
    [InlineData(
        "openclip_h_text_23_layers", "text_model.encoder.layers.0.layer_norm2.weight",
        "cond_stage_model.model.transformer.resblocks.0.ln_2.weight")]
    [InlineData(
        "openclip_h_text_23_layers", "text_model.embeddings.position_embedding.weight",
        "cond_stage_model.model.positional_embedding")]
    public void ATensorHasTheNameOfThePublishedFiles(string network, string name, string expected)
    {
        Assert.Contains(name, DiffusionGolden.RealCheckpoint(network).Shapes.Keys);
        Assert.Equal(expected, Source(network, name).Name);
    }

    [Theory]
    [InlineData("sd15_unet")]
    [InlineData("sd21_base_unet")]
    [InlineData("sd15_controlnet")]
    [InlineData("sd21_base_controlnet")]
    [InlineData("sd_vae_newkeys")]
    [InlineData("clip_vit_l14_text")]
    [InlineData("openclip_h_text_23_layers")]
    public void EveryTensorOfARealCheckpointHasAPlaceOfItsOwn(string network)
    {
        var (_, shapes) = DiffusionGolden.RealCheckpoint(network);
        using var own = Network(network);

        Assert.Equal(
            shapes.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key} {string.Join(' ', s.Value)}"),
            own.StateDict().OrderBy(t => t.Name, StringComparer.Ordinal)
                .Select(t => $"{t.Name} {string.Join(' ', t.Tensor.shape)}"));
        Assert.Equal(shapes.Count, shapes.Keys.Select(name => Source(network, name)).Distinct().Count());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheNetworksOfOneFileAreThoseOfTheFolder(bool isSecond)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = DiffusionModel.Load(DiffusionGolden.Tiny());
        var (unet, vae, text) = (model.UNet, Assert.IsType<AutoencoderKL>(model.Autoencoder), model.TextEncoder);
        var tensors = new Dictionary<string, Tensor>();
        foreach (var (name, tensor) in unet.StateDict())
            tensors["model.diffusion_model." + SingleFile.UNetName(name, unet.Config)] = tensor;
        // Its attention is made of 1x1 convolutions there.
        foreach (var (name, tensor) in vae.StateDict())
        {
            tensors["first_stage_model." + SingleFile.VaeName(name, 3)] =
                name.Contains(".to_", StringComparison.Ordinal) && tensor.ndim == 2
                    ? tensor.unsqueeze(-1).unsqueeze(-1) : tensor;
        }
        foreach (var group in text.StateDict().GroupBy(t => SingleFile.TextSource(t.Name, isSecond).Name))
        {
            tensors[group.Key] = cat(
                [.. group.OrderBy(t => SingleFile.TextSource(t.Name, isSecond).Part).Select(t => t.Tensor)], 0);
        }
        Write("model.safetensors", tensors);

        using var file = new SingleFile(_folder["model.safetensors"], isSecond);
        AssertSame(unet, file.ReadUNet(unet.Config, null, ScalarType.Float32));
        AssertSame(vae, file.ReadAutoencoder(vae.Config, null, ScalarType.Float32));
        AssertSame(text, file.ReadTextEncoder(text.Config, null, ScalarType.Float32));
    }

    [Theory]
    [InlineData("control_model.")]
    [InlineData("")]
    [InlineData(null)]
    public void AControlNetIsReadUnderTheNamesOfItsAuthorsOrOfDiffusers(string? prefix)
    {
        using var control = ModelParts.ReadControlNet(DiffusionGolden.Tiny("controlnet"));
        Write("control.safetensors", control.StateDict().ToDictionary(
            t => prefix is null ? t.Name : prefix + SingleFile.ControlName(t.Name, control.Config), t => t.Tensor));

        using var file = new SingleFile(_folder["control.safetensors"], isSecond: false);
        AssertSame(control, file.ReadControlNet(control.Config, null, ScalarType.Float32));
    }

    [Fact]
    public void WhatIsMissingIsNamed()
    {
        using var unet = ModelParts.ReadUNet(DiffusionGolden.Tiny("unet"));
        Write("tiny.safetensors", unet.StateDict().ToDictionary(
            t => "model.diffusion_model." + SingleFile.UNetName(t.Name, unet.Config), t => t.Tensor));
        Write("other.safetensors", new() { ["weight"] = zeros(2) });
        // Of the width of Stable Diffusion 1, and nothing else.
        Write("empty.safetensors", new()
        {
            ["model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight"] = zeros(1, 768),
        });

        Refused("text states of width 32", "tiny.safetensors", _folder.Path);
        Refused("neither's tensors", "other.safetensors", _folder.Path);
        Refused("has no tokenizer", "empty.safetensors", null);
        Refused("expected a tensor 'cond_stage_model.", "empty.safetensors", DiffusionGolden.Tiny());
        var e = Assert.Throws<InvalidDataException>(() => ModelParts.ReadControlNet(_folder["other.safetensors"]));
        Assert.Contains("expected a ControlNet", e.Message);

        void Refused(string expected, string name, string? tokenizer)
        {
            var error = Assert.Throws<InvalidDataException>(
                () => DiffusionModel.Load(_folder[name], tokenizer: tokenizer));
            Assert.Contains(expected, error.Message);
            Assert.Contains(name, error.Message);
            Assert.DoesNotContain('\n', error.Message);
        }
    }

    private static WeightSource Source(string network, string name) => network switch
    {
        _ when network.Contains("unet", StringComparison.Ordinal) => new(SingleFile.UNetName(name, new UNetConfig())),
        _ when network.Contains("controlnet", StringComparison.Ordinal) =>
            new(SingleFile.ControlName(name, new ControlNetConfig())),
        _ when network.Contains("vae", StringComparison.Ordinal) => new(SingleFile.VaeName(name, 4)),
        _ => SingleFile.TextSource(name, network.StartsWith("openclip", StringComparison.Ordinal)),
    };

    private static Module Network(string network)
    {
        var isSecond = network.StartsWith("sd21", StringComparison.Ordinal)
            || network.StartsWith("openclip", StringComparison.Ordinal);
        return network switch
        {
            _ when network.Contains("unet", StringComparison.Ordinal) =>
                new UNet(SingleFile.Published(new UNetConfig(), isSecond)),
            _ when network.Contains("controlnet", StringComparison.Ordinal) =>
                new ControlNet(SingleFile.Published(new ControlNetConfig(), isSecond)),
            _ when network.Contains("vae", StringComparison.Ordinal) => new AutoencoderKL(new AutoencoderKLConfig()),
            _ => new ClipTextEncoder(SingleFile.PublishedText(isSecond)),
        };
    }

    private static void AssertSame(Module expected, Module actual)
    {
        using (actual)
        {
            foreach (var (mine, theirs) in expected.StateDict().Zip(actual.StateDict()))
            {
                Assert.Equal(mine.Name, theirs.Name);
                Assert.True(mine.Tensor.equal(theirs.Tensor).all().ToBoolean(), mine.Name);
            }
        }
    }

    private void Write(string name, Dictionary<string, Tensor> tensors) => SafeTensors.Write(
        _folder[name], tensors.Select(t => (t.Key, t.Value.contiguous())), new Dictionary<string, string>(),
        ScalarType.Float32);
}
