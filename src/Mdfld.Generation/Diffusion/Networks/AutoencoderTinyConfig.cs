using System.Text.Json.Serialization;

namespace Mdfld.Generation;

/// <summary>
/// Options of an autoencoder as diffusers' <c>AutoencoderTiny</c> has them: those of TAESD (Boer Bohan) by default.
/// </summary>
public sealed record AutoencoderTinyConfig : AutoencoderConfig
{
    internal const string Class = "AutoencoderTiny";

    // A scaling factor of 1: its latents are those of the large autoencoder after its scaling.
    public AutoencoderTinyConfig() => ClassName = Class;

    /// <summary>
    /// Side of the squares of pixels that are folded into channels before the first level, and unfolded after the last;
    /// null is 1. <see cref="AutoencoderConfig.InChannels"/> counts the folded ones, as in <c>AutoencoderKLWan</c>.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? PatchSize { get; init; }

    /// <summary>Channels of each level of the encoder, finest first; diffusers reads equal ones only.</summary>
    public IReadOnlyList<int> EncoderBlockOutChannels { get; init; } = [64, 64, 64, 64];

    /// <summary>Channels of each level of the decoder, coarsest first; diffusers reads equal ones only.</summary>
    public IReadOnlyList<int> DecoderBlockOutChannels { get; init; } = [64, 64, 64, 64];

    /// <summary>Residual blocks of each level of the encoder, finest first.</summary>
    public IReadOnlyList<int> NumEncoderBlocks { get; init; } = [1, 3, 3, 3];

    /// <summary>Residual blocks of each level of the decoder, coarsest first.</summary>
    public IReadOnlyList<int> NumDecoderBlocks { get; init; } = [3, 3, 3, 1];

    /// <summary>Half the range of a latent that fits in a byte.</summary>
    public double LatentMagnitude { get; init; } = 3;

    /// <summary>What a latent of 0 is in a byte / 255.</summary>
    public double LatentShift { get; init; } = 0.5;

    [JsonIgnore]
    public override int Reduction => (PatchSize ?? 1) << (EncoderBlockOutChannels.Count - 1);

    /// <summary>Channels of a picture.</summary>
    [JsonIgnore]
    internal int PictureChannels => InChannels / ((PatchSize ?? 1) * (PatchSize ?? 1));

    internal override string Fixed => """
        { "act_fn": "relu", "upsample_fn": "nearest", "upsampling_scaling_factor": 2, "shift_factor": 0.0 }
        """;

    internal override string? Fault()
    {
        var (encoder, decoder) = (EncoderBlockOutChannels, DecoderBlockOutChannels);
        if ((OutOfRange("patch_size", PatchSize ?? 1, 1, 4) ?? SharedFault(Class) ?? ChannelFault(encoder, 1)
            ?? ChannelFault(decoder, 1)) is { } fault)
            return fault;
        if (encoder.Count != decoder.Count || NumEncoderBlocks.Count != encoder.Count
            || NumDecoderBlocks.Count != decoder.Count)
            return "the levels of encoder and decoder and their numbers of blocks differ in number";
        if (OutChannels != InChannels || PictureChannels * (PatchSize ?? 1) * (PatchSize ?? 1) != InChannels)
            return $"{InChannels} 'in_channels' and {OutChannels} 'out_channels' are no pixels folded by 'patch_size'";
        return NumEncoderBlocks.Concat(NumDecoderBlocks)
            .Select(n => OutOfRange("num_encoder_blocks and num_decoder_blocks", n, 0, 64))
            .FirstOrDefault(f => f is not null)
            ?? (LatentMagnitude is > 0 and < 1e6 && double.IsFinite(LatentShift) ? null
                : $"'latent_magnitude' is {LatentMagnitude}, expected a positive number");
    }
}
