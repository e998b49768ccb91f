using System.IO.Enumeration;
using System.Runtime.CompilerServices;
using System.Text;

namespace Mdfld.Cli.Detecting;

/// <summary>A picture to detect faces in.</summary>
/// <param name="Path">As the user named it; "-" is standard input.</param>
/// <param name="Name">Name of its results' files, without folder and extension.</param>
internal sealed record PictureInput(string Path, string Name)
{
    public const string StandardInput = "-";

    /// <summary>How errors call it.</summary>
    public string Title => Path == StandardInput ? "standard input" : Path;

    /// <summary>Reads it; its pixels are decoded as far as the detector needs them.</summary>
    /// <exception cref="InvalidDataException">It is no picture, or too large.</exception>
    public Picture Load(long maxPixels)
    {
        if (Path != StandardInput)
            return Picture.Open(Path, maxPixels);
        using var input = Console.OpenStandardInput();
        return Picture.Open(input, maxPixels);
    }
}

/// <summary>The pictures of a run, in order.</summary>
/// <param name="Paths">They may come while the first are at work.</param>
/// <param name="Count">Their number, where that is known beforehand.</param>
internal sealed record PictureList(IAsyncEnumerable<string> Paths, int? Count)
{
    /// <summary>Paths that are all known.</summary>
    public static PictureList Of(IReadOnlyList<string> paths) => new(paths.ToAsyncEnumerable(), paths.Count);

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
            var name = Path.GetFileNameWithoutExtension(file);
            for (var i = 1; !taken.Add(name); i++)
                name = i == 1 ? file : $"{file}-{i}";
            yield return new PictureInput(path, name);
        }
    }

    private static async IAsyncEnumerable<string> SplitAsync(
        Stream stream, char end, [EnumeratorCancellation] CancellationToken stop = default)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var (path, buffer) = (new StringBuilder(), new char[4096]);
        int read;
        // A read from a pipe cannot be called off: it is left behind.
        while ((read = await reader.ReadAsync(buffer, CancellationToken.None).AsTask().WaitAsync(stop)) > 0)
        {
            for (var (rest, at) = (buffer.AsMemory(0, read), 0); !rest.IsEmpty; rest = rest[at..])
            {
                at = rest.Span.IndexOf(end) + 1;
                if (at == 0)
                {
                    path.Append(rest);
                    break;
                }
                path.Append(rest[..(at - 1)]);
                if (Take() is { Length: > 0 } complete)
                    yield return complete;
            }
        }
        if (Take() is { Length: > 0 } last)
            yield return last;

        string Take()
        {
            var text = path.ToString();
            path.Clear();
            return end == '\n' ? text.TrimEnd('\r') : text;
        }
    }
}

/// <summary>Turns what the user names (files, folders, patterns with * ? and **) into picture files.</summary>
internal static class PictureFiles
{
    private const int DeepestFolder = 32;

    /// <summary>
    /// The files in the order of the arguments, those of a folder or pattern by name, none twice. A file named in full
    /// is taken whatever its extension; folders are searched to the bottom, but not through links to folders: those
    /// may lead round in circles.
    /// </summary>
    /// <exception cref="UsageException">An argument names nothing.</exception>
    public static IReadOnlyList<string> Find(IEnumerable<string> arguments) =>
        [.. arguments.SelectMany(Expand).DistinctBy(Path.GetFullPath, StringComparer.Ordinal)];

    private static IReadOnlyList<string> Expand(string argument)
    {
        if (argument == PictureInput.StandardInput || File.Exists(argument))
            return [argument];
        if (Directory.Exists(argument))
        {
            var inside = Walk(argument, folders: false).Where(IsPicture).Order(StringComparer.Ordinal).ToArray();
            return inside.Length > 0
                ? inside
                : throw new UsageException(
                    $"{argument}: no picture ({string.Join(' ', Picture.Extensions)}) in this folder");
        }
        if (!argument.AsSpan().ContainsAny('*', '?'))
            throw new UsageException(
                $"{argument}: no such {(argument.StartsWith('-') ? "option, " : "")}file or folder");
        var parts = argument.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var matches = Match(Path.IsPathRooted(argument) ? "/" : "", parts)
            .Where(f => File.Exists(f) && IsPicture(f)).Distinct().Order(StringComparer.Ordinal).ToArray();
        return matches.Length > 0 ? matches : throw new UsageException($"{argument}: no picture matches");
    }

    private static bool IsPicture(string path) =>
        Picture.Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    private static IEnumerable<string> Match(string folder, ReadOnlyMemory<string> parts)
    {
        if (parts.IsEmpty)
            return [folder];
        var (part, rest) = (parts.Span[0], parts[1..]);
        if (part == "**")
            return Folders(folder).SelectMany(f => Match(f, rest.IsEmpty ? (string[])["*"] : rest));
        if (!part.AsSpan().ContainsAny('*', '?'))
            return Match(Path.Combine(folder, part), rest);
        var here = folder.Length == 0 ? "." : folder;
        if (!Directory.Exists(here))
            return [];
        return Directory.EnumerateFileSystemEntries(here)
            .Where(entry => FileSystemName.MatchesSimpleExpression(part, Path.GetFileName(entry), ignoreCase: false))
            .SelectMany(entry => Match(Path.Combine(folder, Path.GetFileName(entry)), rest));
    }

    private static IEnumerable<string> Folders(string folder)
    {
        var here = folder.Length == 0 ? "." : folder;
        if (!Directory.Exists(here))
            return [];
        return Walk(here, folders: true)
            .Select(d => folder.Length == 0 ? Path.GetRelativePath(".", d) : d).Prepend(folder);
    }

    private static FileSystemEnumerable<string> Walk(string folder, bool folders)
    {
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            MaxRecursionDepth = DeepestFolder,
            IgnoreInaccessible = true,
        };
        return new(folder, (ref FileSystemEntry entry) => entry.ToSpecifiedFullPath(), options)
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) =>
                entry.IsDirectory == folders && !(folders && IsLink(ref entry)),
            ShouldRecursePredicate = (ref FileSystemEntry entry) => !IsLink(ref entry),
        };
    }

    private static bool IsLink(ref FileSystemEntry entry) => entry.Attributes.HasFlag(FileAttributes.ReparsePoint);
}
