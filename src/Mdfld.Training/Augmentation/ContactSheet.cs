using System.Numerics;

namespace Mdfld.Training.Augmentation;

/// <summary>Many augmented faces with their points side by side, for the eye: is the label still right, is it still a face?</summary>
public static class ContactSheet
{
    /// <summary>Draws a grid of variants.</summary>
    /// <param name="faces">Pictures, their points and tight squares, as <see cref="Augmenter.Apply"/> takes them; taken in turn.</param>
    /// <param name="vary">What makes the variants.</param>
    /// <param name="size">Side of their crops, pixels.</param>
    /// <param name="columns">Faces in a row.</param>
    /// <param name="rows">Rows of faces.</param>
    /// <param name="random">All draws come from it.</param>
    /// <param name="zoom">Whole number of pixels shown for one of the crop; points stay one dot of a pixel's size.</param>
    /// <exception cref="ArgumentException">No face is given.</exception>
    public static Image Draw(
        IReadOnlyList<(Image Picture, IReadOnlyList<Vector2> Landmarks, FaceCrop Crop)> faces,
        FaceVariation vary,
        int size,
        int columns,
        int rows,
        Random random,
        int zoom = 2)
    {
        ArgumentNullException.ThrowIfNull(faces);
        ArgumentNullException.ThrowIfNull(vary);
        ArgumentNullException.ThrowIfNull(random);
        if (faces.Count == 0)
            throw new ArgumentException("a contact sheet needs at least one face", nameof(faces));

        var side = size * zoom;
        var sheet = new Image(columns * side, rows * side);
        var crop = new Image(size, size);
        for (var n = 0; n < columns * rows; n++)
        {
            var (picture, landmarks, square) = faces[n % faces.Count];
            var points = new Vector2[landmarks.Count];
            vary(picture, landmarks, square, random, crop, points);
            var (left, top) = (n % columns * side, n / columns * side);
            Enlarge(crop, sheet, left, top, zoom);
            foreach (var p in points)
                Dot(sheet, left, top, side, (p + new Vector2(0.5f)) * zoom);
        }
        return sheet;
    }

    private static void Enlarge(Image crop, Image sheet, int left, int top, int zoom)
    {
        for (var y = 0; y < crop.Height * zoom; y++)
        {
            var source = crop.Row(y / zoom);
            var target = sheet.Row(top + y).Slice(left * Image.Channels, crop.Width * zoom * Image.Channels);
            for (var x = 0; x < crop.Width * zoom; x++)
                source.Slice(x / zoom * Image.Channels, Image.Channels).CopyTo(target[(x * Image.Channels)..]);
        }
    }

    /// <summary>A green dot with a black rim: seen on light and dark alike.</summary>
    private static void Dot(Image sheet, int left, int top, int side, Vector2 centre)
    {
        for (var dy = -2; dy <= 1; dy++)
        {
            for (var dx = -2; dx <= 1; dx++)
            {
                var (x, y) = ((int)MathF.Round(centre.X) + dx, (int)MathF.Round(centre.Y) + dy);
                if ((uint)x >= (uint)side || (uint)y >= (uint)side)
                    continue;
                var inside = dx is -1 or 0 && dy is -1 or 0;
                ReadOnlySpan<byte> colour = inside ? [64, 255, 64] : [0, 0, 0];
                colour.CopyTo(sheet.Row(top + y)[((left + x) * Image.Channels)..]);
            }
        }
    }
}
