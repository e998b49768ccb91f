using System.Text;

namespace Mdfld.Data;

/// <summary>
/// The path of a picture as annotations name it: below the picture folder, with '/', never out of it.
/// </summary>
internal static class PicturePath
{
    /// <summary>The path in the form of <see cref="LabelledFace.ImagePath"/>; '\' becomes '/'.</summary>
    /// <exception cref="FormatException">It names no picture, or one outside the picture folder.</exception>
    public static string Parse(string field) => Tail(field, 0);

    /// <summary>The path that begins at <paramref name="start"/> of a field.</summary>
    public static string Tail(string field, int start)
    {
        var path = field[start..].Replace('\\', '/');
        while (path.StartsWith("./", StringComparison.Ordinal))
            path = path[2..];
        if (path.Length == 0 || path.EndsWith('/'))
            throw new FormatException($"'{field}' names no picture");
        // Annotations from elsewhere must not reach for other files: no root, no drive, no way up.
        if (path[0] == '/' || path.Contains(':') || path.Contains('\0') || path.Split('/').Contains(".."))
            throw new FormatException(
                $"the picture '{field}' lies outside the picture folder; expected a path relative to it without '..'");
        return path;
    }

    /// <summary>As above; a full path is taken where it leads into the picture folder.</summary>
    public static string Parse(string field, string pictures)
    {
        if (!Path.IsPathFullyQualified(field))
            return Parse(field);
        var relative = Path.GetRelativePath(Path.GetFullPath(pictures), field);
        return Parse(Path.IsPathFullyQualified(relative) || relative.StartsWith("..", StringComparison.Ordinal)
            ? field : relative);
    }

    /// <summary>Makes sure that a path can be written into any file and read back as it is.</summary>
    /// <exception cref="ArgumentException">It cannot.</exception>
    public static string Check(string path)
    {
        string parsed;
        try
        {
            parsed = Parse(path);
        }
        catch (FormatException e)
        {
            throw new ArgumentException(e.Message, nameof(path), e);
        }
        if (parsed != path || path.Any(char.IsControl) || !IsText(path))
            throw new ArgumentException($"the picture '{path}' has a path that cannot be written down", nameof(path));
        return path;
    }

    // Half a surrogate pair becomes another character in a file, and XML has no place for these two.
    private static bool IsText(string path) =>
        Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(path)) == path && path.IndexOfAny(['\uFFFE', '\uFFFF']) < 0;
}
