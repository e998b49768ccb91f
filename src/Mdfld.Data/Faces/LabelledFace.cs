using System.Numerics;

namespace Mdfld.Data;

/// <summary>One line of a metadata file: a picture, its landmarks, and the square they were annotated in.</summary>
/// <param name="ImagePath">Path of the picture relative to the picture folder, with '/'.</param>
/// <param name="Landmarks">68, 98 or 29 points, pixels of the picture.</param>
/// <param name="FivePoints">Eye on the picture's left, on the right, nose, mouth corner left, right; pixels.</param>
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
    /// <summary>A face whose five points and square follow from its landmarks.</summary>
    /// <param name="imagePath">See <see cref="ImagePath"/>.</param>
    /// <param name="landmarks">68, 98 or 29 points, pixels.</param>
    /// <param name="style">See <see cref="Style"/>.</param>
    /// <exception cref="ArgumentException">No scheme has so many points.</exception>
    public static LabelledFace FromLandmarks(string imagePath, IReadOnlyList<Vector2> landmarks, string? style = null)
    {
        Vector2[] points = [.. landmarks];
        var box = FaceBox.Around(points);
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

    /// <summary>The same face elsewhere in the picture.</summary>
    public LabelledFace Moved(Vector2 by) => this with
    {
        Landmarks = [.. Landmarks.Select(p => p + by)],
        FivePoints = [.. FivePoints.Select(p => p + by)],
        Centre = Centre + by,
    };
}
