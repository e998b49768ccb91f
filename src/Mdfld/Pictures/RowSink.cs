using System.Buffers;

namespace Mdfld;

/// <summary>Collects decoded rows in a picture: reduced, upright, and on white.</summary>
/// <param name="width">Columns, as stored.</param>
/// <param name="height">Rows, as stored.</param>
/// <param name="orientation">How they are to be seen.</param>
/// <param name="isOpaque">Whether alpha is 255 everywhere.</param>
/// <param name="reduction">A pixel of the picture is the mean of a square of so many pixels a side.</param>
internal readonly ref struct RowSink(int width, int height, Orientation orientation, bool isOpaque, int reduction)
{
    private readonly int _columns = (width + reduction - 1) / reduction;
    private readonly int _rows = (height + reduction - 1) / reduction;

    /// <summary>The picture, complete when all rows were added.</summary>
    public Picture Picture { get; } = orientation.IsTurned
        ? Mdfld.Picture.Unwritten((height + reduction - 1) / reduction, (width + reduction - 1) / reduction)
        : Mdfld.Picture.Unwritten((width + reduction - 1) / reduction, (height + reduction - 1) / reduction);

    /// <param name="rgba">Full rows; but for the last, as many as the reduction or a multiple of it.</param>
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
        orientation.Copy(rgb, top / reduction, _columns, _rows, Picture);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private void Pack(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        if (isOpaque)
            PixelRows.DropFourth(rgba, rgb);
        else
            PixelRows.ToRgb(rgba, PixelLayout.Rgba, rgb);
    }

    /// <summary>The means of squares, in place: each is written after all of it was read.</summary>
    private Span<byte> Reduce(Span<byte> rgb)
    {
        var (stride, written) = (width * Picture.Channels, 0);
        Span<ushort> sums = new ushort[stride];
        for (var start = 0; start < rgb.Length; start += reduction * stride, written += _columns * Picture.Channels)
        {
            var rows = rgb[start..Math.Min(rgb.Length, start + (reduction * stride))];
            var means = rgb.Slice(written, _columns * Picture.Channels);
            BoxReduction.Means(rows, stride, 0, reduction, sums, means, black: false);
        }
        return rgb[..written];
    }
}
