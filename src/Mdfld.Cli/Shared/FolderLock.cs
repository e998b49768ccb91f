namespace Mdfld.Cli;

/// <summary>A file that one process at a time has open; one that dies lets go of it.</summary>
internal static class FolderLock
{
    /// <summary>Opens the file in a folder, which is made if missing.</summary>
    /// <exception cref="IOException">Another process has it, or the folder cannot be written to.</exception>
    public static FileStream Take(string folder, string name, FileOptions options = FileOptions.None)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, name);
        // Never written through a link.
        if (new FileInfo(path).LinkTarget is not null)
            File.Delete(path);
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 0, options);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new IOException(
                $"{folder}: another mdfld is writing into this folder; wait for its end or give another --out", e);
        }
    }
}
