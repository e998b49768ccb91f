using Mdfld.Generation;
using Mdfld.Tests.Star;

namespace Mdfld.Tests.Generation;

/// <summary>
/// Single modules on inputs of unit and of very small variance: a wrong epsilon shows on the latter and nowhere else.
/// </summary>
public sealed class BlockGoldenTests
{
    private static readonly GoldenTensors Golden = GoldenTensors.OpenDiffusion("golden_blocks.safetensors");

    public static TheoryData<string> Blocks() =>
        [.. Golden.Names.Where(name => name.EndsWith("/input", StringComparison.Ordinal)).Select(name => name[..^6])];

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Module_gives_the_references_output(string block)
    {
        var parts = block.Split('/');
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var model = Read(parts[0]);
        var (module, x) = (model.Part(parts[1]), Golden.ToTensor(block + "/input"));
        var text = Golden.ToTensor("text");
        var time = parts[0] switch
        {
            "vae" => null,
            "unet-sd2" => Golden.ToTensor("temb_sd2"),
            _ => Golden.ToTensor("temb"),
        };
        var output = module switch
        {
            ResnetBlock resnet => resnet.Forward(x, time),
            SpatialTransformer transformer => transformer.Forward(x, text),
            TransformerBlock transformer => transformer.Forward(x, text),
            Attention attention => attention.Forward(
                x, parts[1].EndsWith("attn2", StringComparison.Ordinal) ? text : null),
            FeedForward feedForward => feedForward.Forward(x),
            Downsample downsample => downsample.Forward(x),
            Upsample upsample => upsample.Forward(x, 2 * x.shape[2], 2 * x.shape[3]),
            GroupNorm norm => norm.Forward(x),
            VaeAttention attention => attention.Forward(x),
            ConditionEmbedding embedding => embedding.Forward(x),
            _ => throw new InvalidOperationException($"no call for a {module.GetType().Name}"),
        };
        Golden.AssertNear(DiffusionGolden.Output, block + "/output", output);
    }

    [Theory]
    [InlineData("time_proj/dim32", 32)]
    [InlineData("time_proj/dim320", 320)]
    public void Timesteps_become_the_references_sinusoids(string name, int width)
    {
        using var scope = NewDisposeScope();
        Golden.AssertNear(
            DiffusionGolden.Angle, name, TimeEmbedding.Sinusoids(Golden.ToTensor("time_proj/timesteps"), width));
    }

    private static Module Read(string model) => model switch
    {
        "vae" => ModelParts.ReadAutoencoder(DiffusionGolden.Tiny("vae")),
        "controlnet" => ModelParts.ReadControlNet(DiffusionGolden.Tiny("controlnet")),
        _ => ModelParts.ReadUNet(DiffusionGolden.Tiny(model)),
    };
}
