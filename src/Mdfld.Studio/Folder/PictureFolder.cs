using System.IO.Enumeration;

namespace Mdfld.Studio;

/// <summary>
/// The pictures of a folder by their names, relative to it and with '/': nothing outside it is reached, neither by
/// <c>..</c> nor through a link.
/// </summary>
internal sealed class PictureFolder
{
    private const int DeepestFolder = 32;
    private const int LongestName = 1000;

    private readonly string _real;

    /// <param name="path">The folder, which must be there.</param>
    public PictureFolder(string path)
    {
        Path = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        _real = RealPath(Path);
    }

    /// <summary>The pictures of a folder of faces: those in its <c>images/</c>, where it has that, else its own.</summary>
    /// <exception cref="InvalidDataException"><c>images/</c> is a link that leads out of the folder.</exception>
    public static PictureFolder Of(string folder)
    {
        var (own, images) = (new PictureFolder(folder), System.IO.Path.Combine(folder, "images"));
        if (!Directory.Exists(images))
            return own;
        var inside = new PictureFolder(images);
        return IsBelow(inside._real, own._real) ? inside
            : throw new InvalidDataException($"{images}: a link that leads out of the folder; open {inside._real} itself");
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The names of all pictures, in order; hidden files and links to folders are passed over.</summary>
    /// <param name="refused">Pictures whose names the studio does not take.</param>
    public IReadOnlyList<string> Names(out int refused)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = DeepestFolder };
        var found = new FileSystemEnumerable<string>(Path, (ref FileSystemEntry e) => e.ToFullPath(), options)
        {
            ShouldIncludePredicate = (ref FileSystemEntry e) => !e.IsDirectory && e.FileName[0] != '.'
                && IsPicture(e.FileName),
            ShouldRecursePredicate = (ref FileSystemEntry e) => e.FileName[0] != '.'
                && !e.Attributes.HasFlag(FileAttributes.ReparsePoint),
        };
        var names = found.Select(file => System.IO.Path.GetRelativePath(Path, file))
            .Select(name => OperatingSystem.IsWindows() ? name.Replace('\\', '/') : name)
            .ToLookup(name => Fault(name) is null);
        refused = names[false].Count();
        return [.. names[true].Order(StringComparer.Ordinal)];
    }

    /// <summary>The file of a picture that is there.</summary>
    /// <exception cref="RequestException">The name is none of a picture of this folder.</exception>
    public string File(string name)
    {
        var file = Place(name);
        if (!System.IO.File.Exists(file))
            throw new RequestException(404, $"{name}: no such picture in this folder");
        // What a link leads to counts, of the file and of every folder on the way.
        return IsBelow(RealPath(file), _real) ? file
            : throw new RequestException(403, $"{name}: a link that leads out of the folder");
    }

    /// <summary>Where a picture of that name is or would be.</summary>
    /// <exception cref="RequestException">The name is none of a picture, or leads out of the folder.</exception>
    public string Place(string name) => Fault(name) is { } fault
        ? throw new RequestException(400, $"'{name}': {fault}") : System.IO.Path.Combine(Path, name);

    /// <summary>Keeps a new picture; where the name is taken by another one, it gets a number.</summary>
    /// <returns>The name that it has.</returns>
    /// <exception cref="RequestException">The name is none of a picture, or leads out of the folder.</exception>
    public async Task<string> Add(string name, ReadOnlyMemory<byte> bytes)
    {
        for (var number = 1; ; number++)
        {
            var ending = System.IO.Path.GetExtension(name);
            var wanted = number == 1 ? name : $"{name[..^ending.Length]}-{number}{ending}";
            var place = Place(wanted);
            if (!IsBelow(RealPath(place), _real))
                throw new RequestException(403, $"{name}: a link that leads out of the folder");
            if (System.IO.File.Exists(place))
            {
                var there = await System.IO.File.ReadAllBytesAsync(place);
                if (there.AsSpan().SequenceEqual(bytes.Span))
                    return wanted;
                continue;
            }
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(place)!);
            AtomicFile.Write(place, bytes);
            return wanted;
        }
    }

    private static string? Fault(string name)
    {
        if (name.Length is 0 or > LongestName || name.Any(char.IsControl) || name.Contains('\\') || name.Contains(':')
            || name.Contains('\uFFFD'))
            return "expected the name of a picture in UTF-8, without control characters, '\\' and ':'";
        if (name.Split('/').Any(part => part.Length == 0 || part[0] == '.'))
            return "expected a name within the folder, without '..' and hidden folders";
        return IsPicture(name) ? null : $"expected a picture ({string.Join(' ', Picture.Extensions)})";
    }

    private static bool IsPicture(ReadOnlySpan<char> name)
    {
        var ending = System.IO.Path.GetExtension(name).ToString();
        return Picture.Extensions.Contains(ending, StringComparer.OrdinalIgnoreCase);
    }

    private static bool IsBelow(string file, string folder) =>
        file.StartsWith(folder + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>The path without links.</summary>
    private static string RealPath(string path)
    {
        var parent = System.IO.Path.GetDirectoryName(path);
        FileSystemInfo entry = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
        if (entry.LinkTarget is not null && entry.ResolveLinkTarget(returnFinalTarget: true) is { } target)
            return RealPath(target.FullName);
        return parent is null ? path : System.IO.Path.Combine(RealPath(parent), System.IO.Path.GetFileName(path));
    }
}
