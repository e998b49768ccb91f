using System.IO.Enumeration;
using Mdfld.Cli.Detecting;

namespace Mdfld.Cli;

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
    public static IReadOnlyList<string> Find(IEnumerable<string> arguments)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var files = new List<string>();
        foreach (var argument in arguments)
        {
            foreach (var file in Expand(argument))
            {
                if (seen.Add(Path.GetFullPath(file)))
                    files.Add(file);
            }
        }
        return files;
    }

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
