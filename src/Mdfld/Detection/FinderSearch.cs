namespace Mdfld;

/// <summary>How far a picture is searched: <see cref="DetectorOptions.Search"/>.</summary>
internal enum SearchDepth
{
    /// <summary>As <see cref="Auto"/>, up to <see cref="FinderSearch.FastSide"/> pixels.</summary>
    Fast,

    /// <summary>
    /// Ends at the first pass that shows a large face surely; the last pass goes only where faces may be.
    /// </summary>
    Auto,

    /// <summary>Every tile of every pass, enlarged, with the picture turned to all four sides.</summary>
    Thorough,
}

/// <summary>
/// The passes of a search over one picture, the coarsest first: each has twice the size of the one before, the last
/// the size at which the smallest faces wanted are those a finder knows.
/// </summary>
internal static class FinderSearch
{
    /// <summary>The longest side of a picture in the last pass of a fast search.</summary>
    public const int FastSide = 640;

    /// <summary>The same of any other, unless the options say more or less.</summary>
    public const int LargestSide = 8192;

    /// <summary>
    /// A face this many times as large as the smallest that a pass knows ends the search: in photos the smallest face
    /// is rarely less than a sixth of the largest (1 of 295 of pictures-val, 1 of 1009 of pictures-more).
    /// </summary>
    public const float Range = 6;

    /// <summary>
    /// The share of the model's threshold from which a cell of one pass may hold a smaller face that the next finds:
    /// all but one of 82 faces of pictures-val that YuNet found only at twice the size had as much, in a tenth of the
    /// blocks.
    /// </summary>
    public const float Presence = 1 / 12f;

    // Of the largest face a finder knows: a picture of this size needs no coarser pass.
    private const float CoarsestShare = 0.8f;

    // So much larger than the picture a search may be, where more than the picture's size is asked for.
    private const double Enlargement = 2;

    // A pass must be worth it.
    private const double LeastStep = 1.3;

    /// <summary>The sizes of the passes, pixels of the input for one of the picture.</summary>
    public static double[] Scales(int width, int height, FinderModel model, DetectorOptions options)
    {
        double longest = Math.Max(width, height);
        var side = options.LongestSide ?? (options.Depth == SearchDepth.Fast ? FastSide : LargestSide);
        // A picture is enlarged only where it is asked for.
        var isEnlarged = options.LongestSide is not null || options.Depth == SearchDepth.Thorough;
        var finest = Math.Min(side / longest, isEnlarged ? Enlargement : 1);
        if (options.MinimumFace > model.MinimumFace)
            finest = Math.Min(finest, Math.Max(1e-3, model.MinimumFace / options.MinimumFace));
        var coarsest = CoarsestShare * model.MaximumFace / longest;
        var scales = new List<double> { finest };
        while (scales[0] > coarsest * LeastStep)
            scales.Insert(0, scales[0] / 2);
        return [.. scales];
    }
}
