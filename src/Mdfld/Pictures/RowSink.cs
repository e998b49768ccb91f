using System.Buffers;

namespace Mdfld;

/// <summary>Takes decoded rows to the picture that is to be seen: reduced, turned, and on white.</summary>
/// <param name="width">Columns, as stored.</param>
/// <param name="height">Rows, as stored.</param>
/// <param name="orientation">How they are to be seen.</param>
/// <param name="isOpaque">Whether alpha is 255 everywhere.</param>
/// <param name="reduction">A pixel of the picture is the mean of a square of so many pixels a side.</param>
internal readonly ref struct RowSink(int width, int height, Orientation orientation, bool isOpaque, int reduction)
{
    private readonly int _columns = (width + reduction - 1) / reduction;
    private readonly int _rows = (height + reduction - 1) / reduction;

    /// <summary>The picture, whole when all rows were added.</summary>
    public Picture Picture { get; } = orientation.IsTurned
        ? Mdfld.Picture.Unwritten((height + reduction - 1) / reduction, (width + reduction - 1) / reduction)
        : Mdfld.Picture.Unwritten((width + reduction - 1) / reduction, (height + reduction - 1) / reduction);

    /// <param name="rgba">Whole rows; but for the last, as many as the reduction or a multiple of it.</param>
    /// <param name="top">The first one's number, as stored.</param>
    public void Add(ReadOnlySpan<byte> rgba, int top)
    {
        var bytes = rgba.Length / 4 * Picture.Channels;
        if (orientation.IsUpright && reduction == 1)
        {
            Pack(rgba, Picture.Data.Slice(top * width * Picture.Channels, bytes));
            return;
        }
        var buffer = ArrayPool<byte>.Shared.Rent(bytes);
        var rgb = buffer.AsSpan(0, bytes);
        Pack(rgba, rgb);
        if (reduction > 1)
            rgb = Reduce(rgb);
        orientation.Place(rgb, top / reduction, _columns, _rows, Picture);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private void Pack(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        if (isOpaque)
            PixelRows.DropFourth(rgba, rgb);
        else
            PixelRows.ToRgb(rgba, PixelLayout.Rgba, rgb);
    }

    /// <summary>The means of squares, in place: each is written where all of it was read.</summary>
    private Span<byte> Reduce(Span<byte> rgb)
    {
        var stride = width * Picture.Channels;
        var count = rgb.Length / stride;
        var written = 0;
        for (var y = 0; y < count; y += reduction)
        {
            var down = Math.Min(reduction, count - y);
            for (var x = 0; x < width; x += reduction)
            {
                var across = Math.Min(reduction, width - x);
                int red = 0, green = 0, blue = 0;
                for (var row = y; row < y + down; row++)
                {
                    var square = rgb.Slice((row * stride) + (x * Picture.Channels), across * Picture.Channels);
                    for (var i = 0; i < square.Length; i += Picture.Channels)
                    {
                        red += square[i];
                        green += square[i + 1];
                        blue += square[i + 2];
                    }
                }
                var area = across * down;
                rgb[written++] = (byte)((red + (area / 2)) / area);
                rgb[written++] = (byte)((green + (area / 2)) / area);
                rgb[written++] = (byte)((blue + (area / 2)) / area);
            }
        }
        return rgb[..written];
    }
}
