using System.Formats.Tar;
using System.IO.Compression;

namespace Mdfld.Data;

/// <summary>
/// A downloaded data set as a folder: the folder itself, or, for archives (.zip, .tar, .tar.gz, .tgz), a temporary one
/// in which each is unpacked below its own name. Only pictures and annotations come out, never beside the folder.
/// </summary>
internal sealed class ArchiveFolder : IDisposable
{
    /// <summary>What is unpacked of an archive, over its own size: pictures and text are packed less well.</summary>
    private const long MostGrowth = 50;

    private const long Spare = 1L << 26;

    private static readonly string[] Endings = [".tar.gz", ".tgz", ".tar", ".zip"];
    private static readonly string[] Annotations = [".pts", ".txt", ".mat", ".npy", ".csv", ".json", ".ljson", ".xml"];

    private readonly string? _temporary;

    private ArchiveFolder(string path, string? temporary) => (Path, _temporary) = (path, temporary);

    public string Path { get; }

    /// <param name="path">An archive, or a folder with or without archives in it.</param>
    /// <param name="temporary">Made where something is to be unpacked, and removed in the end.</param>
    /// <param name="stop">Ends it between two files.</param>
    /// <exception cref="FileNotFoundException">There is no such file or folder.</exception>
    /// <exception cref="InvalidDataException">An archive is broken, or unpacks to more than is likely.</exception>
    public static ArchiveFolder Open(string path, string temporary, CancellationToken stop = default)
    {
        if (!System.IO.Path.Exists(path))
            throw new FileNotFoundException($"{path}: no such file or folder", path);
        var archives = (File.Exists(path) ? [path] : Directory.EnumerateFiles(path)).Where(f => EndingOf(f) is not null)
            .Order(StringComparer.Ordinal).ToArray();
        if (archives.Length == 0)
        {
            return Directory.Exists(path) ? new ArchiveFolder(path, null)
                : throw new InvalidDataException($"{path}: neither a folder nor one of {string.Join(", ", Endings)}");
        }
        var opened = new ArchiveFolder(temporary, temporary);
        try
        {
            foreach (var archive in archives)
                Unpack(archive, System.IO.Path.Combine(temporary, Stem(archive)), stop);
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (_temporary is not null && Directory.Exists(_temporary))
            Directory.Delete(_temporary, recursive: true);
    }

    private static string? EndingOf(string file) =>
        Array.Find(Endings, e => file.EndsWith(e, StringComparison.OrdinalIgnoreCase));

    private static string Stem(string archive) => System.IO.Path.GetFileName(archive)[..^EndingOf(archive)!.Length];

    private static void Unpack(string archive, string folder, CancellationToken stop)
    {
        Directory.CreateDirectory(folder);
        var root = System.IO.Path.GetFullPath(folder) + System.IO.Path.DirectorySeparatorChar;
        var left = (new FileInfo(archive).Length * MostGrowth) + Spare;
        try
        {
            foreach (var (name, content) in Entries(archive))
            {
                stop.ThrowIfCancellationRequested();
                var target = System.IO.Path.GetFullPath(
                    System.IO.Path.Combine(folder, name.Replace('\\', '/').TrimStart('/')));
                if (!target.StartsWith(root, StringComparison.Ordinal))
                    throw new InvalidDataException($"{archive}: '{AnnotationText.Short(name)}' leads out of it");
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
                using var file = File.Create(target);
                left = Copy(content, file, left, archive);
            }
        }
        catch (Exception e) when (e is FormatException or ArgumentException or EndOfStreamException)
        {
            throw new InvalidDataException($"{archive}: {e.Message}", e);
        }
    }

    private static IEnumerable<(string Name, Stream Content)> Entries(string archive)
    {
        if (EndingOf(archive) == ".zip")
        {
            using var zip = ZipFile.OpenRead(archive);
            foreach (var entry in zip.Entries.Where(e => IsWanted(e.FullName)))
            {
                using var content = entry.Open();
                yield return (entry.FullName, content);
            }
            yield break;
        }
        using var file = File.OpenRead(archive);
        using var plain = EndingOf(archive) == ".tar" ? file : (Stream)new GZipStream(file, CompressionMode.Decompress);
        using var tar = new TarReader(plain);
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile && IsWanted(entry.Name)
                && entry.DataStream is { } content)
                yield return (entry.Name, content);
        }
    }

    private static bool IsWanted(string name) => PictureFinder.IsPicture(name)
        || Annotations.Contains(System.IO.Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);

    private static long Copy(Stream from, Stream to, long left, string archive)
    {
        var buffer = new byte[1 << 16];
        for (int length; (length = from.Read(buffer)) > 0;)
        {
            left -= length;
            if (left < 0)
                throw new InvalidDataException($"{archive}: it unpacks to more than {MostGrowth} times its size");
            to.Write(buffer, 0, length);
        }
        return left;
    }
}
