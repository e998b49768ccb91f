namespace Mdfld;

/// <summary>What a decoder must know of the file beside its bytes.</summary>
/// <param name="Name">How errors call it: the path, or what the caller passed.</param>
/// <param name="MaxPixels">The largest width x height to decode.</param>
internal readonly record struct PictureSource(string Name, long MaxPixels)
{
    // The widest pixel on the way to a Picture is 4 bytes, in one array.
    private static readonly long MostPixelsInAnArray = Array.MaxLength / 4;

    /// <summary>
    /// The most bytes a picture within the limit can sensibly have: 16-bit RGBA, not compressed at all, and 16 MiB of
    /// metadata; never more than an array holds.
    /// </summary>
    public long MaxBytes =>
        Math.Min((8 * Math.Min(MaxPixels, MostPixelsInAnArray)) + (16 << 20), Array.MaxLength);

    public InvalidDataException Broken(string found) => new($"{Name}: {found}");

    /// <summary>To be called before anything is allocated or decoded.</summary>
    /// <exception cref="InvalidDataException">The picture is empty or too large.</exception>
    public void CheckSize(long width, long height)
    {
        if (width < 1 || height < 1)
            throw Broken($"the file claims {width} x {height} pixels, expected at least 1 x 1");
        if (width > int.MaxValue || height > int.MaxValue || width * height > Math.Min(MaxPixels, MostPixelsInAnArray))
        {
            throw Broken(
                $"the file claims {width} x {height} pixels, expected at most {MaxPixels}; "
                + "raise maxPixels if you trust it");
        }
    }
}
