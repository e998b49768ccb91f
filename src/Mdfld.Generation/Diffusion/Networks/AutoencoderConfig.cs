using System.Text.Json.Serialization;

namespace Mdfld.Generation;

/// <summary>Options of an autoencoder as diffusers' <c>AutoencoderKL</c> has them.</summary>
public sealed record AutoencoderConfig : NetworkConfig
{
    private const string Class = "AutoencoderKL";
    private const string Down = "DownEncoderBlock2D";
    private const string Up = "UpDecoderBlock2D";

    [JsonPropertyName("_class_name"), JsonPropertyOrder(-1)]
    public string ClassName { get; init; } = Class;

    public int InChannels { get; init; } = 3;
    public int OutChannels { get; init; } = 3;

    /// <summary>A level each, all <c>DownEncoderBlock2D</c>.</summary>
    public IReadOnlyList<string> DownBlockTypes { get; init; } = [Down, Down, Down, Down];

    /// <summary>A level each, all <c>UpDecoderBlock2D</c>.</summary>
    public IReadOnlyList<string> UpBlockTypes { get; init; } = [Up, Up, Up, Up];

    /// <summary>Channels of each level, finest first.</summary>
    public IReadOnlyList<int> BlockOutChannels { get; init; } = [128, 256, 512, 512];

    /// <summary>Residual blocks of a level of the encoder; one more in the decoder.</summary>
    public int LayersPerBlock { get; init; } = 2;

    public int LatentChannels { get; init; } = 4;
    public int NormNumGroups { get; init; } = 32;

    /// <summary>Side of the pictures it was made for; it takes others too.</summary>
    public int? SampleSize { get; init; }

    /// <summary>Brings latents to about unit variance: the UNet's latent / the encoder's.</summary>
    public double ScalingFactor { get; init; } = 0.18215;

    /// <summary>How many pixels a latent's pixel is wide.</summary>
    [JsonIgnore]
    public int Reduction => 1 << (BlockOutChannels.Count - 1);

    internal override string Fixed => """
        {
          "act_fn": "silu", "latents_mean": null, "latents_std": null, "shift_factor": null, "use_quant_conv": true,
          "use_post_quant_conv": true, "mid_block_add_attention": true
        }
        """;

    /// <summary>Options with these channels, everything else as usual.</summary>
    public static AutoencoderConfig Of(params IReadOnlyList<int> channels) => new()
    {
        BlockOutChannels = channels,
        DownBlockTypes = [.. channels.Select(_ => Down)],
        UpBlockTypes = [.. channels.Select(_ => Up)],
    };

    internal override string? Fault()
    {
        if (ClassName != Class)
            return $"it is a {ClassName}, expected an {Class}";
        if (ChannelFault(BlockOutChannels, NormNumGroups) is { } fault)
            return fault;
        if (DownBlockTypes.Count != BlockOutChannels.Count || UpBlockTypes.Count != BlockOutChannels.Count)
            return "'down_block_types', 'up_block_types' and 'block_out_channels' differ in number";
        if (DownBlockTypes.Any(t => t != Down) || UpBlockTypes.Any(t => t != Up))
            return $"block types other than {Down} and {Up} are not supported";
        return OutOfRange("in_channels", InChannels, 1, 64)
            ?? OutOfRange("out_channels", OutChannels, 1, 64)
            ?? OutOfRange("latent_channels", LatentChannels, 1, 64)
            ?? OutOfRange("layers_per_block", LayersPerBlock, 1, 16)
            ?? (ScalingFactor is > 0 and < 1e6 ? null
                : $"'scaling_factor' is {ScalingFactor}, expected a positive number");
    }
}

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
