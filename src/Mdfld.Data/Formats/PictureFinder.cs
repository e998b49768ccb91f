using SkiaSharp;

namespace Mdfld.Data;

/// <summary>
/// Finds the pictures that annotations name, whatever machine they were written on: with '\', full paths, addresses,
/// folders in front, other endings. Never outside the picture folder.
/// </summary>
internal sealed class PictureFinder(string pictures)
{
    // Names that lead to a folder of annotations, beside which images/ lies.
    private static readonly string[] Siblings = ["labels", "annotations", "landmarks", "points", "json"];

    private readonly Dictionary<string, string> _found = [];
    private readonly Dictionary<string, string> _takenFor = [];
    private readonly Dictionary<string, bool> _holdsPictures = [];

    /// <summary>
    /// The path of a picture relative to the folder: as it is written, else the longest end of it that is there, else,
    /// of a relative path, as it is written: missed later.
    /// </summary>
    /// <exception cref="FormatException">
    /// It names no picture, or one outside the folder; or two different paths would lead to the same picture.
    /// </exception>
    public string Find(string field)
    {
        if (_found.TryGetValue(field, out var known))
            return known;
        return _found[field] = There(field) ?? PicturePath.Parse(field, pictures);
    }

    /// <summary>
    /// The picture that a file of annotations is called after: beside it, or in the picture folder under the same name.
    /// </summary>
    /// <param name="file">The annotations.</param>
    /// <param name="suffix">What follows the picture's name in the file's.</param>
    public string FindFor(string file, string suffix)
    {
        var name = Path.GetFullPath(file)[..^suffix.Length];
        name = Path.GetRelativePath(Path.GetFullPath(pictures), name);
        if (Path.IsPathFullyQualified(name))
            name = Path.GetFileName(name);
        var parts = name.Replace('\\', '/').Split('/');
        var up = Math.Min(parts.TakeWhile(p => p == "..").Count(), parts.Length - 1);
        parts = parts[up..];
        // Among pictures the one beside it is meant; from elsewhere, ../landmarks/a/b, the longest end that is there.
        var isAmongPictures = up == 0 && IsAmongPictures(Path.GetDirectoryName(Path.GetFullPath(file))!);
        for (var from = 0; from < (isAmongPictures ? 1 : parts.Length); from++)
        {
            if (Existing(string.Join('/', parts[from..])) is { } found)
                return PicturePath.Parse(found);
            if (Beside(parts[from..]) is { } beside)
                return PicturePath.Parse(beside);
        }
        name = string.Join('/', parts[Math.Min(up == 0 ? 0 : 1, parts.Length - 1)..]);
        return PicturePath.Parse(IsPicture(name) ? name : name + ".jpg");
    }

    /// <summary>Whether a name ends as pictures do.</summary>
    public static bool IsPicture(string name) =>
        Picture.Extensions.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);

    /// <summary>As <see cref="Find"/>, but null where there is no such picture.</summary>
    public string? There(string field)
    {
        var text = field.Replace('\\', '/');
        var address = text.IndexOf("://", StringComparison.Ordinal);
        if (address >= 0)
            text = Uri.UnescapeDataString(text[(address + 2)..].Split('?', '#')[0]);
        var isDrive = text.Length > 1 && text[1] == ':' && char.IsAsciiLetter(text[0]);
        var parts = text[(isDrive ? 2 : 0)..].Split('/').Where(p => p is not ("" or ".")).ToArray();
        if (parts.Length == 0 || text.EndsWith('/') || text.Contains('\0'))
            throw new FormatException($"'{field}' names no picture");
        var isInside = address < 0 && !isDrive && !text.StartsWith('/') && !parts.Contains("..");
        if (isInside && Existing(string.Join('/', parts)) is { } plain)
            return PicturePath.Parse(plain);
        for (var from = Array.LastIndexOf(parts, "..") + 1; from < parts.Length; from++)
        {
            if (Existing(string.Join('/', parts[from..])) is not { } found)
                continue;
            // Two folders' pictures of one name must not become one.
            if (_takenFor.GetValueOrDefault(found, text) is var other && other != text)
                throw new FormatException($"'{other}' and '{field}' would both be the picture {found} of {pictures}");
            _takenFor[found] = text;
            return PicturePath.Parse(found);
        }
        return null;
    }

    /// <summary>The picture of that name, whatever the case of its ending, or with one where it has none.</summary>
    private string? Existing(string name)
    {
        if (name.Contains('\0') || name.Contains(':') || name.Split('/').Contains(".."))
            return null;
        var stem = IsPicture(name) ? name[..^Path.GetExtension(name).Length] : name;
        return Picture.Extensions.Prepend(Path.GetExtension(name))
            .SelectMany(e => (string[])[e.ToLowerInvariant(), e.ToUpperInvariant()])
            .Select((e, i) => (i < 2 ? stem : name) + e).Prepend(name)
            .FirstOrDefault(p => FileNames.IsFile(Path.Combine(pictures, p)));
    }

    private bool IsAmongPictures(string folder) => _holdsPictures.TryGetValue(folder, out var known)
        ? known : _holdsPictures[folder] = HoldsPictures(folder);

    /// <summary>images/a/b.jpg for labels/a/b.</summary>
    private string? Beside(string[] parts)
    {
        var at = Array.FindLastIndex(parts, p => Siblings.Contains(p, StringComparer.OrdinalIgnoreCase));
        return at < 0 ? null : Existing(string.Join('/', (string[])[.. parts[..at], "images", .. parts[(at + 1)..]]));
    }

    /// <summary>Whether a picture lies in the folder itself.</summary>
    public static bool HoldsPictures(string folder) =>
        FileNames.Entries(folder).Any(e => !e.IsFolder && IsPicture(e.Name));
}

/// <summary>The size of a picture without decoding it.</summary>
internal static class PictureSize
{
    /// <summary>Columns and rows, upright as EXIF says; null where it is no picture.</summary>
    public static (int Width, int Height)? Of(Stream stream)
    {
        using var codec = SKCodec.Create(stream);
        if (codec is null)
            return null;
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        return codec.EncodedOrigin >= SKEncodedOrigin.LeftTop ? (height, width) : (width, height);
    }
}
