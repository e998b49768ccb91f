namespace Mdfld;

/// <summary>How the stored rows and columns of a picture lie to the eye: EXIF's tag 0x0112, values 1 to 8.</summary>
/// <param name="Value">1 upright, 2 mirrored, 3 upside down, 6 to be turned right, 8 to be turned left, ...</param>
internal readonly record struct Orientation(int Value)
{
    // Pixels are moved in squares so that both pictures stay in the cache when rows become columns.
    private const int Tile = 64;

    public static Orientation Upright => new(1);

    /// <summary>The picture as it is to be seen; the same object when it already is.</summary>
    public Picture Apply(Picture stored)
    {
        if (Value is < 2 or > 8)
            return stored;

        var (width, height) = (stored.Width, stored.Height);
        var seen = Value < 5 ? new Picture(width, height) : new Picture(height, width);
        // The stored pixel of seen (x, y) is origin + x * stepX + y * stepY, counted in pixels.
        var last = (width * height) - 1;
        var (origin, stepX, stepY) = Value switch
        {
            2 => (width - 1, -1, width),
            3 => (last, -1, -width),
            4 => (last - width + 1, 1, -width),
            5 => (0, width, 1),
            6 => (last - width + 1, -width, 1),
            7 => (last, -width, -1),
            _ => (width - 1, width, -1),
        };
        for (var top = 0; top < seen.Height; top += Tile)
        {
            for (var left = 0; left < seen.Width; left += Tile)
                MoveTile(stored, seen, left, top, origin, stepX, stepY);
        }

        return seen;
    }

    private static void MoveTile(Picture stored, Picture seen, int left, int top, int origin, int stepX, int stepY)
    {
        ReadOnlySpan<byte> from = stored.Data;
        var right = Math.Min(left + Tile, seen.Width);
        for (var y = top; y < Math.Min(top + Tile, seen.Height); y++)
        {
            var row = seen.Row(y);
            for (var x = left; x < right; x++)
            {
                var pixel = origin + (x * stepX) + (y * stepY);
                from.Slice(pixel * Picture.Channels, Picture.Channels).CopyTo(row[(x * Picture.Channels)..]);
            }
        }
    }
}
