using System.Numerics;

namespace Mdfld.Training.Augmentation;

/// <summary>
/// Many augmented faces with their points side by side, for the eye: is the label still right, is it still a face?
/// </summary>
public static class VariantSheet
{
    /// <summary>Draws a grid of variants.</summary>
    /// <param name="faces">
    /// Pictures, their points and tight squares, as <see cref="Augmenter.Apply"/> takes them; taken in turn.
    /// </param>
    /// <param name="varyOf">What makes the variants of a face, by its place in <paramref name="faces"/>.</param>
    /// <param name="size">Side of their crops, pixels.</param>
    /// <param name="columns">Faces in a row.</param>
    /// <param name="rows">Rows of faces.</param>
    /// <param name="random">All draws come from it.</param>
    /// <param name="zoom">
    /// Whole number of pixels shown for one of the crop; points stay one dot of a pixel's size.
    /// </param>
    /// <exception cref="ArgumentException">No face is given.</exception>
    public static Picture Draw(
        IReadOnlyList<(Picture Picture, IReadOnlyList<Vector2> Landmarks, FaceCrop Crop)> faces,
        Func<int, FaceVariation> varyOf,
        int size,
        int columns,
        int rows,
        Random random,
        int zoom = 2)
    {
        ArgumentNullException.ThrowIfNull(faces);
        ArgumentNullException.ThrowIfNull(varyOf);
        ArgumentNullException.ThrowIfNull(random);
        if (faces.Count == 0)
            throw new ArgumentException("a sheet needs at least one face", nameof(faces));

        var sheet = new ContactSheet(columns, rows, size * zoom);
        var crop = new Picture(size, size);
        for (var n = 0; n < columns * rows; n++)
        {
            var (picture, landmarks, square) = faces[n % faces.Count];
            var points = new Vector2[landmarks.Count];
            varyOf(n % faces.Count)(picture, landmarks, square, random, crop, points);
            sheet.Place(n, crop, points, zoom);
        }
        return sheet.Picture;
    }
}
