namespace Mdfld;

/// <summary>How the stored rows and columns of a picture lie to the eye: EXIF's tag 0x0112, values 1 to 8.</summary>
/// <param name="Value">1 upright, 2 mirrored, 3 upside down, 6 to be turned right, 8 to be turned left, ...</param>
internal readonly record struct Orientation(int Value)
{
    public bool IsUpright => Value is < 2 or > 8;

    /// <summary>Whether rows become columns.</summary>
    public bool IsTurned => Value is >= 5 and <= 8;

    /// <summary>Takes stored pixels to seen ones.</summary>
    /// <param name="width">Columns, as stored.</param>
    /// <param name="height">Rows, as stored.</param>
    public Homography ToSeen(int width, int height)
    {
        var (right, bottom) = (width - 1, height - 1);
        return Value switch
        {
            2 => Homography.Affine(-1, 0, right, 0, 1, 0),
            3 => Homography.Affine(-1, 0, right, 0, -1, bottom),
            4 => Homography.Affine(1, 0, 0, 0, -1, bottom),
            5 => Homography.Affine(0, 1, 0, 1, 0, 0),
            6 => Homography.Affine(0, -1, bottom, 1, 0, 0),
            7 => Homography.Affine(0, -1, bottom, -1, 0, right),
            8 => Homography.Affine(0, 1, 0, -1, 0, right),
            _ => Homography.Identity,
        };
    }

    /// <summary>Puts some stored rows where they are seen.</summary>
    /// <param name="rows">Whole rows, R, G, B.</param>
    /// <param name="top">The first one's number.</param>
    /// <param name="width">Columns, as stored.</param>
    /// <param name="height">Rows of the whole picture, as stored.</param>
    /// <param name="seen">The picture as it is to be seen.</param>
    public void Place(ReadOnlySpan<byte> rows, int top, int width, int height, Picture seen)
    {
        // Stored pixel (x, y) is number origin + x * stepX + y * stepY of the seen picture.
        var last = (width * height) - 1;
        var (origin, stepX, stepY) = Value switch
        {
            2 => (width - 1, -1, width),
            3 => (last, -1, -width),
            4 => (last - width + 1, 1, -width),
            5 => (0, height, 1),
            6 => (height - 1, height, -1),
            7 => (last, -height, -1),
            8 => (last - height + 1, -height, 1),
            _ => (0, 1, width),
        };
        var count = rows.Length / (width * Picture.Channels);
        var pixels = seen.Data;
        for (var x = 0; x < width; x++)
        {
            // A few rows at a time: where they become columns, these lie side by side.
            for (var y = 0; y < count; y++)
            {
                var from = rows.Slice(((y * width) + x) * Picture.Channels, Picture.Channels);
                var to = pixels.Slice(
                    (origin + (x * stepX) + ((top + y) * stepY)) * Picture.Channels, Picture.Channels);
                (to[0], to[1], to[2]) = (from[0], from[1], from[2]);
            }
        }
    }
}
