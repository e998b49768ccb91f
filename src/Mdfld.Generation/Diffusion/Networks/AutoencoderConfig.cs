using System.Text.Json.Serialization;

namespace Mdfld.Generation;

/// <summary>What all autoencoders' options have.</summary>
public abstract record AutoencoderConfig : NetworkConfig
{
    [JsonPropertyName("_class_name"), JsonPropertyOrder(-1)]
    public string ClassName { get; init; } = "";

    public int InChannels { get; init; } = 3;
    public int OutChannels { get; init; } = 3;
    public int LatentChannels { get; init; } = 4;

    /// <summary>Brings latents to about unit variance: the UNet's latent / the encoder's.</summary>
    public double ScalingFactor { get; init; } = 1;

    /// <summary>Mean of each channel, taken off before the scaling; null: 0.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? LatentsMean { get; init; }

    /// <summary>Standard deviation of each channel, divided by before the scaling; null: 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? LatentsStd { get; init; }

    /// <summary>How many pixels a latent's pixel is wide.</summary>
    [JsonIgnore]
    public abstract int Reduction { get; }

    /// <summary>Faults of what all have.</summary>
    private protected string? SharedFault(string expectedClass) =>
        ClassName != expectedClass
            ? $"it is a {ClassName}, expected an {expectedClass}"
            : OutOfRange("in_channels", InChannels, 1, 64)
            ?? OutOfRange("out_channels", OutChannels, 1, 64)
            ?? OutOfRange("latent_channels", LatentChannels, 1, 64)
            ?? (ScalingFactor is > 0 and < 1e6 ? null
                : $"'scaling_factor' is {ScalingFactor}, expected a positive number")
            ?? (LatentsMean is null == LatentsStd is null
                && (LatentsMean is null || (LatentsMean.Count == LatentChannels && LatentsStd!.Count == LatentChannels))
                && (LatentsMean ?? []).All(double.IsFinite) && (LatentsStd ?? []).All(s => s is > 0 and < 1e6)
                ? null
                : "'latents_mean' and 'latents_std' are not one number, and one above 0, for each of 'latent_channels'");

    /// <summary>An encoder's latent as the UNet sees it, in place.</summary>
    /// <param name="latent">(C, h, w).</param>
    internal void Scale(Span<float> latent)
    {
        var each = latent.Length / LatentChannels;
        for (var i = 0; i < latent.Length; i++)
        {
            latent[i] = (float)((latent[i] - (LatentsMean?[i / each] ?? 0)) / (LatentsStd?[i / each] ?? 1)
                * ScalingFactor);
        }
    }
}

/// <summary>Options of an autoencoder as diffusers' <c>AutoencoderKL</c> has them.</summary>
public sealed record AutoencoderKLConfig : AutoencoderConfig
{
    internal const string Class = "AutoencoderKL";
    private const string Down = "DownEncoderBlock2D";
    private const string Up = "UpDecoderBlock2D";

    public AutoencoderKLConfig() => (ClassName, ScalingFactor) = (Class, 0.18215);

    /// <summary>A level each, all <c>DownEncoderBlock2D</c>.</summary>
    public IReadOnlyList<string> DownBlockTypes { get; init; } = [Down, Down, Down, Down];

    /// <summary>A level each, all <c>UpDecoderBlock2D</c>.</summary>
    public IReadOnlyList<string> UpBlockTypes { get; init; } = [Up, Up, Up, Up];

    /// <summary>Channels of each level, finest first.</summary>
    public IReadOnlyList<int> BlockOutChannels { get; init; } = [128, 256, 512, 512];

    /// <summary>Residual blocks of a level of the encoder; one more in the decoder.</summary>
    public int LayersPerBlock { get; init; } = 2;

    public int NormNumGroups { get; init; } = 32;

    /// <summary>Side of the pictures it was made for; it takes others too.</summary>
    public int? SampleSize { get; init; }

    [JsonIgnore]
    public override int Reduction => 1 << (BlockOutChannels.Count - 1);

    internal override string Fixed => """
        {
          "act_fn": "silu", "shift_factor": null, "use_quant_conv": true, "use_post_quant_conv": true,
          "mid_block_add_attention": true
        }
        """;

    /// <summary>Options with these channels, everything else as usual.</summary>
    public static AutoencoderKLConfig Of(params IReadOnlyList<int> channels) => new()
    {
        BlockOutChannels = channels,
        DownBlockTypes = [.. channels.Select(_ => Down)],
        UpBlockTypes = [.. channels.Select(_ => Up)],
    };

    internal override string? Fault()
    {
        if (SharedFault(Class) is { } shared)
            return shared;
        if (ChannelFault(BlockOutChannels, NormNumGroups) is { } fault)
            return fault;
        if (DownBlockTypes.Count != BlockOutChannels.Count || UpBlockTypes.Count != BlockOutChannels.Count)
            return "'down_block_types', 'up_block_types' and 'block_out_channels' differ in number";
        if (DownBlockTypes.Any(t => t != Down) || UpBlockTypes.Any(t => t != Up))
            return $"block types other than {Down} and {Up} are not supported";
        return OutOfRange("layers_per_block", LayersPerBlock, 1, 16);
    }
}
