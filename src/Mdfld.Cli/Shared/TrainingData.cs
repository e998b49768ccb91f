using System.CommandLine;

namespace Mdfld.Cli;

/// <summary>Folders that a model may learn from, and the file that its new version goes to.</summary>
internal static class TrainingData
{
    /// <summary>An option that names several folders.</summary>
    public static Option<string[]> Folders(string name, string description) => new(name)
    {
        Description = $"{description}; none that is measured on",
        HelpName = "DIR",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    /// <summary>Opens folders of labelled faces; at least one.</summary>
    /// <exception cref="UsageException">There is none, one is missing or a validation set.</exception>
    public static FaceFolder[] Faces(ParseResult parsed, Option<string[]> option) =>
        [.. Named(parsed, option)
            .Select(path => UsageException.IfMissing($"{option.Name} ", () => FaceFolder.Open(path)))];

    /// <summary>Opens folders of whole pictures; at least one.</summary>
    /// <exception cref="UsageException">There is none, one is missing or a validation set.</exception>
    public static FacePicture[] Pictures(ParseResult parsed, Option<string[]> option) =>
        [.. Named(parsed, option)
            .SelectMany(path => UsageException.IfMissing($"{option.Name} ", () => FacePictures.Open(path)))];

    /// <summary>
    /// The file to write, which must not be the one that is read: a model is measured against its origin.
    /// </summary>
    /// <exception cref="UsageException">They are the same.</exception>
    public static string NewFile(string target, string source) =>
        Path.GetFullPath(target) != Path.GetFullPath(source) ? target
            : throw new UsageException($"--out {target}: that is the model that is read; give another file");

    private static string[] Named(ParseResult parsed, Option<string[]> option)
    {
        var folders = parsed.GetRequiredValue(option);
        if (folders.Length == 0)
            throw new UsageException($"{option.Name} DIR is needed for this model");
        return folders.FirstOrDefault(IsMeasuredOn) is { } held
            ? throw new UsageException($"{option.Name} {held}: a validation set; give training sets only") : folders;

        static bool IsMeasuredOn(string path) =>
            Path.TrimEndingDirectorySeparator(path).EndsWith("-val", StringComparison.OrdinalIgnoreCase);
    }
}
