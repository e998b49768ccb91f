namespace Mdfld.Cli;

/// <summary>
/// ONNX models made of checkpoints, each once: kept in <c>onnx/</c> of the user's cache under the checkpoint's SHA-256
/// and the exporter's build.
/// </summary>
/// <remarks>
/// Two processes that want the same model both make it; the later one replaces a file by its like. Only the user may
/// enter the folder: what others could have written is not believed by its name but made again.
/// </remarks>
internal static class ExportCache
{
    private const UnixFileMode PrivateFolder =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // An export takes seconds to minutes: what is a day old was killed.
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    /// <summary>The ONNX model of a checkpoint, made now if it was never made before.</summary>
    /// <param name="checkpoint">A <c>.pkl</c> of STAR or MDFLD, or a <c>.safetensors</c> of ours.</param>
    /// <param name="folder">Where models are kept; made if missing.</param>
    /// <exception cref="InvalidDataException">The file is no checkpoint of a network known here.</exception>
    public static string Get(string checkpoint, string folder)
    {
        var hash = FileHash.Of(checkpoint);
        // Another build of the exporter may make another model of the same weights.
        var build = typeof(DetectorExport).Module.ModuleVersionId.ToString("N")[..8];
        var model = Path.Combine(folder, $"{hash}-{build}.onnx");
        MakePrivate(folder);
        if (IsOurs(model))
            return model;
        Sweep(folder, hash);
        DetectorExport.Save(checkpoint, model);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(model, PrivateFile);
        return model;
    }

    /// <summary>Makes the folder one that only the user may enter.</summary>
    private static void MakePrivate(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }
        Directory.CreateDirectory(folder, PrivateFolder);
        if (File.GetUnixFileMode(folder) == PrivateFolder)
            return;
        // What lay in it while others could write into it may be theirs.
        var wasOpen = (File.GetUnixFileMode(folder) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0;
        try
        {
            File.SetUnixFileMode(folder, PrivateFolder);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(
                $"{folder}: this folder for exported models is another user's: remove it, or set XDG_CACHE_HOME", e);
        }
        foreach (var file in wasOpen ? Directory.GetFiles(folder, "*.onnx") : [])
            File.Delete(file);
    }

    /// <summary>True for an ordinary file that only this user can write; others are made anew.</summary>
    private static bool IsOurs(string model)
    {
        if (OperatingSystem.IsWindows() || !File.Exists(model))
            return File.Exists(model);
        const UnixFileMode Others = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        if (new FileInfo(model).LinkTarget is not null || (File.GetUnixFileMode(model) & Others) != 0)
            return false;
        try
        {
            // Only its owner may.
            File.SetUnixFileMode(model, PrivateFile);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Removes, a day later, what older builds made of it and what killed processes left.</summary>
    private static void Sweep(string folder, string hash)
    {
        var files = Directory.EnumerateFiles(folder, $"{hash}-*.onnx")
            .Concat(Directory.EnumerateFiles(folder, "*.tmp*"))
            // Of a file that another process has taken away meanwhile the time is in 1601: a new one may have its name.
            .Where(f => File.GetLastWriteTimeUtc(f) is { Year: > 1601 } written && DateTime.UtcNow - written > Abandoned);
        foreach (var file in files.ToArray())
        {
            try
            {
                File.Delete(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // In use by another process, or another user's: it costs space, nothing else.
            }
        }
    }
}
