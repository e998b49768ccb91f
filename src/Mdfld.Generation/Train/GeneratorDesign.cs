namespace Mdfld.Generation;

/// <summary>The networks of stage base in the few numbers that matter; the rest is Stable Diffusion's.</summary>
public sealed record GeneratorDesign
{
    /// <summary>Entries of the tokenizer's vocabulary, which is made from the words of the styles.</summary>
    public int Vocabulary { get; init; } = 1500;

    public AutoencoderDesign Autoencoder { get; init; } = new();
    public UNetDesign Unet { get; init; } = new();
    public TextDesign Text { get; init; } = new();

    /// <summary>What the UNet predicts: epsilon or velocity.</summary>
    public string Prediction { get; init; } = "velocity";

    internal AutoencoderConfig AutoencoderConfig(int size, double scalingFactor = 1) =>
        Generation.AutoencoderConfig.Of(Autoencoder.Channels) with
        {
            LatentChannels = Autoencoder.Latent,
            LayersPerBlock = Autoencoder.Layers,
            NormNumGroups = Autoencoder.Groups,
            SampleSize = size,
            ScalingFactor = scalingFactor,
        };

    internal UNetConfig UNetConfig(int latentSide)
    {
        var attends = Unet.Attention;
        return new UNetConfig
        {
            InChannels = Autoencoder.Latent,
            OutChannels = Autoencoder.Latent,
            BlockOutChannels = Unet.Channels,
            DownBlockTypes = [.. attends.Select(a => a ? BlockTypes.CrossAttnDown : BlockTypes.Down)],
            UpBlockTypes = [.. attends.Reverse().Select(a => a ? BlockTypes.CrossAttnUp : BlockTypes.Up)],
            LayersPerBlock = Unet.Layers,
            NormNumGroups = Unet.Groups,
            AttentionHeadDim = [Unet.Heads],
            CrossAttentionDim = Text.Width,
            SampleSize = latentSide,
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

    internal SchedulerConfig SchedulerConfig() => new()
    {
        ClassName = "DDIMScheduler",
        BetaStart = 0.00085,
        BetaEnd = 0.012,
        BetaSchedule = "scaled_linear",
        Prediction = Prediction == "epsilon" ? PredictionType.Epsilon : PredictionType.Velocity,
        StepsOffset = 1,
        SetAlphaToOne = false,
        ClipSample = false,
    };
}

/// <summary>Numbers of an autoencoder.</summary>
public sealed record AutoencoderDesign
{
    /// <summary>Channels of each level, finest first; every level after the first halves the picture.</summary>
    public IReadOnlyList<int> Channels { get; init; } = [32, 64, 128, 128];

    public int Layers { get; init; } = 1;
    public int Latent { get; init; } = 4;
    public int Groups { get; init; } = 16;
}

/// <summary>Numbers of a UNet.</summary>
public sealed record UNetDesign
{
    /// <summary>Channels of each level, finest first.</summary>
    public IReadOnlyList<int> Channels { get; init; } = [96, 160, 224];

    /// <summary>Levels with cross-attention to the text.</summary>
    public IReadOnlyList<bool> Attention { get; init; } = [true, true, false];

    public int Layers { get; init; } = 1;
    public int Heads { get; init; } = 4;
    public int Groups { get; init; } = 32;
}

/// <summary>Numbers of a text encoder.</summary>
public sealed record TextDesign
{
    /// <summary>Width of the states.</summary>
    public int Width { get; init; } = 128;

    public int Layers { get; init; } = 3;
    public int Heads { get; init; } = 4;

    /// <summary>Tokens of a prompt, start and end included.</summary>
    public int Length { get; init; } = 77;
}
