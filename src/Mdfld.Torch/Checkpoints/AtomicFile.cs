namespace Mdfld.Torch.Checkpoints;

/// <summary>Files that are there whole or not at all, whenever the process dies.</summary>
internal static class AtomicFile
{
    /// <summary>Writes beside the file, waits for the disk, then renames.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        var partial = path + ".partial";
        // Outside the try: a partial file that another process holds is not ours to delete.
        var stream = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        try
        {
            using (stream)
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(partial, path, overwrite: true);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }
}
