using Mdfld.Training;
using Mdfld.Training.Weights;

namespace Mdfld.Cli;

/// <summary>
/// Where models lie: in <c>$MDFLD_MODELS</c>, or in <c>models/</c> beside or above the program; and what
/// <c>mdfld model pull</c> fetched.
/// </summary>
internal static class ModelFolder
{
    public const string DefaultName = "compact";

    private const string Extension = ".onnx";

    private static readonly string[] Checkpoints = [".pkl", ".pt", ".pth", ".safetensors"];

    /// <summary>
    /// The detector that a name or path means: an .onnx model, a checkpoint (made a model once, in the user's cache)
    /// or, where its code is trusted, a TorchScript file. What a file is, its content decides.
    /// </summary>
    /// <param name="nameOrFile">The name or path.</param>
    /// <param name="options">How the detector runs.</param>
    /// <param name="trust">Whether a program may run.</param>
    /// <exception cref="UsageException">There is none.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is no landmark model, or a program that is not trusted.
    /// </exception>
    public static LandmarkDetector Load(string nameOrFile, DetectorOptions options, CodeTrust trust)
    {
        var file = ModelFile.Open(Resolve(nameOrFile));
        return LandmarkDetector.Create(Model(), options);

        LandmarkModel Model()
        {
            switch (file.Kind)
            {
                case ModelKind.Landmarks:
                    return LandmarkModel.Load(file.Path, options);
                case ModelKind.Checkpoint:
                    if (file.Describe().GetValueOrDefault("network") == "finder")
                        throw new InvalidDataException($"{file.Path}: expected a landmark model, found a face finder");
                    return LandmarkModel.Load(
                        ExportCache.Get(file.Path, Path.Combine(UserFolders.Cache, "onnx")), options);
                case ModelKind.TorchScript when options.Device != "cpu":
                    throw new InvalidDataException($"{file.Path}: TorchScript runs on --device cpu only");
                case ModelKind.TorchScript:
                    trust.Require(file.Path);
                    return ScriptDetector.Load(file.Path, options.Threads);
                default:
                    throw file.Not("a landmark model");
            }
        }
    }

    /// <summary>The file that a name or path means.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public static string Resolve(string nameOrFile)
    {
        var isFile = nameOrFile.AsSpan().ContainsAny('/', '\\')
            || nameOrFile.EndsWith(Extension, StringComparison.OrdinalIgnoreCase) || IsCheckpoint(nameOrFile);
        if (isFile)
            return File.Exists(nameOrFile) ? nameOrFile : throw new UsageException($"{nameOrFile}: no such model file");
        var folder = Find();
        var file = folder is null ? null : Path.Combine(folder, nameOrFile + Extension);
        if (File.Exists(file))
            return file;
        if (PublishedWeights.Find(nameOrFile) is not { } weights)
        {
            // Any other name is a file's, too: a name of models/ is never one of the folder one happens to be in.
            return File.Exists(nameOrFile) ? nameOrFile : throw new UsageException(
                $"no model is called '{nameOrFile}' in {folder ?? "models/"}; it has: {Names(folder)}");
        }
        return weights.IsInstalled
            ? weights.Path
            : throw new UsageException(
                $"{weights.Name} is not on this machine: fetch it with mdfld model pull {weights.Name}");
    }

    /// <summary>The finder's file; null, the library's own, for null.</summary>
    /// <exception cref="UsageException">There is no such file.</exception>
    public static string? ResolveFinder(string? file) =>
        file is null || File.Exists(file) ? file : throw new UsageException($"--finder {file}: no such model file");

    /// <summary>The models there are, by name.</summary>
    public static IReadOnlyList<string> Files() =>
        Find() is { } folder
            ? [.. Directory.EnumerateFiles(folder, "*" + Extension).Order(StringComparer.Ordinal)] : [];

    /// <summary>The folder of the generator that the program comes with; null where there is none.</summary>
    public static string? Generator() =>
        Find() is { } folder && Directory.Exists(Path.Combine(folder, "generator-small"))
            ? Path.Combine(folder, "generator-small") : null;

    private static bool IsCheckpoint(string file) =>
        Checkpoints.Any(e => file.EndsWith(e, StringComparison.OrdinalIgnoreCase));

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
