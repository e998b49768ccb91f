namespace Mdfld;

/// <summary>
/// A picture in memory: 8 bits a channel, three channels in the order R, G, B, rows from the top, no padding.
/// </summary>
/// <remarks>The value of channel c at column x, row y is <c>Data[(y * Width + x) * 3 + c]</c>.</remarks>
public sealed partial class Picture
{
    /// <summary>Channels of every picture: red, green, blue.</summary>
    public const int Channels = 3;

    private readonly byte[] _data;

    /// <summary>Makes a black picture.</summary>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is less than 1, or the picture exceeds 2 GiB.</exception>
    public Picture(int width, int height)
        : this(width, height, new byte[ByteCount(width, height)])
    {
    }

    /// <summary>Wraps pixels without copying them.</summary>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="data">R, G, B bytes, <c>width * height * 3</c> of them.</param>
    /// <exception cref="ArgumentException">The number of bytes does not fit the size.</exception>
    public Picture(int width, int height, byte[] data)
    {
        var expected = ByteCount(width, height);
        ArgumentNullException.ThrowIfNull(data);
        if (data.Length != expected)
            throw new ArgumentException(
                $"a {width} x {height} picture has {expected} bytes, not {data.Length}", nameof(data));
        (Width, Height, _data) = (width, height, data);
    }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The pixels, R, G, B, row by row.</summary>
    public Span<byte> Data => _data;

    /// <summary>Row <paramref name="y"/>: <c>Width * 3</c> bytes.</summary>
    public Span<byte> Row(int y) => _data.AsSpan(y * Width * Channels, Width * Channels);

    /// <summary>A copy that shares nothing with this picture.</summary>
    public Picture Clone() => new(Width, Height, (byte[])_data.Clone());

    private static int ByteCount(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        var bytes = (long)width * height * Channels;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, Array.MaxLength, "width * height * 3");
        return (int)bytes;
    }
}
