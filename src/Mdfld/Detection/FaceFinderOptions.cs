namespace Mdfld;

/// <summary>How faces are looked for.</summary>
public sealed record FaceFinderOptions
{
    /// <summary>The score from which a face is one, 0 to 1; null takes what the model's file says.</summary>
    public float? Threshold { get; init; }

    /// <summary>
    /// Longest side, in pixels, that a picture is reduced to before it is looked through; smaller ones stay as they
    /// are. The time grows with its square; the smallest face found, about 10 pixels then, with its inverse.
    /// </summary>
    public int LongestSide { get; init; } = 640;

    /// <summary>
    /// Longest side, in pixels of the picture, of the smallest face wanted. Where it allows, the picture is reduced
    /// further.
    /// </summary>
    public float MinimumFace { get; init; } = 8;

    /// <summary>Two boxes whose intersection / union is above this are one face.</summary>
    public float Overlap { get; init; } = 0.4f;

    /// <summary>Threads that share the work on one picture; 0 takes one a core.</summary>
    public int Threads { get; init; }

    internal void Check()
    {
        if (!(Threshold is null or (>= 0 and <= 1)))
            throw Wrong(nameof(Threshold), Threshold, "a score from 0 to 1");
        if (LongestSide is < 32 or > 8192)
            throw Wrong(nameof(LongestSide), LongestSide, "32 to 8192 pixels");
        if (!(MinimumFace >= 1 && float.IsFinite(MinimumFace)))
            throw Wrong(nameof(MinimumFace), MinimumFace, "at least 1 pixel");
        if (!(Overlap is > 0 and <= 1))
            throw Wrong(nameof(Overlap), Overlap, "more than 0, at most 1");
        ArgumentOutOfRangeException.ThrowIfNegative(Threads);

        static ArgumentOutOfRangeException Wrong(string name, object? value, string expected) =>
            new(name, value, $"{name} is {value}, expected {expected}");
    }
}
