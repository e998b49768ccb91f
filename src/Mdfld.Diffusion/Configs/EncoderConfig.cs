namespace Mdfld.Diffusion;

/// <summary>
/// What a UNet and a ControlNet have in common: the options of the half that looks at the noisy latent.
/// </summary>
public abstract record EncoderConfig : NetworkConfig
{
    private protected static readonly IReadOnlyDictionary<string, string> EncoderFixed = new Dictionary<string, string>
    {
        ["flip_sin_to_cos"] = "true",
        ["freq_shift"] = "0",
        ["only_cross_attention"] = "false",
        ["downsample_padding"] = "1",
        ["mid_block_scale_factor"] = "1",
        ["act_fn"] = "\"silu\"",
        ["num_attention_heads"] = "null",
        ["class_embed_type"] = "null",
        ["num_class_embeds"] = "null",
        ["resnet_time_scale_shift"] = "\"default\"",
        ["projection_class_embeddings_input_dim"] = "null",
    };

    /// <summary>Channels of the latent.</summary>
    public int InChannels { get; init; } = 4;

    /// <summary>A level each, finest first: <c>CrossAttnDownBlock2D</c> or <c>DownBlock2D</c>.</summary>
    public IReadOnlyList<string> DownBlockTypes { get; init; } =
        ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"];

    /// <summary>Channels of each level.</summary>
    public IReadOnlyList<int> BlockOutChannels { get; init; } = [320, 640, 1280, 1280];

    /// <summary>Residual blocks of a level on the way down; one more on the way up.</summary>
    public int LayersPerBlock { get; init; } = 2;

    /// <summary>Groups of every group normalisation.</summary>
    public int NormNumGroups { get; init; } = 32;

    /// <summary>Added to the variance in the residual blocks; the transformers have their own.</summary>
    public double NormEps { get; init; } = 1e-5;

    /// <summary>Width of the text states.</summary>
    public int CrossAttentionDim { get; init; } = 1280;

    /// <summary>The NUMBER of attention heads, for all levels or each; diffusers keeps the misleading name.</summary>
    public NumberOrList AttentionHeadDim { get; init; } = 8;

    /// <summary>
    /// The transformers project by a linear layer (Stable Diffusion 2) rather than a 1x1 convolution.
    /// </summary>
    public bool UseLinearProjection { get; init; }

    /// <summary>Attention weights are computed in float32 whatever the weights are.</summary>
    public bool UpcastAttention { get; init; }

    /// <summary>Width of the time embedding.</summary>
    internal int TimeWidth => 4 * BlockOutChannels[0];

    internal override string? Fault()
    {
        var levels = BlockOutChannels.Count;
        if (ChannelFault(BlockOutChannels, NormNumGroups) is { } fault)
            return fault;
        if (BlockOutChannels[0] % 2 != 0)
            return $"the first of 'block_out_channels' is {BlockOutChannels[0]}, expected an even number";
        if (DownBlockTypes.Count != levels)
            return $"{DownBlockTypes.Count} 'down_block_types' for {levels} 'block_out_channels'";
        if (DownBlockTypes.FirstOrDefault(t => t is not (DownBlock.Plain or DownBlock.CrossAttention)) is { } unknown)
            return $"'down_block_types' names {unknown}, "
                + $"only {DownBlock.CrossAttention} and {DownBlock.Plain} are supported";
        if (AttentionHeadDim.IsList && AttentionHeadDim.Values.Count != levels)
            return $"{AttentionHeadDim.Values.Count} 'attention_head_dim' for {levels} 'block_out_channels'";
        for (var i = 0; i < levels; i++)
        {
            if (AttentionHeadDim.At(i) < 1 || BlockOutChannels[i] % AttentionHeadDim.At(i) != 0)
                return $"{BlockOutChannels[i]} channels do not split into {AttentionHeadDim.At(i)} heads "
                    + "('attention_head_dim')";
        }
        return OutOfRange("in_channels", InChannels, 1, 1024)
            ?? OutOfRange("layers_per_block", LayersPerBlock, 1, 16)
            ?? OutOfRange("cross_attention_dim", CrossAttentionDim, 1, 1 << 13)
            ?? (NormEps is > 0 and < 1 ? null : $"'norm_eps' is {NormEps}, expected a small positive number");
    }
}
