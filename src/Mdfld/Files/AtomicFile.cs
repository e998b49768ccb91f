using System.Security.Cryptography;
using System.Text;

namespace Mdfld;

/// <summary>Writes files that are complete or absent, whenever the process or the machine dies.</summary>
public static class AtomicFile
{
    /// <summary>
    /// Writes to a temporary file beside <paramref name="path"/>, waits for the disk, then renames it. On failure
    /// nothing is left; what a killed process left of the same file is removed. A symbolic link that has the temporary
    /// file's name is removed, never followed.
    /// </summary>
    /// <param name="path">The file; one of that name is replaced.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="IOException">The disk refuses.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        var full = Path.GetFullPath(path);
        using var stream = Begin(full);
        var temporary = stream.Name;
        try
        {
            write(stream);
            stream.Flush(flushToDisk: true);
            // Renamed twice: while it is locked, to a name that no other writer takes for one left behind; unlocked,
            // to its own, so that no reader meets the lock.
            File.Move(temporary, Own(full), overwrite: true);
            temporary = Own(full);
            stream.Dispose();
            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>As above, for bytes that are ready.</summary>
    public static void Write(string path, ReadOnlyMemory<byte> bytes) =>
        Write(path, stream => stream.Write(bytes.Span));

    // Of the bytes that a file's name may have, room for what temporary names add.
    private const int LongestName = 255 - 40;

    private static FileStream Begin(string path)
    {
        var temporary = Start(path) + ".tmp";
        try
        {
            RemoveLeftBehind(temporary);
            var stream = Create(temporary);
            // Before it was locked another writer may have taken it for one left behind.
            if (IsOf(stream, temporary))
                return stream;
            stream.Dispose();
        }
        catch (IOException)
        {
            // Another writer is at work on the same file at this moment, or was; where the disk refuses it does so again.
        }
        return Create(Own(path) + ".tmp");
    }

    /// <summary>A temporary name of this thread's.</summary>
    private static string Own(string path) =>
        $"{Start(path)}.{Environment.ProcessId}-{Environment.CurrentManagedThreadId}.tmp";

    /// <summary>How temporary names begin: as the file's, unless that is too long to be longer.</summary>
    private static string Start(string path)
    {
        var name = Encoding.UTF8.GetBytes(Path.GetFileName(path));
        return name.Length <= LongestName
            ? path : Path.Combine(Path.GetDirectoryName(path)!, Convert.ToHexStringLower(SHA256.HashData(name)));
    }

    /// <summary>Removes a file or link of that name that no running writer holds.</summary>
    /// <exception cref="IOException">A writer holds it.</exception>
    private static void RemoveLeftBehind(string temporary)
    {
        var file = new FileInfo(temporary);
        if (file.LinkTarget is not null)
            file.Delete();
        else if (file.Exists)
        {
            using var held = new FileStream(temporary, FileMode.Open, FileAccess.ReadWrite, Shared);
            if (IsOf(held, temporary))
                File.Delete(temporary);
        }
    }

    /// <summary>
    /// Whether a file that was opened, and is locked now, has still that name: in between its writer may have renamed, or
    /// another removed it. A time that no other file has tells.
    /// </summary>
    private static bool IsOf(FileStream stream, string name)
    {
        try
        {
            var mark = DateTime.UtcNow.AddTicks(Random.Shared.NextInt64(TimeSpan.TicksPerSecond));
            File.SetLastWriteTimeUtc(stream.SafeFileHandle, mark);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not every disk lets times be set; those it has nearly always differ, too.
        }
        // As the disk has rounded it.
        return File.GetLastWriteTimeUtc(stream.SafeFileHandle) == File.GetLastWriteTimeUtc(name);
    }

    // CreateNew opens with O_EXCL, which fails on a link instead of following it.
    private static FileStream Create(string name) => new(name, FileMode.CreateNew, FileAccess.Write, Shared);

    // Windows renames an open file only if that is shared; elsewhere that would share all.
    private static FileShare Shared => OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None;
}
