using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mdfld.Generation;

/// <summary>Options that a UNet and a ControlNet share: of the half that encodes the noisy latent.</summary>
public abstract record EncoderConfig : NetworkConfig
{
    public int InChannels { get; init; } = 4;

    /// <summary>
    /// Side of the squares of the latent that are folded into channels before the first layer, and unfolded after the
    /// last; null is 1. A key of ours: diffusers' UNets have none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? PatchSize { get; init; }

    /// <summary>A level each, finest first: <c>CrossAttnDownBlock2D</c> or <c>DownBlock2D</c>.</summary>
    public IReadOnlyList<string> DownBlockTypes { get; init; } =
        [BlockTypes.CrossAttnDown, BlockTypes.CrossAttnDown, BlockTypes.CrossAttnDown, BlockTypes.Down];

    public IReadOnlyList<int> BlockOutChannels { get; init; } = [320, 640, 1280, 1280];

    /// <summary>Residual blocks of a level on the way down; one more on the way up.</summary>
    public int LayersPerBlock { get; init; } = 2;

    public int NormNumGroups { get; init; } = 32;

    /// <summary>Added to the variance in the residual blocks; the transformers have their own.</summary>
    public double NormEps { get; init; } = 1e-5;

    public int CrossAttentionDim { get; init; } = 1280;

    /// <summary>
    /// Whether the mean of the text's states, through a linear layer, is added to the time embedding: every residual block is
    /// told the style, also where nothing attends to the text. A key of ours.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool PooledText { get; init; }

    /// <summary>The NUMBER of attention heads, for all levels or each; diffusers keeps the misleading name.</summary>
    [JsonConverter(typeof(NumberOrListConverter))]
    public IReadOnlyList<int> AttentionHeadDim { get; init; } = [8];

    /// <summary>Transformers project by linear layers (Stable Diffusion 2), not 1x1 convolutions.</summary>
    public bool UseLinearProjection { get; init; }

    public bool UpcastAttention { get; init; }

    // Of diffusers' two networks; those of the other one do not occur in a file.
    internal override string Fixed => """
        {
          "flip_sin_to_cos": true, "freq_shift": 0, "only_cross_attention": false, "downsample_padding": 1,
          "mid_block_scale_factor": 1, "mid_block_type": "UNetMidBlock2DCrossAttn", "act_fn": "silu", "dropout": 0.0,
          "num_attention_heads": null, "transformer_layers_per_block": 1, "attention_type": "default",
          "dual_cross_attention": false, "mid_block_only_cross_attention": null, "cross_attention_norm": null,
          "class_embed_type": null, "num_class_embeds": null, "class_embeddings_concat": false,
          "projection_class_embeddings_input_dim": null, "encoder_hid_dim": null, "encoder_hid_dim_type": null,
          "addition_embed_type": null, "center_input_sample": false, "conv_in_kernel": 3, "conv_out_kernel": 3,
          "resnet_time_scale_shift": "default", "resnet_skip_time_act": false, "resnet_out_scale_factor": 1.0,
          "time_embedding_type": "positional", "time_embedding_dim": null, "time_embedding_act_fn": null,
          "timestep_post_act": null, "time_cond_proj_dim": null,
          "controlnet_conditioning_channel_order": "rgb", "global_pool_conditions": false
        }
        """;

    /// <summary>Attention heads of a level, 0 the finest.</summary>
    internal int Heads(int level) => AttentionHeadDim.Count == 1 ? AttentionHeadDim[0] : AttentionHeadDim[level];

    internal override string? Fault()
    {
        var levels = BlockOutChannels.Count;
        if (ChannelFault(BlockOutChannels, NormNumGroups) is { } fault)
            return fault;
        if (BlockOutChannels[0] % 2 != 0)
            return $"the first of 'block_out_channels' is {BlockOutChannels[0]}, expected an even number";
        if (DownBlockTypes.Count != levels)
            return $"{DownBlockTypes.Count} 'down_block_types' for {levels} 'block_out_channels'";
        if (DownBlockTypes.FirstOrDefault(t => t is not (BlockTypes.Down or BlockTypes.CrossAttnDown)) is { } unknown)
            return $"'down_block_types' names {unknown}, "
                + $"only {BlockTypes.CrossAttnDown} and {BlockTypes.Down} are supported";
        if (AttentionHeadDim.Count != 1 && AttentionHeadDim.Count != levels)
            return $"{AttentionHeadDim.Count} 'attention_head_dim' for {levels} 'block_out_channels'";
        for (var i = 0; i < levels; i++)
        {
            if (Heads(i) < 1 || BlockOutChannels[i] % Heads(i) != 0)
                return $"{BlockOutChannels[i]} channels do not split into {Heads(i)} heads ('attention_head_dim')";
        }
        return OutOfRange("in_channels", InChannels, 1, 1024)
            ?? OutOfRange("patch_size", PatchSize ?? 1, 1, 8)
            ?? OutOfRange("layers_per_block", LayersPerBlock, 1, 16)
            ?? OutOfRange("cross_attention_dim", CrossAttentionDim, 1, 1 << 13)
            ?? NotSmall("norm_eps", NormEps);
    }
}

/// <summary>
/// Options of a UNet as diffusers' <c>UNet2DConditionModel</c> has them, for Stable Diffusion 1.x and 2.x and smaller
/// ones of their kind. Level 0 is the finest.
/// </summary>
public sealed record UNetConfig : EncoderConfig
{
    internal const string Class = "UNet2DConditionModel";

