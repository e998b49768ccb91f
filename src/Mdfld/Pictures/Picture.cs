using SkiaSharp;

namespace Mdfld;

/// <summary>
/// A picture in memory: 8 bits a channel, three channels in the order R, G, B, rows from the top, no padding.
/// </summary>
/// <remarks>The value of channel c at column x, row y is <c>Data[(y * Width + x) * 3 + c]</c>.</remarks>
public sealed partial class Picture
{
    /// <summary>How the names of picture files end that <c>Load</c> reads; it goes by their content.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"];

    /// <summary>Channels of every picture: red, green, blue.</summary>
    public const int Channels = 3;

    // From here on an eye sees halved colours sooner than blocks.
    private const int FullColourQuality = 90;

    // libjpeg takes no more, and WebP has 14 bits.
    private const int LargestJpegSide = 65500;
    private const int LargestWebpSide = 16383;

    private byte[]? _data;

    // Where the pixels come from when they are first asked for; null once they are there.
    private volatile PictureFile? _file;

    private bool _isReleased;

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

    private Picture(PictureFile file) => (Width, Height, _file) = (file.Width, file.Height, file);

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The pixels, R, G, B, row by row.</summary>
    /// <exception cref="InvalidDataException">
    /// The picture was opened, not loaded, and turns out to be broken or cut off.
    /// </exception>
    public Span<byte> Data => _data ?? Decode();

    /// <summary>Row <paramref name="y"/>: <c>Width * 3</c> bytes.</summary>
    /// <inheritdoc cref="Data" path="/exception"/>
    public Span<byte> Row(int y) => Data.Slice(y * Width * Channels, Width * Channels);

    /// <summary>A copy that shares nothing with this picture.</summary>
    /// <inheritdoc cref="Data" path="/exception"/>
    public Picture Clone() => new(Width, Height, Data.ToArray());

    /// <summary>
    /// Writes a picture as its name ends: <c>.jpg</c>, <c>.jpeg</c> or <c>.webp</c> (quality 92), or <c>.png</c>.
    /// </summary>
    /// <remarks>A file of that name is replaced in one step (<see cref="AtomicFile"/>).</remarks>
    /// <param name="path">The file.</param>
    /// <exception cref="ArgumentException">Another ending.</exception>
    /// <exception cref="InvalidOperationException">A side exceeds the format's limit.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var encoded = Path.GetExtension(path).ToLower(CultureInfo.InvariantCulture) switch
        {
            ".jpg" or ".jpeg" => EncodeJpeg(),
            ".png" => EncodePng(),
            ".webp" => EncodeWebp(),
            var other => throw new ArgumentException(
                $"{path}: cannot write '{other}' pictures, expected .jpg, .jpeg, .png or .webp", nameof(path)),
        };
        AtomicFile.Write(path, encoded);
    }

    /// <summary>The bytes of a PNG file: 8-bit RGB, without loss.</summary>
    public byte[] EncodePng() => Encode(pixels => pixels.Encode(SKPngEncoderOptions.Default), "PNG", int.MaxValue);

    /// <summary>The bytes of a JPEG file; colours at full resolution from quality 90 on, halved below.</summary>
    /// <param name="quality">1 to 100.</param>
    /// <exception cref="ArgumentOutOfRangeException">The quality is out of range.</exception>
    /// <exception cref="InvalidOperationException">A side exceeds JPEG's 65,500 pixels.</exception>
    public byte[] EncodeJpeg(int quality = 92)
    {
        CheckQuality(quality);
        var options = new SKJpegEncoderOptions(
            quality,
            quality < FullColourQuality ? SKJpegEncoderDownsample.Downsample420 : SKJpegEncoderDownsample.Downsample444,
            SKJpegEncoderAlphaOption.Ignore);
        return Encode(pixels => pixels.Encode(options), "JPEG", LargestJpegSide);
    }

    /// <summary>The bytes of a WebP file, with loss.</summary>
    /// <param name="quality">1 to 100.</param>
    /// <exception cref="ArgumentOutOfRangeException">The quality is out of range.</exception>
    /// <exception cref="InvalidOperationException">A side exceeds WebP's 16,383 pixels.</exception>
    public byte[] EncodeWebp(int quality = 92)
    {
        CheckQuality(quality);
        var options = new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossy, quality);
        return Encode(pixels => pixels.Encode(options), "WebP", LargestWebpSide);
    }

    private static void CheckQuality(int quality)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
    }

    private byte[] Encode(Func<SKPixmap, SKData?> encode, string format, int largestSide)
    {
        if (Width > largestSide || Height > largestSide)
        {
            throw new InvalidOperationException(
                $"a {format} has at most {largestSide} pixels a side, this has {Width} x {Height}: save a PNG");
        }
        using var bitmap = ToBitmap();
        using var pixels = bitmap.PeekPixels();
        using var encoded = encode(pixels)
            ?? throw new InvalidOperationException($"a picture of {Width} x {Height} pixels cannot be a {format}");
        return encoded.ToArray();
    }

    /// <summary>A picture whose pixels are anything: all are to be written.</summary>
    internal static Picture Unwritten(int width, int height) =>
        new(width, height, GC.AllocateUninitializedArray<byte>(ByteCount(width, height)));

    /// <summary>
    /// Keeps the reduced pictures that warps decode until the file's <see cref="PictureFile.EndUse"/>, and has them
    /// counted among the memory in use; null where all pixels are there.
    /// </summary>
    internal PictureFile? BeginUse()
    {
        var file = _file;
        file?.BeginUse();
        return file;
    }

    /// <summary>Lets the pixels go; the size stays.</summary>
    internal void Release()
    {
        _isReleased = true;
        (_data, _file) = (null, null);
    }

    private byte[] Decode()
    {
        if (_isReleased)
            throw new InvalidOperationException("the pixels were let go when the picture was completed");
        // Pixels that were handed out may be changed: they are no longer the file's.
        if (_file is { } file)
        {
            Interlocked.CompareExchange(ref _data, file.Level(1).Picture._data, null);
            _file = null;
        }
        return _data!;
    }

    private static int ByteCount(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        var bytes = (long)width * height * Channels;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, Array.MaxLength, "width * height * 3");
        return (int)bytes;
    }
}
