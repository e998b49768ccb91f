using Mdfld.Training.Weights;

namespace Mdfld.Cli;

/// <summary>
/// Where models lie: in <c>$MDFLD_MODELS</c>, or in <c>models/</c> beside or above the program; and what
/// <c>mdfld model pull</c> fetched.
/// </summary>
internal static class ModelFolder
{
    private const string Extension = ".onnx";

    private static readonly string[] Checkpoints = [".pkl", ".pt", ".pth", ".safetensors"];

    /// <summary>
    /// The detector that a name or path means: an .onnx model, a checkpoint (made a model once, in the user's cache)
    /// or, where its code is trusted, a TorchScript file. What a file is, its content decides.
    /// </summary>
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
        if (PublishedWeights.Find(nameOrFile) is not { Option: "--model" } weights)
        {
            // Any other name is a file's, too: a name of models/ never means a file of the current folder.
            return File.Exists(nameOrFile) ? nameOrFile : throw new UsageException(
                $"no model is called '{nameOrFile}' in {folder ?? "models/"}; it has: {Names(folder)}");
        }
        return weights.IsInstalled
            ? weights.Path
            : throw new UsageException(
                $"{weights.Name} is not on this machine: fetch it with mdfld model pull {weights.Name}");
    }

    /// <summary>The file of a finder that a name or path means; null, the library's own, for null.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public static string? ResolveFinder(string? nameOrFile, string option = "--finder")
    {
        try
        {
            return nameOrFile is null ? null : Resolve(nameOrFile);
        }
        catch (UsageException e)
        {
            throw new UsageException($"{option} {e.Message}");
        }
    }

    /// <summary>The folder or encoder's file of an autoencoder: a name of published weights, or a path.</summary>
    /// <param name="option">What asks for it.</param>
    /// <exception cref="UsageException">There is none.</exception>
    public static string ResolveAutoencoder(string option, string nameOrPath)
    {
        if (PublishedWeights.Find(nameOrPath) is not { Option: "--vae" } weights)
        {
            return Path.Exists(nameOrPath) ? nameOrPath : throw new UsageException(
                $"{option} {nameOrPath}: no such folder, and no published autoencoder is called so");
        }
        return weights.IsInstalled ? weights.Path : throw new UsageException(
            $"{option} {weights.Name} is not on this machine: fetch it with mdfld model pull {weights.Name}");
    }

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
        return ProgramFiles.Find("models");
    }

    private static string Names(string? folder) => folder is null
        ? "nothing (set MDFLD_MODELS to a folder of .onnx files, or give a file)"
        : string.Join(", ", Files().Select(f => Path.GetFileNameWithoutExtension(f))) is { Length: > 0 } list
            ? list : "nothing";
}

/// <summary>Where Mdfld keeps files of its own for a user: the XDG base directories.</summary>
internal static class UserFolders
{
    /// <summary>What can be made again at any time: <c>$XDG_CACHE_HOME/mdfld</c>, or <c>~/.cache/mdfld</c>.</summary>
    public static string Cache => Below("XDG_CACHE_HOME", ".cache");

    /// <summary>What the user fetched: <c>$XDG_DATA_HOME/mdfld</c>, or <c>~/.local/share/mdfld</c>.</summary>
    public static string Data => Below("XDG_DATA_HOME", Path.Combine(".local", "share"));

    private static string Below(string variable, string byDefault)
    {
        // The specification: a relative path is no path.
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } named && Path.IsPathFullyQualified(named))
            return Path.Combine(named, "mdfld");
        var home = Environment.GetFolderPath(
            Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
        return home.Length > 0
            ? Path.Combine(home, byDefault, "mdfld")
            : throw new IOException($"this user has no home folder: set {variable} to a folder for Mdfld's files");
    }
}
