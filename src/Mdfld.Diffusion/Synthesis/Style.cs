namespace Mdfld.Diffusion.Synthesis;

/// <summary>Which parts of a face a style draws in another shape than they have.</summary>
public enum StyleShape
{
    /// <summary>None: the face keeps its proportions.</summary>
    Natural,

    /// <summary>Any of them, as a caricaturist does: jaw, skull, eyes, nose, mouth.</summary>
    Caricature,

    /// <summary>Big eyes set low, small nose and mouth, a short pointed chin.</summary>
    Anime,

    /// <summary>Slits of eyes, high brows, a tiny mouth, a narrow nose, as in Japanese prints.</summary>
    Print,
}

/// <summary>One style of a data set: what it is called in a prompt, and how it is sampled or drawn.</summary>
public sealed record Style
{
    /// <summary>Name of the style and of its folder: letters, digits and hyphens.</summary>
    public required string Id { get; init; }

    /// <summary>
    /// What a picture is called of which only the style is known; the prompt of pairs made of photos.
    /// </summary>
    public required string Caption { get; init; }

    /// <summary>Prompts; a slot such as <c>{age}</c> is filled from the list of that name.</summary>
    public required IReadOnlyList<string> Prompts { get; init; }

    /// <summary>What the picture is not to show.</summary>
    public string Negative { get; init; } = "";

    /// <summary>From image to image: the share of the noise schedule that is run, 0 (the image stays) to 1.</summary>
    public float Strength { get; init; } = 0.7f;

    /// <summary>Classifier-free guidance scale (Ho, Salimans 2022); 1 is none.</summary>
    public float Guidance { get; init; } = 6;

    /// <summary>What the control branch's residuals are multiplied by (Zhang, Rao, Agrawala 2023).</summary>
    public float ControlScale { get; init; } = 1;

    /// <summary>
    /// By how much of itself a face's deviation from the mean face grows: least and most, uniform between.
    /// </summary>
    public IReadOnlyList<float> Exaggeration { get; init; } = [0, 0];

    /// <summary>Which parts get another shape.</summary>
    public StyleShape Shape { get; init; }

    /// <summary>How far those parts go, 0..1: least and most.</summary>
    public IReadOnlyList<float> ShapeAmount { get; init; } = [0, 0];

    /// <summary>
    /// What stands for the style where there is no model: one list is drawn, its looks of
    /// <see cref="Training.Augmentation.Stylisation"/> are applied one after the other.
    /// </summary>
    public required IReadOnlyList<IReadOnlyList<string>> Looks { get; init; }
}
