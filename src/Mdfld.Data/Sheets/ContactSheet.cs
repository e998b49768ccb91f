using System.Numerics;

namespace Mdfld.Data;

/// <summary>Square pictures of faces with their points, side by side, for the eye: is the label right?</summary>
public sealed class ContactSheet
{
    private const int CaptionMargin = 3;

    private readonly int _columns;
    private readonly int _side;
    private readonly int _caption;

    /// <param name="columns">Faces in a row.</param>
    /// <param name="rows">Rows of faces.</param>
    /// <param name="side">Side of a face, pixels.</param>
    /// <param name="hasCaptions">Whether there is room for a line of text under each.</param>
    public ContactSheet(int columns, int rows, int side, bool hasCaptions = false)
    {
        (_columns, _side) = (columns, side);
        _caption = hasCaptions ? (2 * CaptionMargin) + (PixelFont.Height * CaptionZoom("")) : 0;
        Picture = new Picture(columns * side, rows * (side + _caption));
    }

    /// <summary>The sheet; black where nothing was placed.</summary>
    public Picture Picture { get; }

    /// <summary>Puts a face into the cell <paramref name="n"/>, counted row by row.</summary>
    /// <param name="n">The cell.</param>
    /// <param name="face">Square, its side <paramref name="zoom"/> times in that of the cell.</param>
    /// <param name="points">In its pixels; each becomes a dot of the same size.</param>
    /// <param name="zoom">Pixels shown for one of the face.</param>
    /// <param name="caption">Written under it where the sheet has captions.</param>
    public void Place(int n, Picture face, ReadOnlySpan<Vector2> points, int zoom = 1, string? caption = null)
    {
        var (left, top) = (n % _columns * _side, n / _columns * (_side + _caption));
        for (var y = 0; y < face.Height * zoom; y++)
        {
            var source = face.Row(y / zoom);
            var target = Picture.Row(top + y).Slice(left * Picture.Channels, face.Width * zoom * Picture.Channels);
            for (var x = 0; x < face.Width * zoom; x++)
                source.Slice(x / zoom * Picture.Channels, Picture.Channels).CopyTo(target[(x * Picture.Channels)..]);
        }
        foreach (var p in points)
            Dot(left, top, (p + new Vector2(0.5f)) * zoom);
        if (caption is not null && _caption > 0)
        {
            PixelFont.Write(
                Picture, caption, left + CaptionMargin, top + _side + CaptionMargin, left + _side, CaptionZoom(caption),
                [235, 235, 235]);
        }
    }

    /// <summary>Twice the size where that fits.</summary>
    private int CaptionZoom(string text) => 2 * text.Length * PixelFont.Advance <= _side - CaptionMargin ? 2 : 1;

    /// <summary>A green dot with a black rim: seen on light and dark alike.</summary>
    private void Dot(int left, int top, Vector2 centre)
    {
        for (var dy = -2; dy <= 1; dy++)
        {
            for (var dx = -2; dx <= 1; dx++)
            {
                // Points far outside would overflow.
                var (px, py) = (MathF.Round(centre.X) + dx, MathF.Round(centre.Y) + dy);
                if (!(px >= 0 && py >= 0 && px < _side && py < _side))
                    continue;
                var inside = dx is -1 or 0 && dy is -1 or 0;
                ReadOnlySpan<byte> colour = inside ? [64, 255, 64] : [0, 0, 0];
                colour.CopyTo(Picture.Row(top + (int)py)[((left + (int)px) * Picture.Channels)..]);
            }
        }
    }
}
