using System.Text.Json.Serialization;

namespace Mdfld.Diffusion;

/// <summary>
/// Options of a UNet as diffusers' <c>UNet2DConditionModel</c> has them, for Stable Diffusion 1.x and 2.x and smaller
/// ones of their kind. Level 0 is the finest.
/// </summary>
public sealed record UNetConfig : EncoderConfig
{
    internal const string Class = "UNet2DConditionModel";

    /// <summary>The class in diffusers.</summary>
    [JsonPropertyName("_class_name"), JsonPropertyOrder(-1)]
    public string ClassName { get; init; } = Class;

    /// <summary>Side of the latents it was made for; it takes others too.</summary>
    public int? SampleSize { get; init; }

    /// <summary>Channels of the prediction.</summary>
    public int OutChannels { get; init; } = 4;

    /// <summary>A level each, coarsest first: <c>CrossAttnUpBlock2D</c> or <c>UpBlock2D</c>.</summary>
    public IReadOnlyList<string> UpBlockTypes { get; init; } =
        ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"];

    internal override IReadOnlyDictionary<string, string> Fixed { get; } = new Dictionary<string, string>(EncoderFixed)
    {
        ["center_input_sample"] = "false",
        ["mid_block_type"] = "\"UNetMidBlock2DCrossAttn\"",
        ["transformer_layers_per_block"] = "1",
        ["encoder_hid_dim"] = "null",
        ["encoder_hid_dim_type"] = "null",
        ["dual_cross_attention"] = "false",
        ["addition_embed_type"] = "null",
        ["resnet_skip_time_act"] = "false",
        ["resnet_out_scale_factor"] = "1.0",
        ["time_embedding_type"] = "\"positional\"",
        ["time_embedding_dim"] = "null",
        ["time_embedding_act_fn"] = "null",
        ["timestep_post_act"] = "null",
        ["time_cond_proj_dim"] = "null",
        ["conv_in_kernel"] = "3",
        ["conv_out_kernel"] = "3",
        ["class_embeddings_concat"] = "false",
        ["mid_block_only_cross_attention"] = "null",
        ["cross_attention_norm"] = "null",
        ["attention_type"] = "\"default\"",
        ["dropout"] = "0.0",
    };

    internal override string? Fault()
    {
        if (ClassName != Class)
            return $"it is a {ClassName}, expected a {Class}";
        if (UpBlockTypes.Count != BlockOutChannels.Count)
            return $"{UpBlockTypes.Count} 'up_block_types' for {BlockOutChannels.Count} 'block_out_channels'";
        if (UpBlockTypes.FirstOrDefault(t => t is not (UpBlock.Plain or UpBlock.CrossAttention)) is { } unknown)
            return $"'up_block_types' names {unknown}, only {UpBlock.CrossAttention} and {UpBlock.Plain} are supported";
        return OutOfRange("out_channels", OutChannels, 1, 1024) ?? base.Fault();
    }
}
