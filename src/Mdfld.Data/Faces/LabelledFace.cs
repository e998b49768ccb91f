using System.Text;

namespace Mdfld.Data;

/// <summary>One line of a metadata file: a picture, its landmarks, and the square they were annotated in.</summary>
/// <param name="ImagePath">Path of the picture relative to the picture folder, with '/'.</param>
/// <param name="Landmarks">
/// 68, 98 or 29 points, pixels of the picture; <see cref="Missing"/> where one is not labelled.
/// </param>
/// <param name="FivePoints">
/// Eye on the picture's left, on the right, nose, mouth corner left, right; pixels, missing as the landmarks are.
/// </param>
/// <param name="Scale">Longest side of the tight landmark box / 200; the crop square has the side 200 x scale.</param>
/// <param name="Centre">Centre of the crop square, pixels.</param>
/// <param name="Style">What the last column says (a style's name, or STAR's tags), or null.</param>
public sealed record LabelledFace(
    string ImagePath,
    IReadOnlyList<Vector2> Landmarks,
    IReadOnlyList<Vector2> FivePoints,
    float Scale,
    Vector2 Centre,
    string? Style = null)
{
    /// <summary>A point that is not labelled: both numbers are NaN.</summary>
    public static Vector2 Missing { get; } = new(float.NaN);

    /// <summary>The box that a file has for the face beside its points, pixels; null where it has none.</summary>
    public FaceBox? AnnotatedBox { get; init; }

    /// <summary>
    /// Numbers of the landmarks that are labelled but not seen (v = 1 in COCO), in order; formats that cannot say so
    /// write them as any other.
    /// </summary>
    public IReadOnlyList<int> Hidden { get; init; } = [];

    /// <summary>The tight box of the landmarks that are there.</summary>
    public FaceBox Box => FaceBox.Around([.. Landmarks.Where(p => !IsMissing(p))]);

    /// <summary>Whether no landmark is missing.</summary>
    public bool IsComplete => !Landmarks.Any(IsMissing);

    /// <summary>Whether a point is <see cref="Missing"/>.</summary>
    public static bool IsMissing(Vector2 point) => float.IsNaN(point.X);

    /// <summary>A face whose five points and square follow from its landmarks.</summary>
    /// <param name="imagePath">See <see cref="ImagePath"/>.</param>
    /// <param name="landmarks">68, 98 or 29 points, pixels; at least one that is not missing.</param>
    /// <param name="style">See <see cref="Style"/>.</param>
    /// <exception cref="ArgumentException">No scheme has so many points.</exception>
    public static LabelledFace FromLandmarks(string imagePath, IReadOnlyList<Vector2> landmarks, string? style = null)
    {
        Vector2[] points = [.. landmarks];
        var box = FaceBox.Around(Array.FindAll(points, p => !IsMissing(p)));
        return new LabelledFace(
            imagePath,
            landmarks,
            LandmarkScheme.ForCount(points.Length).FivePoints(points),
            MathF.Max(box.Width, box.Height) / 200,
            box.Centre,
            style);
    }

    /// <summary>The same face with the landmarks of another scheme; see <see cref="LandmarkScheme.Convert"/>.</summary>
    /// <exception cref="ArgumentException">The points of that scheme do not follow from these.</exception>
    public LabelledFace To(LandmarkScheme scheme)
    {
        var from = LandmarkScheme.ForCount(Landmarks.Count);
        return from.Count == scheme.Count
            ? this : FromLandmarks(ImagePath, from.Convert([.. Landmarks], scheme), Style);
    }

    /// <summary>The same face moved in the picture.</summary>
    public LabelledFace Moved(Vector2 by) => this with
    {
        Landmarks = [.. Landmarks.Select(p => p + by)],
        FivePoints = [.. FivePoints.Select(p => p + by)],
        Centre = Centre + by,
        AnnotatedBox = AnnotatedBox is { } box ? FaceBox.AtCentre(box.Centre + by, box.Width, box.Height) : null,
    };
}

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

    // Half a surrogate pair becomes another character in a file, and XML does not allow these two.
    private static bool IsText(string path) =>
        Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(path)) == path && path.IndexOfAny(['\uFFFE', '\uFFFF']) < 0;
}
