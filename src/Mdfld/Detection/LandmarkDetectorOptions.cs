namespace Mdfld;

/// <summary>How a detector runs.</summary>
public sealed record LandmarkDetectorOptions
{
    /// <summary>Threads that share the work on one call; 0 takes one a core.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// Looks at a picture without a face box: the first crop is the whole picture, each further one is cut round the
    /// landmarks found.
    /// </summary>
    public int Passes { get; init; } = 3;
}
