using System.Buffers;
using System.Runtime.InteropServices;
using SkiaSharp;

namespace Mdfld;

/// <summary>
/// The decoder of one encoded picture, its header read. The bytes must stay where they are as long as it lives.
/// </summary>
internal readonly unsafe ref struct PictureCodec
{
    // Rows decoded at a time: as many as a JPEG's blocks of halved colours have.
    private const int StripRows = 16;

    // Even an empty scan costs a pass over all pixels. The largest picture allowed may have this many.
    private const int ScansOfLargest = 16;

    private readonly PictureSource _source;
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly PictureFormat _format;
    private readonly JpegSegments _jpeg;
    private readonly SKData _data;
    private readonly SKCodec _codec;

    /// <summary>Reads the header and checks the size.</summary>
    /// <exception cref="InvalidDataException">Not a picture, too large, or sure to be cut off.</exception>
    public PictureCodec(byte* bytes, int length, in PictureSource source)
    {
        _source = source;
        _bytes = new ReadOnlySpan<byte>(bytes, length);
        _format = PictureFormats.Of(_bytes, source);
        _data = SKData.Create((nint)bytes, length);
        _codec = SKCodec.Create(_data);
        try
        {
            if (_codec is null)
                throw source.Broken($"expected a {Name} with a sound header, found a broken or cut one");
            (Width, Height) = (_codec.Info.Width, _codec.Info.Height);
            source.CheckSize(Width, Height);
            if (_format == PictureFormat.Jpeg)
            {
                _jpeg = JpegSegments.Read(_bytes);
                CheckJpeg();
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Columns, as stored.</summary>
    public int Width { get; }

    /// <summary>Rows, as stored.</summary>
    public int Height { get; }

    /// <summary>How they are to be seen.</summary>
    public Orientation Orientation =>
        _format == PictureFormat.Png ? Exif.OfPng(_bytes) : new((int)_codec.EncodedOrigin);

    private string Name => PictureFormats.NameOf(_format);

    /// <summary>
    /// Columns and rows, as stored, of the reduced picture: a pixel is the mean of a square of so many pixels a side,
    /// of which the last ones may reach over the border.
    /// </summary>
    /// <param name="reduction">1, 2, 4 or 8.</param>
    public (int Width, int Height) SizeAt(int reduction) =>
        ((Width + reduction - 1) / reduction, (Height + reduction - 1) / reduction);

    /// <summary>
    /// Whether a reduced picture costs less than the full one: a JPEG's does; others' only save memory, which counts
    /// where the full picture takes more than there is.
    /// </summary>
    public bool IsReducible => _format == PictureFormat.Jpeg || PeakBytes(1) > MemoryBudget.Decoding.Capacity;

    /// <summary>
    /// Pixels of the reduced picture for one of the full picture, across and down: a decoder that reduces by itself
    /// lets the last pixel reach to the border, and no further.
    /// </summary>
    public (double X, double Y) ScaleAt(int reduction)
    {
        var (width, height) = SizeAt(reduction);
        return _format == PictureFormat.Webp
            ? ((double)width / Width, (double)height / Height) : (1.0 / reduction, 1.0 / reduction);
    }

    /// <summary>Memory that decoding takes at most, about, the picture that comes of it included.</summary>
    public long PeakBytes(int reduction)
    {
        var (width, height) = SizeAt(reduction);
        var (stored, decoded) = ((long)Width * Height, (long)width * height);
        var picture = decoded * Picture.Channels;
        return _format switch
        {
            PictureFormat.Jpeg => picture + _jpeg.CoefficientBytes + (width * 7L * StripRows),
            // All others are decoded to RGBA completely, WebP as small as it is wanted. What the decoder itself holds
            // is gone when that becomes the picture, but for an interlaced PNG, whose pixels are now and then held on to.
            PictureFormat.Webp => (decoded * 4) + Math.Max(picture, WebpBytes),
            PictureFormat.Png => (stored * 4) + picture + (IsInterlaced ? stored * PngBits / 8 : 0),
            PictureFormat.Gif => (stored * 4) + Math.Max(picture, stored * 5),
            _ => (stored * 4) + picture,
        };
    }

    /// <summary>
    /// What libwebp holds: all pixels without loss; with loss some rows, and an alpha channel that may be packed as
    /// pixels without loss are.
    /// </summary>
    private long WebpBytes => _bytes[12..].StartsWith("VP8 "u8) ? 128L * Width
        : (long)Width * Height * (_bytes[12..].StartsWith("VP8L"u8) ? 4 : 5);

    /// <summary>
    /// Searches for what the decoder passes over; to be called before the first <see cref="Decode"/>. Not found is what
    /// goes wrong in a progressive JPEG whose segments are sound.
    /// </summary>
    /// <exception cref="InvalidDataException">Pixels are missing or garbled.</exception>
    public void CheckPixels()
    {
        if (_format == PictureFormat.Jpeg && !JpegHuffman.IsComplete(_bytes))
            Check(SKCodecResult.IncompleteInput);
    }

    /// <summary>Decodes the picture, upright; what is transparent lies over white.</summary>
    /// <exception cref="InvalidDataException">It is broken or cut off.</exception>
    public Picture Decode(int reduction = 1)
    {
        using var srgb = SKColorSpace.CreateSrgb();
        var isOpaque = _codec.Info.AlphaType == SKAlphaType.Opaque;
        var info = new SKImageInfo(
            Width, Height, SKColorType.Rgba8888, isOpaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul, srgb);
        var (width, height) = SizeAt(reduction);
        return _format switch
        {
            PictureFormat.Jpeg => DecodeStrips(info.WithSize(width, height)),
            PictureFormat.Webp => DecodeAtOnce(info.WithSize(width, height), reduction: 1),
            _ => DecodeAtOnce(info, reduction),
        };
    }

    public void Dispose()
    {
        _codec?.Dispose();
        _data.Dispose();
    }

    private bool IsInterlaced => _bytes.Length > 28 && _bytes[28] != 0;

    // From IHDR: bits of a channel, and the kind of colour.
    private int PngBits => _bytes.Length <= 25 ? 64 : _bytes[24] * _bytes[25] switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };

    private void CheckJpeg()
    {
        if (!_jpeg.HasEnd)
        {
            throw _source.Broken(
                "expected an end-of-image marker (FF D9) after its pixels, found none: the file is cut");
        }
        if ((long)_jpeg.ScanCount * Width * Height > ScansOfLargest * _source.MaxPixels)
        {
            throw _source.Broken(
                $"expected about 10 scans of a progressive JPEG, found {_jpeg.ScanCount} of {Width} x {Height}");
        }
        if (_jpeg.LeastBytes > _bytes.Length)
        {
            throw _source.Broken(
                $"{Width} x {Height} pixels of a JPEG are at least {_jpeg.LeastBytes} bytes, "
                + $"found {_bytes.Length}: the file is cut");
        }
    }

    /// <summary>A few rows at a time: the picture is never in memory twice.</summary>
    private Picture DecodeStrips(SKImageInfo info)
    {
        Check(_codec.StartScanlineDecode(info, default(SKCodecOptions)));
        var rows = new RowSink(info.Width, info.Height, Orientation, isOpaque: true, reduction: 1);
        var strip = ArrayPool<byte>.Shared.Rent(info.RowBytes * StripRows);
        try
        {
            fixed (byte* pixels = strip)
            {
                for (var y = 0; y < info.Height; y += StripRows)
                {
                    var count = Math.Min(StripRows, info.Height - y);
                    if (_codec.GetScanlines((nint)pixels, count, info.RowBytes) < count)
                        Check(SKCodecResult.IncompleteInput);
                    rows.Add(strip.AsSpan(0, count * info.RowBytes), y);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(strip);
        }
        return rows.Picture;
    }

    /// <summary>
    /// Into native memory first, so that a broken picture leaves nothing large to the garbage collector.
    /// </summary>
    /// <param name="info">As the decoder is to give it.</param>
    /// <param name="reduction">What is left to reduce.</param>
    private Picture DecodeAtOnce(SKImageInfo info, int reduction)
    {
        var pixels = (byte*)NativeMemory.Alloc((nuint)info.BytesSize64);
        try
        {
            Check(_codec.GetPixels(info, (nint)pixels));
            var isOpaque = info.AlphaType == SKAlphaType.Opaque;
            var rows = new RowSink(info.Width, info.Height, Orientation, isOpaque, reduction);
            for (var y = 0; y < info.Height; y += StripRows)
            {
                var count = Math.Min(StripRows, info.Height - y);
                rows.Add(new ReadOnlySpan<byte>(pixels + ((long)y * info.RowBytes), count * info.RowBytes), y);
            }
            return rows.Picture;
        }
        finally
        {
            NativeMemory.Free(pixels);
        }
    }

    private void Check(SKCodecResult result)
    {
        if (result == SKCodecResult.Success)
            return;
        throw _source.Broken(result == SKCodecResult.IncompleteInput
            ? $"expected a complete {Name}, found an end or a fault before its last row: the file is cut or damaged"
            : $"expected a {Name} that can be decoded, found broken pixels");
    }
}