    [JsonPropertyName("_class_name"), JsonPropertyOrder(-1)]
    public string ClassName { get; init; } = Class;

    /// <summary>Side of the latents it was made for; it takes others too.</summary>
    public int? SampleSize { get; init; }

    public int OutChannels { get; init; } = 4;

    /// <summary>
    /// Whether it also reads the latent of a photo of the face: <see cref="EncoderConfig.InChannels"/> are those of the
    /// noisy latent, one that is 1 where there is a photo, and those of the photo's latent. A key of ours.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool PhotoCondition { get; init; }

    /// <summary>A level each, coarsest first: <c>CrossAttnUpBlock2D</c> or <c>UpBlock2D</c>.</summary>
    public IReadOnlyList<string> UpBlockTypes { get; init; } =
        [BlockTypes.Up, BlockTypes.CrossAttnUp, BlockTypes.CrossAttnUp, BlockTypes.CrossAttnUp];

    internal override string? Fault()
    {
        if (ClassName != Class)
            return $"it is a {ClassName}, expected a {Class}";
        if (UpBlockTypes.Count != BlockOutChannels.Count)
            return $"{UpBlockTypes.Count} 'up_block_types' for {BlockOutChannels.Count} 'block_out_channels'";
        if (UpBlockTypes.FirstOrDefault(t => t is not (BlockTypes.Up or BlockTypes.CrossAttnUp)) is { } unknown)
            return $"'up_block_types' names {unknown}, only {BlockTypes.CrossAttnUp} and {BlockTypes.Up} are supported";
        if (PhotoCondition && InChannels != WithPhoto(OutChannels))
            return $"'in_channels' is {InChannels}, expected {WithPhoto(OutChannels)}: 'photo_condition' takes a latent, "
                + "a mask and a photo's latent";
        return OutOfRange("out_channels", OutChannels, 1, 1024) ?? base.Fault();
    }

    /// <summary>Channels of a latent, a mask and a photo's latent.</summary>
    internal static int WithPhoto(int channels) => (2 * channels) + 1;
}

/// <summary>Options of a ControlNet as diffusers' <c>ControlNetModel</c> has them (Zhang et al. 2023).</summary>
public sealed record ControlNetConfig : EncoderConfig
{
    private const string Class = "ControlNetModel";

    [JsonPropertyName("_class_name"), JsonPropertyOrder(-1)]
    public string ClassName { get; init; } = Class;

    /// <summary>
    /// Channels in which the control image shrinks to the size of the latent: every step after the first halves it, so
    /// four (Stable Diffusion) take a control image 8 times as large as the latent.
    /// </summary>
    public IReadOnlyList<int> ConditioningEmbeddingOutChannels { get; init; } = [16, 32, 96, 256];

    public int ConditioningChannels { get; init; } = 3;

    /// <summary>
    /// Side of the squares of the control image that are folded into channels first, so that little is computed a pixel; null is
    /// 1. A key of ours.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ConditioningPatchSize { get; init; }

    /// <summary>Side of the control image / side of the residuals.</summary>
    internal int ConditioningReduction =>
        (ConditioningPatchSize ?? 1) << (ConditioningEmbeddingOutChannels.Count - 1);

    /// <summary>
    /// The guidance scale that suits the model better than the styles' own, which are made for models of Stable
    /// Diffusion's size; a key of ours, null for none.
    /// </summary>
    [JsonPropertyName("guidance_scale"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Guidance { get; init; }

    public ControlNetConfig()
    {
    }

    private ControlNetConfig(EncoderConfig unet)
        : base(unet) => Other = new Dictionary<string, JsonElement>();

    /// <summary>Options of a ControlNet for a UNet.</summary>
    /// <param name="conditioning">
    /// See <see cref="ConditioningEmbeddingOutChannels"/>; as many as the autoencoder has levels.
    /// </param>
    public static ControlNetConfig For(UNetConfig unet, params IReadOnlyList<int> conditioning) =>
        new(unet) { ConditioningEmbeddingOutChannels = conditioning };

    internal override string? Fault()
    {
        if (ClassName != Class)
            return $"it is a {ClassName}, expected a {Class}";
        if (Guidance is { } guidance && !(guidance is >= 0 and <= 100))
            return $"a 'guidance_scale' of {guidance}, expected 0 to 100";
        if (ConditioningEmbeddingOutChannels.Count is < 1 or > 8)
            return $"{ConditioningEmbeddingOutChannels.Count} 'conditioning_embedding_out_channels', expected 1 to 8";
        return ConditioningEmbeddingOutChannels
            .Select(c => OutOfRange("conditioning_embedding_out_channels", c, 1, 4096))
            .FirstOrDefault(f => f is not null)
            ?? OutOfRange("conditioning_channels", ConditioningChannels, 1, 1024)
            ?? OutOfRange("conditioning_patch_size", ConditioningPatchSize ?? 1, 1, 16)
            ?? base.Fault();
    }
}

/// <summary>diffusers' names of the levels of a UNet, with and without attention to the text.</summary>
internal static class BlockTypes
{
    public const string Down = "DownBlock2D";
    public const string CrossAttnDown = "CrossAttnDownBlock2D";
    public const string Up = "UpBlock2D";
    public const string CrossAttnUp = "CrossAttnUpBlock2D";
}
