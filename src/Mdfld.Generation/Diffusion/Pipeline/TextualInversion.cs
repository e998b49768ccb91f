namespace Mdfld.Generation;

/// <summary>A file of a textual inversion: new words and what the text encoder is to see for each.</summary>
internal static class TextualInversion
{
    // More than a prompt has room for.
    private const int MostVectors = 1024;

    private const string Params = "emb_params";
    private const string Legacy = "string_to_param";

    /// <summary>Reads the words and their vectors, (k, width) each.</summary>
    /// <exception cref="InvalidDataException">It is no such file, or of another text encoder.</exception>
    public static IReadOnlyList<(string Word, Tensor Vectors)> Read(string path, int width)
    {
        using var file = Checkpoint.Load(path);
        var tensors = file.StateDict(file.HasStateDict(Legacy) ? Legacy : null);
        var isOwnName = file.HasStateDict(Legacy) || tensors.ContainsKey(Params);
        if (tensors.Count == 0 || (isOwnName && tensors.Count > 1))
            throw Bad($"{tensors.Count} tensors");
        return [.. tensors.Select(t => Word(
            isOwnName ? Path.GetFileNameWithoutExtension(path) : t.Key, t.Value))];

        (string, Tensor) Word(string name, RawTensor raw)
        {
            var shape = raw.Shape;
            return raw.Type.IsFloatingPoint && shape.Length is 1 or 2 && shape[^1] == width
                && (shape.Length == 1 || shape[0] is > 0 and <= MostVectors)
                && PromptText.Clean(name) is { Length: > 0 } clean && !clean.Any(char.IsWhiteSpace)
                ? (name, raw.ToTensor().reshape(-1, width))
                : throw Bad($"'{name}' of the shape [{string.Join(", ", shape.ToArray())}]");
        }

        InvalidDataException Bad(string found) => new(
            $"{path}: expected words of a textual inversion, each 1 to {MostVectors} vectors of {width} numbers, "
            + $"found {found}");
    }
}
