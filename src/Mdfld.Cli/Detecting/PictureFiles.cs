using System.IO.Enumeration;

namespace Mdfld.Cli.Detecting;

/// <summary>The result of a search for pictures.</summary>
/// <param name="Paths">Picture files.</param>
/// <param name="Others">How many files of other kinds were passed over in folders and patterns.</param>
/// <param name="Unread">Folders that may not or cannot be read, with the reason.</param>
internal sealed record FoundPictures(IReadOnlyList<string> Paths, int Others, IReadOnlyList<string> Unread);

/// <summary>Turns what the user names (files, folders, patterns with * ? and **) into picture files.</summary>
internal sealed class PictureFiles
{
    private const int DeepestFolder = 32;

    private readonly HashSet<string> _others = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _unread = new(StringComparer.Ordinal);

    private PictureFiles()
    {
    }

    /// <summary>
    /// The files in the order of the arguments, those of a folder or pattern by name, none twice. A file named in full
    /// is taken whatever its extension; folders are searched to the bottom, but not through links to folders: those
    /// may lead round in circles.
    /// </summary>
    /// <exception cref="UsageException">An argument names nothing.</exception>
    public static FoundPictures Find(IEnumerable<string> arguments)
    {
        var search = new PictureFiles();
        string[] paths = [.. arguments.SelectMany(search.Expand).DistinctBy(Path.GetFullPath, StringComparer.Ordinal)];
        search._others.ExceptWith(paths.Select(Path.GetFullPath));
        return new FoundPictures(paths, search._others.Count, [.. search._unread]);
    }

    private IReadOnlyList<string> Expand(string argument)
    {
        if (argument == PictureInput.StandardInput || FileNames.IsFile(argument))
            return [argument];
        if (FileNames.IsFolder(argument))
        {
            return Pictures(Walk(argument, DeepestFolder)) is { Count: > 0 } inside
                ? inside
                : throw new UsageException(
                    $"{argument}: no picture ({string.Join(' ', Picture.Extensions)}) in this folder");
        }
        if (argument.Contains("://", StringComparison.Ordinal))
            throw new UsageException($"{argument}: pictures are read from files; fetch it first, such as with curl");
        if (!argument.AsSpan().ContainsAny('*', '?'))
            throw new UsageException($"{argument}: no such file or folder");
        var parts = argument.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var matches = Match(Path.IsPathRooted(argument) ? "/" : "", parts).Where(FileNames.IsFile).Distinct();
        return Pictures(matches) is { Count: > 0 } matching
            ? matching : throw new UsageException($"{argument}: no picture matches");

        IReadOnlyList<string> Pictures(IEnumerable<string> files)
        {
            var pictures = files.ToLookup(IsPicture);
            _others.UnionWith(pictures[false].Select(Path.GetFullPath));
            return [.. pictures[true].Order(StringComparer.Ordinal)];
        }
    }

    private static bool IsPicture(string path) =>
        Picture.Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    private IEnumerable<string> Match(string folder, ReadOnlyMemory<string> parts)
    {
        if (parts.IsEmpty)
            return [folder];
        var (part, rest) = (parts.Span[0], parts[1..]);
        if (part == "**")
            return Folders(folder).SelectMany(f => Match(f, rest.IsEmpty ? (string[])["*"] : rest));
        if (!part.AsSpan().ContainsAny('*', '?'))
            return Match(Path.Combine(folder, part), rest);
        var here = folder.Length == 0 ? "." : folder;
        if (!FileNames.IsFolder(here))
            return [];
        return Entries(here).Select(entry => entry.Name)
            .Where(name => FileSystemName.MatchesSimpleExpression(part, name, ignoreCase: false))
            .SelectMany(name => Match(Path.Combine(folder, name), rest));
    }

    private IEnumerable<string> Folders(string folder)
    {
        var here = folder.Length == 0 ? "." : folder;
        if (!FileNames.IsFolder(here))
            return [];
        return Below(here, DeepestFolder)
            .Select(d => folder.Length == 0 ? Path.GetRelativePath(".", d) : d).Prepend(folder);
    }

    private IEnumerable<string> Below(string folder, int depth) =>
        depth == 0 ? [] : Entries(folder).Where(e => e.IsFolder && !e.IsLink)
            .Select(d => Path.Combine(folder, d.Name)).SelectMany(d => Below(d, depth - 1).Prepend(d));

    private IEnumerable<string> Walk(string folder, int depth) => Below(folder, depth).Prepend(folder)
        .SelectMany(below => Entries(below).Where(e => !e.IsFolder).Select(file => Path.Combine(below, file.Name)));

    private FolderEntry[] Entries(string folder)
    {
        try
        {
            // Hidden files are not looked at.
            return [.. FileNames.Entries(folder)
                .Where(e => (e.Attributes & (FileAttributes.Hidden | FileAttributes.System)) == 0)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _unread.Add($"{folder}: this folder cannot be read: {e.Message}");
            return [];
        }
    }
}
