using Mdfld.Generation;
using Mdfld.Tests.Star;
using Mdfld.Training.Weights;

namespace Mdfld.Tests.Generation;

public sealed class TextEncoderTests
{
    private static readonly GoldenTensors Golden = GoldenTensors.OpenDiffusion("golden_text.safetensors");

    [Theory]
    [InlineData("quick_gelu", "config.json")]
    [InlineData("gelu", "config_gelu.json")]
    public void States_are_those_of_CLIP(string activation, string config)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var encoder = Read(config);
        var ids = Golden.ToTensor("input_ids");
        foreach (var (i, states) in encoder.States(ids).Index()
            .Where(s => Golden.Has($"{activation}.hidden_states.{s.Index}")))
            Golden.AssertNear(DiffusionGolden.Output, $"{activation}.hidden_states.{i}", states);
        Golden.AssertNear(DiffusionGolden.Output, $"{activation}.last_hidden_state", encoder.Forward(ids));
        Golden.AssertNear(
            DiffusionGolden.Output, $"{activation}.penultimate_then_final_layer_norm",
            encoder.Forward(ids, skipLayers: 1));
    }

    [Fact]
    public void More_layers_than_there_are_cannot_be_skipped()
    {
        using var encoder = Read("config.json");
        using var ids = zeros([1, 77], dtype: ScalarType.Int64);
        Assert.Throws<ArgumentOutOfRangeException>(() => encoder.Forward(ids, skipLayers: 3));
    }

    private static ClipTextEncoder Read(string config)
    {
        var encoder = new ClipTextEncoder(
            NetworkConfig.Read<TextEncoderConfig>(DiffusionGolden.Tiny("text_encoder", config)));
        using var weights = Checkpoint.Load(DiffusionGolden.Tiny("text_encoder", "model.safetensors"));
        encoder.LoadStateDict(weights, strict: false);
        return encoder;
    }
}
