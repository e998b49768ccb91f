namespace Mdfld.Generation;

public sealed record PipelineRequest
{
    public required string Prompt { get; init; }

    /// <summary>What it must not show; counts where <see cref="GuidanceScale"/> is above 1.</summary>
    public string NegativePrompt { get; init; } = "";

    /// <summary>Columns, a multiple of the reduction; null: those of the pictures given, or the model's.</summary>
    public int? Width { get; init; }

    public int? Height { get; init; }

    /// <summary>Steps from noise to picture; a run from a picture takes <see cref="Strength"/> of them.</summary>
    public int Steps { get; init; } = 20;

    /// <summary>One of <see cref="Schedulers.Names"/>; null: the model's own.</summary>
    public string? Sampler { get; init; }

    /// <summary>
    /// Classifier-free guidance (Ho, Salimans 2022): prediction = negative + scale (positive - negative). At 1 or less
    /// there is none, and a step costs half. Null: what suits the model, by its ControlNet's configuration, else 7.5.
    /// </summary>
    public double? GuidanceScale { get; init; }

    /// <summary>What the ControlNet is shown, of the picture's size, or null.</summary>
    public Picture? Control { get; init; }

    /// <summary>Weight of what the ControlNet adds.</summary>
    public double ControlScale { get; init; } = 1;

    /// <summary>
    /// The ControlNet leads also without a prompt: it adds only to the positive prediction, coarse things more than
    /// fine ones.
    /// </summary>
    public bool GuessMode { get; init; }

    /// <summary>A picture to start from, of the picture's size, or null to start from noise.</summary>
    public Picture? Start { get; init; }

    /// <summary>
    /// What of <see cref="Start"/> is painted anew, white; what is black stays as it is, to the pixel. Of its size, or
    /// null: all is.
    /// </summary>
    public Picture? Mask { get; init; }

    /// <summary>
    /// A photo of the face, of the picture's size, its landmarks where the control image has them: for a model whose
    /// UNet has a <see cref="UNetConfig.PhotoCondition"/>. Null: the face is the model's own.
    /// </summary>
    public Picture? Photo { get; init; }

    /// <summary>How far to leave <see cref="Start"/>: above 0 (hardly) to 1 (wholly).</summary>
    public double Strength { get; init; } = 0.8;

    /// <summary>Sampler ddim: share of the noise that each step renews, 0 to 1.</summary>
    public double Eta { get; init; }

    /// <summary>Seed of all random numbers: the same request on the same machine gives the same picture.</summary>
    public ulong Seed { get; init; }
}
