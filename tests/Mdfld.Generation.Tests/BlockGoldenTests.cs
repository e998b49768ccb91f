using Mdfld.Generation;
using Mdfld.Tests.Star;

namespace Mdfld.Tests.Generation;

/// <summary>
/// Single blocks on inputs of unit and of very small variance: a wrong epsilon shows on the latter and nowhere else.
/// </summary>
public sealed class BlockGoldenTests
{
    private static readonly GoldenTensors Golden = GoldenTensors.OpenDiffusion("golden_blocks.safetensors");

    public static TheoryData<string> Blocks() =>
        [.. Golden.Names.Where(name => name.EndsWith("/input", StringComparison.Ordinal)).Select(name => name[..^6])];

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Block_gives_the_references_output(string block)
    {
        var parts = block.Split('/');
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var model = Read(parts[0]);
        var x = Golden.ToTensor(block + "/input");
        var text = Golden.ToTensor("text");
        var time = parts[0] switch
        {
            "vae" => null,
            "unet-sd2" => Golden.ToTensor("temb_sd2"),
            _ => Golden.ToTensor("temb"),
        };
        Golden.AssertNear(DiffusionGolden.Output, block + "/output", Run(model, parts[1], x, text, time));
    }

    [Theory]
    [InlineData("time_proj/dim32", 32)]
    [InlineData("time_proj/dim320", 320)]
    public void Timesteps_become_the_references_sinusoids(string name, int width)
    {
        using var scope = NewDisposeScope();
        Golden.AssertNear(
            DiffusionGolden.Angle, name, LatentEncoder.Sinusoids(Golden.ToTensor("time_proj/timesteps"), width));
    }

    private static LayeredNetwork Read(string model) => model switch
    {
        "vae" => ModelParts.ReadAutoencoder(DiffusionGolden.Tiny("vae")),
        "controlnet" => ModelParts.ReadControlNet(DiffusionGolden.Tiny("controlnet")),
        _ => ModelParts.ReadUNet(DiffusionGolden.Tiny(model)),
    };

    private static Tensor Run(LayeredNetwork model, string name, Tensor x, Tensor text, Tensor? time)
    {
        var (f, unet) = (model.Layers, model as UNet);
        var heads = unet?.Config.Heads(0) ?? 1;
        var names = name.Split('.');
        return names switch
        {
            [.., "resnets", _] => f.Resnet(x, name, (int)model.Parameter($"{name}.conv2.bias").shape[0], time),
            [.., "transformer_blocks", _] => f.TransformerBlock(x, name, text, heads),
            [.., "attentions", _] when unet is null => f.PixelAttention(x, name),
            ["down_blocks", var level, "attentions", _] =>
                f.SpatialTransformer(x, name, text, unet!.Config, int.Parse(level)),
            ["mid_block", "attentions", _] =>
                f.SpatialTransformer(x, name, text, unet!.Config, unet.Config.BlockOutChannels.Count - 1),
            [.., "attn1"] => f.Attention(x, name, heads),
            [.., "attn2"] => f.Attention(x, name, heads, text),
            [.., "ff"] => f.FeedForward(x, name),
            [.., "downsamplers", _] => f[string.Join('.', names[..^2])].Downsample(x, padAfter: unet is null),
            [.., "upsamplers", _] => f[string.Join('.', names[..^2])].Upsample(x, 2 * x.shape[2], 2 * x.shape[3]),
            [.., "conv_norm_out"] => f.GroupNorm(x, name),
            ["controlnet_cond_embedding"] => ((ControlNet)model).Embed(x),
            _ => throw new InvalidOperationException($"no call for {name}"),
        };
    }
}
