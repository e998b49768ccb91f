namespace Mdfld.Generation;

/// <summary>The UNet and text encoder of stages base and joint in the few numbers that matter; the rest is Stable Diffusion's.</summary>
public sealed record GeneratorDesign
{
    /// <summary>Entries of the tokenizer's vocabulary, which is made from the words of the styles.</summary>
    public int Vocabulary { get; init; } = 1500;

    public UNetDesign Unet { get; init; } = new();
    public TextDesign Text { get; init; } = new();

    /// <summary>The UNet's prediction: epsilon (the noise), velocity or sample (the latents).</summary>
    public string Prediction { get; init; } = "velocity";

    /// <summary>Whether the last timestep is nothing but noise, as paintings begin (Lin et al. 2023).</summary>
    public bool ZeroSnr { get; init; }

    /// <param name="size">Side of the pictures.</param>
    internal UNetConfig UNetConfig(AutoencoderConfig autoencoder, int size)
    {
        var attends = Unet.Attention;
        return new UNetConfig
        {
            InChannels = Unet.Photo
                ? Generation.UNetConfig.WithPhoto(autoencoder.LatentChannels) : autoencoder.LatentChannels,
            PhotoCondition = Unet.Photo,
            OutChannels = autoencoder.LatentChannels,
            PatchSize = Unet.Patch == 1 ? null : Unet.Patch,
            BlockOutChannels = Unet.Channels,
            DownBlockTypes = [.. attends.Select(a => a ? BlockTypes.CrossAttnDown : BlockTypes.Down)],
            UpBlockTypes = [.. attends.Reverse().Select(a => a ? BlockTypes.CrossAttnUp : BlockTypes.Up)],
            LayersPerBlock = Unet.Layers,
            NormNumGroups = Unet.Groups,
            AttentionHeadDim = [Unet.Heads],
            CrossAttentionDim = Text.Width,
            PooledText = Unet.PooledText,
            SampleSize = size / autoencoder.Reduction,
        };
    }

    internal TextEncoderConfig TextConfig(int vocabulary) => new()
    {
        VocabSize = vocabulary,
        HiddenSize = Text.Width,
        IntermediateSize = 4 * Text.Width,
        MaxPositionEmbeddings = Text.Length,
        NumHiddenLayers = Text.Layers,
        NumAttentionHeads = Text.Heads,
    };

    internal SchedulerConfig SchedulerConfig() => Generation.SchedulerConfig.StableDiffusion(
        Prediction switch
        {
            "epsilon" => PredictionType.Epsilon,
            "sample" => PredictionType.Sample,
            _ => PredictionType.Velocity,
        }) with
    {
        RescaleBetasZeroSnr = ZeroSnr,
        // With another spacing a painting would not begin at that timestep.
        TimestepSpacing = ZeroSnr ? "trailing" : null,
    };
}

/// <summary>An <see cref="AutoencoderTiny"/>; levels are counted from the finest.</summary>
public sealed record AutoencoderDesign
{
    /// <summary>Side of the squares of pixels that are folded into channels: nothing is computed a pixel.</summary>
    public int Patch { get; init; } = 2;

    /// <summary>Channels of each level; every level after the first halves the picture.</summary>
    public IReadOnlyList<int> Channels { get; init; } = [32, 64, 96];

    /// <summary>Residual blocks of each level of the encoder.</summary>
    public IReadOnlyList<int> EncoderBlocks { get; init; } = [1, 1, 2];

    /// <summary>Residual blocks of each level of the decoder.</summary>
    public IReadOnlyList<int> DecoderBlocks { get; init; } = [1, 1, 2];

    /// <summary>Channels of a latent: those of the teacher's.</summary>
    public int Latent { get; init; } = 16;

    internal AutoencoderTinyConfig Config => new()
    {
        PatchSize = Patch == 1 ? null : Patch,
        InChannels = 3 * Patch * Patch,
        OutChannels = 3 * Patch * Patch,
        EncoderBlockOutChannels = Channels,
        DecoderBlockOutChannels = [.. Channels.Reverse()],
        NumEncoderBlocks = EncoderBlocks,
        NumDecoderBlocks = [.. DecoderBlocks.Reverse()],
        LatentChannels = Latent,
    };
}

public sealed record UNetDesign
{
    /// <summary>Side of the squares of the latent that are folded into channels.</summary>
    public int Patch { get; init; } = 1;

    /// <summary>Channels of each level, finest first.</summary>
    public IReadOnlyList<int> Channels { get; init; } = [96, 160, 224];

    /// <summary>Levels with cross-attention to the text.</summary>
    public IReadOnlyList<bool> Attention { get; init; } = [true, true, false];

    public int Layers { get; init; } = 1;
    public int Heads { get; init; } = 4;
    public int Groups { get; init; } = 32;

    /// <summary>Text in the embedding of every residual block, see <see cref="EncoderConfig.PooledText"/>.</summary>
    public bool PooledText { get; init; }

    /// <summary>Whether it also reads the latent of a photo, see <see cref="UNetConfig.PhotoCondition"/>.</summary>
    public bool Photo { get; init; }
}

public sealed record TextDesign
{
    public int Width { get; init; } = 128;
    public int Layers { get; init; } = 3;
    public int Heads { get; init; } = 4;

    /// <summary>Tokens of a prompt, start and end included.</summary>
    public int Length { get; init; } = 77;
}
