using System.Text.Json.Serialization;

namespace Mdfld.Diffusion;

/// <summary>Options of a ControlNet as diffusers' <c>ControlNetModel</c> has them (Zhang et al. 2023).</summary>
public sealed record ControlNetConfig : EncoderConfig
{
    private const string Class = "ControlNetModel";

    /// <summary>The class in diffusers.</summary>
    [JsonPropertyName("_class_name"), JsonPropertyOrder(-1)]
    public string ClassName { get; init; } = Class;

    /// <summary>
    /// Channels in which the control image shrinks to the size of the latent: every step after the first halves it, so
    /// four (Stable Diffusion) take a control image 8 times as large as the latent.
    /// </summary>
    public IReadOnlyList<int> ConditioningEmbeddingOutChannels { get; init; } = [16, 32, 96, 256];

    /// <summary>Channels of the control image.</summary>
    public int ConditioningChannels { get; init; } = 3;

    /// <summary>
    /// The guidance scale that suits the model better than the styles' own, which are made for models of Stable
    /// Diffusion's size; a key of ours, null for none.
    /// </summary>
    [JsonPropertyName("guidance_scale"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Guidance { get; init; }

    internal override IReadOnlyDictionary<string, string> Fixed { get; } = new Dictionary<string, string>(EncoderFixed)
    {
        ["controlnet_conditioning_channel_order"] = "\"rgb\"",
        ["global_pool_conditions"] = "false",
        ["mid_block_type"] = "\"UNetMidBlock2DCrossAttn\"",
        ["transformer_layers_per_block"] = "1",
        ["encoder_hid_dim"] = "null",
        ["encoder_hid_dim_type"] = "null",
        ["addition_embed_type"] = "null",
    };

    /// <summary>Options of a ControlNet for a UNet.</summary>
    /// <param name="unet">The options of that UNet.</param>
    /// <param name="conditioning">See <see cref="ConditioningEmbeddingOutChannels"/>; as many as the autoencoder has
    /// levels.
    /// </param>
    public static ControlNetConfig For(UNetConfig unet, params IReadOnlyList<int> conditioning) => new()
    {
        InChannels = unet.InChannels,
        DownBlockTypes = unet.DownBlockTypes,
        BlockOutChannels = unet.BlockOutChannels,
        LayersPerBlock = unet.LayersPerBlock,
        NormNumGroups = unet.NormNumGroups,
        NormEps = unet.NormEps,
        CrossAttentionDim = unet.CrossAttentionDim,
        AttentionHeadDim = unet.AttentionHeadDim,
        UseLinearProjection = unet.UseLinearProjection,
        UpcastAttention = unet.UpcastAttention,
        ConditioningEmbeddingOutChannels = conditioning,
    };

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
            ?? base.Fault();
    }
}
