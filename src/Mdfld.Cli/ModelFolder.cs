namespace Mdfld.Cli;

/// <summary>Where models lie: in <c>$MDFLD_MODELS</c>, or in <c>models/</c> beside or above the program.</summary>
internal static class ModelFolder
{
    public const string DefaultName = "compact";

    private const string Extension = ".onnx";

    /// <summary>The .onnx file that a name or path means.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public static string Resolve(string nameOrFile)
    {
        var isFile = nameOrFile.AsSpan().ContainsAny('/', '\\')
            || nameOrFile.EndsWith(Extension, StringComparison.OrdinalIgnoreCase);
        if (isFile)
            return File.Exists(nameOrFile) ? nameOrFile : throw new UsageException($"{nameOrFile}: no such model file");
        var folder = Find();
        var file = folder is null ? null : Path.Combine(folder, nameOrFile + Extension);
        if (file is null || !File.Exists(file))
            throw new UsageException(
                $"no model is called '{nameOrFile}' in {folder ?? "models/"}; it has: {Names(folder)}");
        return file;
    }

    /// <summary>The finder's file; null, the library's own, for null.</summary>
    /// <exception cref="UsageException">There is no such file.</exception>
    public static string? ResolveFinder(string? file) =>
        file is null || File.Exists(file) ? file : throw new UsageException($"--finder {file}: no such model file");

    /// <summary>The models there are, by name.</summary>
    public static IReadOnlyList<string> Files() =>
        Find() is { } folder
            ? [.. Directory.EnumerateFiles(folder, "*" + Extension).Order(StringComparer.Ordinal)] : [];

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("MDFLD_MODELS") is { Length: > 0 } named)
        {
            return Directory.Exists(named)
                ? named : throw new UsageException($"MDFLD_MODELS is {named}, which is no folder");
        }
        for (var above = AppContext.BaseDirectory; above is not null; above = Path.GetDirectoryName(above))
        {
            var models = Path.Combine(above, "models");
            if (Directory.Exists(models))
                return models;
        }
        return null;
    }

    private static string Names(string? folder)
    {
        if (folder is null)
            return "nothing (set MDFLD_MODELS to a folder of .onnx files, or give a file)";
        var names = Directory.EnumerateFiles(folder, "*" + Extension)
            .Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal);
        return string.Join(", ", names) is { Length: > 0 } list ? list : "nothing";
    }
}
