namespace Mdfld;

/// <summary>Writes a file so that it is there whole or not at all.</summary>
internal static class WholeFile
{
    /// <summary>
    /// Writes beside <paramref name="path"/> under another name, then renames; on failure nothing is left, and what a
    /// killed process left of the same file is taken over.
    /// </summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var full = Path.GetFullPath(path);
        using var stream = Begin(full);
        try
        {
            write(stream);
            stream.Flush();
            // Renamed while it is still locked: no other writer may take the finished file for one left behind.
            File.Move(stream.Name, full, overwrite: true);
        }
        catch
        {
            File.Delete(stream.Name);
            throw;
        }
    }

    /// <summary>As above, for bytes that are ready.</summary>
    public static void Write(string path, ReadOnlyMemory<byte> bytes) =>
        Write(path, stream => stream.Write(bytes.Span));

    private static FileStream Begin(string path)
    {
        var temporary = path + ".tmp";
        try
        {
            return Open(temporary);
        }
        catch (IOException) when (File.Exists(temporary))
        {
            // Somebody else is writing the same file at this moment.
            return Open($"{path}.{Environment.ProcessId}-{Environment.CurrentManagedThreadId}.tmp");
        }
    }

    // Windows renames an open file only if that is shared; elsewhere that would share all.
    private static FileStream Open(string name) => new(
        name, FileMode.Create, FileAccess.Write, OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None);
}
