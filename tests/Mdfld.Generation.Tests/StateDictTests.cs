using Mdfld.Generation;

namespace Mdfld.Tests.Generation;

/// <summary>
/// Names and shapes of the real checkpoints. Their weights are never touched, so they take no memory here.
/// </summary>
public sealed class StateDictTests
{
    public static TheoryData<string, long> Checkpoints() => new()
    {
        { "sd15_unet", 859_520_964 },
        { "sd21_base_unet", 865_910_724 },
        { "sd15_controlnet", 361_279_120 },
        { "sd21_base_controlnet", 364_228_240 },
        { "sd_vae_newkeys", 83_653_863 },
        { "sd_vae", 83_653_863 },
        { "clip_vit_l14_text", 123_060_480 },
        { "openclip_h_text_23_layers", 340_387_840 },
    };

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Networks_have_the_tensors_of_the_real_checkpoints(string name, long parameters)
    {
        var (json, shapes) = DiffusionGolden.RealCheckpoint(name);
        using var network = Network(name, json.GetRawText());
        var old = name == "sd_vae";
        var own = network.StateDict().ToDictionary(
            entry => old ? ModelParts.OldVaeName(entry.Name)?.Name ?? entry.Name : entry.Name, entry => entry.Tensor.shape);
        Assert.Equal(shapes.Keys.Order(StringComparer.Ordinal), own.Keys.Order(StringComparer.Ordinal));
        Assert.All(shapes, entry => Assert.Equal(entry.Value, own[entry.Key]));
        Assert.Equal(parameters, network.ParameterCount());
    }

    private static Module Network(string name, string config) => name switch
    {
        _ when name.Contains("unet", StringComparison.Ordinal) => new UNet(DiffusionGolden.Config<UNetConfig>(config)),
        _ when name.Contains("controlnet", StringComparison.Ordinal) =>
            new ControlNet(DiffusionGolden.Config<ControlNetConfig>(config)),
        _ when name.Contains("vae", StringComparison.Ordinal) =>
            new AutoencoderKL(DiffusionGolden.Config<AutoencoderKLConfig>(config)),
        _ => new ClipTextEncoder(DiffusionGolden.Config<TextEncoderConfig>(config)),
    };
}
