using Microsoft.Win32.SafeHandles;

namespace Mdfld.Data;

/// <summary>An entry of a folder.</summary>
/// <param name="Name">As <see cref="FileNames"/> writes it.</param>
/// <param name="Attributes">Whether it is a folder, or hidden; a link is a reparse point, too.</param>
public readonly record struct FolderEntry(string Name, FileAttributes Attributes)
{
    /// <summary>True of a folder, and of a link to one.</summary>
    public bool IsFolder => Attributes.HasFlag(FileAttributes.Directory);

    /// <summary>True of a symbolic link.</summary>
    public bool IsLink => Attributes.HasFlag(FileAttributes.ReparsePoint);
}

/// <summary>
/// Names of files in any bytes. On Linux a name need not be UTF-8, and .NET cannot say such a one. Here its bytes that are
/// not UTF-8 are written %80 to %FF, and a % of its own %25: it is a path like any other, and leads back to the file.
/// A file that is there under the name as it stands is always the one that is meant.
/// </summary>
public static class FileNames
{
    /// <summary>True where the path is a file's, or leads to one by a link.</summary>
    public static bool IsFile(string path) => File.Exists(path) || (RawPath.Find(path) is { } raw && !raw.IsFolder);

    /// <summary>True where the path is a folder's, or leads to one by a link.</summary>
    public static bool IsFolder(string path) =>
        Directory.Exists(path) || (RawPath.Find(path) is { } raw && raw.IsFolder);

    /// <summary>What is in a folder, in no order.</summary>
    /// <exception cref="IOException">It is not there, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static IReadOnlyList<FolderEntry> Entries(string folder)
    {
        if (!Directory.Exists(folder) && RawPath.Find(folder) is { } raw)
            return raw.Entries();
        FolderEntry[] entries =
        [
            .. new DirectoryInfo(folder).EnumerateFileSystemInfos("*", RawPath.All)
                .Select(e => new FolderEntry(e.Name, e.Attributes)),
        ];
        // What stands for bytes that are no UTF-8.
        return entries.Any(e => e.Name.Contains('\uFFFD')) && RawPath.Of(folder) is { } known
            ? known.Entries() : entries;
    }

    /// <summary>Opens a file to be read.</summary>
    /// <exception cref="IOException">It is not there, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static FileStream Open(string path) => new(Handle(path), FileAccess.Read);

    /// <summary>Reads a picture; see <see cref="Picture.Load(string, long)"/>.</summary>
    /// <inheritdoc cref="PictureStream(string)" path="/exception"/>
    public static Picture LoadPicture(string path)
    {
        using var file = new PictureStream(path);
        return Picture.Load(file);
    }

    /// <summary>The lines of a text file, read as they are asked for.</summary>
    /// <inheritdoc cref="Open" path="/exception"/>
    public static IEnumerable<string> Lines(string path)
    {
        using var reader = new StreamReader(Open(path));
        while (reader.ReadLine() is { } line)
            yield return line;
    }

    /// <summary>Bytes of a file; null where there is none.</summary>
    internal static long? LengthOf(string path)
    {
        if (!IsFile(path))
            return null;
        using var file = Handle(path);
        return RandomAccess.GetLength(file);
    }

    internal static SafeFileHandle Handle(string path) =>
        !Path.Exists(path) && RawPath.Find(path) is { } raw ? raw.Open() : File.OpenHandle(path);

    /// <summary>The path that bytes of a command line or a list mean.</summary>
    public static string FromBytes(ReadOnlySpan<byte> path) => RawPath.Text(path);
}

/// <summary>A picture's file, whatever bytes its name has, opened to be read.</summary>
public class PictureStream : FileStream
{
    private readonly string _path;

    /// <summary>Opens it.</summary>
    /// <param name="path">As <see cref="FileNames"/> writes it.</param>
    /// <exception cref="InvalidDataException">It is empty, or a pipe that one could wait for for ever.</exception>
    /// <exception cref="IOException">It is not there, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public PictureStream(string path)
        : base(Open(path), FileAccess.Read, bufferSize: 0) => _path = path;

    /// <summary>The path.</summary>
    public override string Name => _path;

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        // Of a derived class FileStream would read into an array of its own first, as long as the picture.
        var count = RandomAccess.Read(SafeFileHandle, buffer, CanSeek ? Position : 0);
        if (CanSeek)
            Position += count;
        return count;
    }

    private static SafeFileHandle Open(string path)
    {
        // What a shell names /dev/fd/63 has no length, and is written to.
        var isOfShell = path.StartsWith("/dev/", StringComparison.Ordinal);
        if (!isOfShell && new FileInfo(path) is { Exists: true, Length: 0 })
            throw new InvalidDataException($"{path}: expected a JPEG, PNG, WebP, GIF or BMP picture, found an empty file or a pipe");
        return FileNames.Handle(path);
    }
}
