namespace Mdfld.Diffusion;

/// <summary>Writes a folder so that it is there whole or not at all.</summary>
internal static class WholeFolder
{
    /// <summary>Writes beside <paramref name="path"/> under another name, then renames; on failure nothing is left.</summary>
    /// <param name="path">Full path; a folder that is there is replaced.</param>
    /// <param name="write">Writes into the folder it is given.</param>
    /// <exception cref="IOException">The disk refuses.</exception>
    public static void Write(string path, Action<string> write)
    {
        var unique = $"{Environment.ProcessId}-{Environment.CurrentManagedThreadId}";
        var (partial, old) = ($"{path}.{unique}.tmp", $"{path}.{unique}.old");
        try
        {
            Directory.CreateDirectory(partial);
            write(partial);
            if (Directory.Exists(path))
                Directory.Move(path, old);
            try
            {
                Directory.Move(partial, path);
            }
            catch when (Directory.Exists(old))
            {
                Directory.Move(old, path);
                throw;
            }
        }
        catch
        {
            if (Directory.Exists(partial))
                Directory.Delete(partial, recursive: true);
            throw;
        }
        if (Directory.Exists(old))
            Directory.Delete(old, recursive: true);
    }
}
