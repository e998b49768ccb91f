using System.Text.Json.Serialization;

namespace Mdfld.Generation;

/// <summary>Options of a text encoder as transformers' <c>CLIPTextModel</c> has them.</summary>
public sealed record TextEncoderConfig : NetworkConfig
{
    internal const string QuickGelu = "quick_gelu";
    internal const string Gelu = "gelu";
    private const string Class = "CLIPTextModel";

    [JsonPropertyOrder(-1)]
    public IReadOnlyList<string> Architectures { get; init; } = [Class];
    public string ModelType { get; init; } = "clip_text_model";
    public int VocabSize { get; init; } = 49408;
    public int HiddenSize { get; init; } = 512;
    public int IntermediateSize { get; init; } = 2048;
    public int NumHiddenLayers { get; init; } = 12;
    public int NumAttentionHeads { get; init; } = 8;

    /// <summary>Longest prompt, start and end included.</summary>
    public int MaxPositionEmbeddings { get; init; } = 77;

    /// <summary><c>quick_gelu</c> (Stable Diffusion 1) or <c>gelu</c> (2).</summary>
    public string HiddenAct { get; init; } = QuickGelu;

    public double LayerNormEps { get; init; } = 1e-5;

    internal override string WeightsName => "model";

    internal override string? Fault()
    {
        if (!Architectures.Contains(Class))
            return $"it is a {string.Join(", ", Architectures)}, expected a {Class}";
        if (HiddenAct is not (QuickGelu or Gelu))
            return $"'hidden_act' is {HiddenAct}, only {QuickGelu} and {Gelu} are supported";
        return OutOfRange("vocab_size", VocabSize, 1, 1 << 20)
            ?? OutOfRange("hidden_size", HiddenSize, 1, 1 << 13)
            ?? OutOfRange("intermediate_size", IntermediateSize, 1, 1 << 15)
            ?? OutOfRange("num_hidden_layers", NumHiddenLayers, 1, 128)
            ?? OutOfRange("num_attention_heads", NumAttentionHeads, 1, HiddenSize)
            ?? OutOfRange("max_position_embeddings", MaxPositionEmbeddings, 1, 1 << 13)
            ?? (HiddenSize % NumAttentionHeads == 0 ? null
                : $"{HiddenSize} states do not split into {NumAttentionHeads} heads")
            ?? NotSmall("layer_norm_eps", LayerNormEps);
    }
}
