namespace Mdfld.Data;

/// <summary>Letters of 5 x 7 pixels, for captions: capitals, digits and a few signs; others become '?'.</summary>
internal static class PixelFont
{
    /// <summary>Rows of a letter.</summary>
    public const int Height = 7;

    /// <summary>Columns from one letter to the next.</summary>
    public const int Advance = 6;

    private const int Width = 5;
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.,/()+&':? ";

    /// <summary>
    /// Seven rows a letter, in the order of <see cref="Letters"/>; the highest of five bits is on the left.
    /// </summary>
    private static ReadOnlySpan<byte> Rows =>
    [
        14, 17, 17, 31, 17, 17, 17, 30, 17, 17, 30, 17, 17, 30, 14, 17, 16, 16, 16, 17, 14, 30, 17, 17, 17, 17, 17, 30,
        31, 16, 16, 30, 16, 16, 31, 31, 16, 16, 30, 16, 16, 16, 14, 17, 16, 23, 17, 17, 15, 17, 17, 17, 31, 17, 17, 17,
        14, 4, 4, 4, 4, 4, 14, 7, 2, 2, 2, 2, 18, 12, 17, 18, 20, 24, 20, 18, 17, 16, 16, 16, 16, 16, 16, 31,
        17, 27, 21, 21, 17, 17, 17, 17, 17, 25, 21, 19, 17, 17, 14, 17, 17, 17, 17, 17, 14, 30, 17, 17, 30, 16, 16, 16,
        14, 17, 17, 17, 21, 18, 13, 30, 17, 17, 30, 20, 18, 17, 15, 16, 16, 14, 1, 1, 30, 31, 4, 4, 4, 4, 4, 4,
        17, 17, 17, 17, 17, 17, 14, 17, 17, 17, 17, 17, 10, 4, 17, 17, 17, 21, 21, 27, 17, 17, 17, 10, 4, 10, 17, 17,
        17, 17, 10, 4, 4, 4, 4, 31, 1, 2, 4, 8, 16, 31,
        14, 17, 19, 21, 25, 17, 14, 4, 12, 4, 4, 4, 4, 14, 14, 17, 1, 2, 4, 8, 31, 31, 2, 4, 2, 1, 17, 14,
        2, 6, 10, 18, 31, 2, 2, 31, 16, 30, 1, 1, 17, 14, 6, 8, 16, 30, 17, 17, 14, 31, 1, 2, 4, 8, 8, 8,
        14, 17, 17, 14, 17, 17, 14, 14, 17, 17, 15, 1, 2, 12,
        0, 0, 0, 14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 31, 0, 0, 0, 0, 0, 12, 12, 0, 0, 0, 0, 12, 4, 8,
        1, 1, 2, 4, 8, 16, 16, 2, 4, 8, 8, 8, 4, 2, 8, 4, 2, 2, 2, 4, 8, 0, 4, 4, 31, 4, 4, 0,
        12, 18, 20, 8, 21, 18, 13, 4, 4, 8, 0, 0, 0, 0, 0, 12, 12, 0, 12, 12, 0, 14, 17, 1, 2, 4, 0, 4,
        0, 0, 0, 0, 0, 0, 0,
    ];

    /// <summary>
    /// Writes a line; what does not fit between <paramref name="left"/> and the right edge is cut off.
    /// </summary>
    /// <param name="image">Drawn upon.</param>
    /// <param name="text">Small letters become capitals.</param>
    /// <param name="left">Column of the first letter's left edge.</param>
    /// <param name="top">
    /// Row of its upper edge; <see cref="Height"/> rows times <paramref name="zoom"/> are needed.
    /// </param>
    /// <param name="right">The first column that must not be touched.</param>
    /// <param name="zoom">Pixels for one of the letter's.</param>
    /// <param name="colour">R, G, B.</param>
    public static void Write(
        Picture image, string text, int left, int top, int right, int zoom, ReadOnlySpan<byte> colour)
    {
        for (var n = 0; n < text.Length; n++)
        {
            var place = Letters.IndexOf(char.ToUpperInvariant(text[n]));
            var rows = Rows.Slice((place < 0 ? Letters.IndexOf('?') : place) * Height, Height);
            for (var y = 0; y < Height * zoom; y++)
            {
                var row = image.Row(top + y);
                for (var x = 0; x < Width * zoom; x++)
                {
                    var column = left + (n * Advance * zoom) + x;
                    if (column < right && (rows[y / zoom] >> (Width - 1 - (x / zoom)) & 1) != 0)
                        colour.CopyTo(row[(column * Picture.Channels)..]);
                }
            }
        }
    }
}
