namespace Mdfld.Diffusion;

/// <summary>Files of text that are read whole: configurations, vocabularies, indices.</summary>
internal static class SmallFile
{
    /// <summary>More than any of them has; the vocabulary of Stable Diffusion has 1 MB.</summary>
    private const int MaxBytes = 64 << 20;

    /// <exception cref="InvalidDataException">It is absent or far too large.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static byte[] Read(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new InvalidDataException($"{path}: expected a file, found none; is the model folder complete?");
        return file.Length <= MaxBytes
            ? File.ReadAllBytes(path)
            : throw new InvalidDataException($"{path}: {file.Length} bytes, expected at most {MaxBytes}");
    }
}
