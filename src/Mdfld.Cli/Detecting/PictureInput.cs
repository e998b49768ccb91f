using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace Mdfld.Cli.Detecting;

/// <summary>A picture to detect faces in.</summary>
/// <param name="Path">As the user named it; "-" is standard input.</param>
/// <param name="Name">Name of its results' files, without folder and extension.</param>
internal sealed record PictureInput(string Path, string Name)
{
    public const string StandardInput = "-";

    /// <summary>SHA-256 of the bytes that were loaded; empty before, and for standard input.</summary>
    public string Hash { get; private set; } = "";

    /// <summary>How errors call it.</summary>
    public string Title => Path == StandardInput ? "standard input" : Path;

    /// <summary>Reads it; its pixels are decoded as far as the detector needs them.</summary>
    /// <exception cref="InvalidDataException">It is no picture, or too large.</exception>
    public Picture Load(long maxPixels)
    {
        if (Path == StandardInput)
        {
            using var input = Console.OpenStandardInput();
            return Picture.Open(input, maxPixels);
        }
        using var file = new HashedPicture(Path);
        var picture = Picture.Open(file, maxPixels);
        Hash = file.Hash;
        return picture;
    }
}

/// <summary>The pictures of a run, in order.</summary>
/// <param name="Paths">They may come while the first are at work.</param>
/// <param name="Count">Their number, where that is known beforehand.</param>
internal sealed record PictureList(IAsyncEnumerable<string> Paths, int? Count)
{
    // Of 255 bytes that a file's name may have, in any script: an ending and a temporary one have to follow.
    private const int LongestName = 180;

    /// <summary>The paths, where they are known beforehand.</summary>
    public IReadOnlyList<string> Known { get; private init; } = [];

    /// <summary>Files of other kinds in the folders that were searched.</summary>
    public int Others { get; init; }

    /// <summary>Folders that could not be searched, with the reason.</summary>
    public IReadOnlyList<string> Unread { get; init; } = [];

    /// <summary>Paths that are all known.</summary>
    public static PictureList Of(IReadOnlyList<string> paths) =>
        new(paths.ToAsyncEnumerable(), paths.Count) { Known = paths };

    /// <summary>The pictures found, and the files passed over.</summary>
    public static PictureList Of(FoundPictures found) => Of(found.Paths) with
    {
        Others = found.Others,
        Unread = found.Unread,
    };

    /// <summary>The same but for some files, which are counted among the others.</summary>
    /// <param name="files">Full paths.</param>
    public PictureList Without(IReadOnlySet<string> files)
    {
        string[] kept = [.. Known.Where(path => !files.Contains(System.IO.Path.GetFullPath(path)))];
        return kept.Length == Known.Count ? this
            : Of(new FoundPictures(kept, Others + Known.Count - kept.Length, Unread));
    }

    /// <summary>
    /// Paths from a text file, which is read now, or from standard input ("-") as they come; empty ones do not count.
    /// </summary>
    public static async Task<PictureList> ReadAsync(string file, char end, CancellationToken stop)
    {
        if (file == PictureInput.StandardInput)
            return new PictureList(SplitAsync(Console.OpenStandardInput(), end), null);
        await using var stream = File.OpenRead(file);
        return Of(await SplitAsync(stream, end).ToListAsync(stop));
    }

    /// <summary>
    /// The pictures with a name each: face.png and face.jpg, or two folders' face.png, share none. Names follow from
    /// the paths and their order only, so that a resumed run finds its files.
    /// </summary>
    public async IAsyncEnumerable<PictureInput> NamedAsync([EnumeratorCancellation] CancellationToken stop = default)
    {
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        await foreach (var path in Paths.WithCancellation(stop))
        {
            var file = path == PictureInput.StandardInput ? "stdin" : Path.GetFileName(path);
            var name = Shortened(Path.GetFileNameWithoutExtension(file));
            file = Shortened(file);
            for (var i = 1; !taken.Add(name); i++)
                name = i == 1 ? file : $"{file}-{i}";
            yield return new PictureInput(path, name);
        }
    }

    /// <summary>A name that is not too long, and that no other long name becomes.</summary>
    private static string Shortened(string name)
    {
        if (Encoding.UTF8.GetByteCount(name) <= LongestName)
            return name;
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..12];
        var length = name.Length;
        while (Encoding.UTF8.GetByteCount(name.AsSpan(0, length)) > LongestName - hash.Length
            || char.IsHighSurrogate(name[length - 1]))
            length--;
        return $"{name[..length]}-{hash}";
    }

    private static async IAsyncEnumerable<string> SplitAsync(
        Stream stream, char end, [EnumeratorCancellation] CancellationToken stop = default)
    {
        using var input = stream;
        var (path, buffer) = (new ArrayBufferWriter<byte>(), new byte[4096]);
        int read;
        // A read from a pipe cannot be called off: it is left behind.
        while ((read = await input.ReadAsync(buffer, CancellationToken.None).AsTask().WaitAsync(stop)) > 0)
        {
            for (var (rest, at) = (buffer.AsMemory(0, read), 0); !rest.IsEmpty; rest = rest[at..])
            {
                at = rest.Span.IndexOf((byte)end) + 1;
                if (at == 0)
                {
                    path.Write(rest.Span);
                    break;
                }
                path.Write(rest.Span[..(at - 1)]);
                if (Take() is { Length: > 0 } complete)
                    yield return complete;
            }
        }
        if (Take() is { Length: > 0 } last)
            yield return last;

        string Take()
        {
            var text = FileNames.FromBytes(path.WrittenSpan).TrimStart('\uFEFF');
            path.ResetWrittenCount();
            return end == '\n' ? text.TrimEnd('\r') : text;
        }
    }
}
