namespace Mdfld;

/// <summary>What a decoder must know of the file beside its bytes.</summary>
/// <param name="Name">How errors call it: the path, or what the caller passed.</param>
/// <param name="MaxPixels">The largest width x height to decode.</param>
internal readonly record struct PictureSource(string Name, long MaxPixels)
{
    // The widest pixel on the way to a Picture is 4 bytes, in one array.
    private static readonly long MostPixelsInAnArray = Array.MaxLength / 4;

    /// <summary>
    /// The most bytes a picture within the limit can sensibly have: 16-bit RGBA, not compressed at all, and 16 MiB of
    /// metadata; never more than an array holds.
    /// </summary>
    public long MaxBytes =>
        Math.Min((8 * Math.Min(MaxPixels, MostPixelsInAnArray)) + (16 << 20), Array.MaxLength);

    public InvalidDataException Broken(string found) => new($"{Name}: {found}");

    /// <summary>To be called before anything is allocated or decoded.</summary>
    /// <exception cref="InvalidDataException">The picture is empty or too large.</exception>
    public void CheckSize(long width, long height)
    {
        if (width < 1 || height < 1)
            throw Broken($"the file claims {width} x {height} pixels, expected at least 1 x 1");
        if (width > int.MaxValue || height > int.MaxValue || width * height > Math.Min(MaxPixels, MostPixelsInAnArray))
        {
            throw Broken(
                $"the file claims {width} x {height} pixels, expected at most {MaxPixels}; "
                + "raise maxPixels if you trust it");
        }
    }
}

internal enum PictureFormat { Jpeg, Png, Webp, Gif, Bmp }

/// <summary>Recognises the format of a picture by its first bytes.</summary>
internal static class PictureFormats
{
    /// <summary>Bytes by which the formats differ.</summary>
    public const int HeadLength = 12;

    /// <summary>Recognises a file's first <see cref="HeadLength"/> bytes, or all there are.</summary>
    /// <exception cref="InvalidDataException">No format starts like this.</exception>
    public static PictureFormat Of(ReadOnlySpan<byte> data, in PictureSource source) => data switch
    {
        [0xFF, 0xD8, 0xFF, ..] => PictureFormat.Jpeg,
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => PictureFormat.Png,
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _,
            (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => PictureFormat.Webp,
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', (byte)'7' or (byte)'9', (byte)'a', ..] => PictureFormat.Gif,
        // Two reserved zeros after the file's length: many a text starts with the two letters.
        [(byte)'B', (byte)'M', _, _, _, _, 0, 0, 0, 0, ..] => PictureFormat.Bmp,
        _ => throw source.Broken($"expected a JPEG, PNG, WebP, GIF or BMP picture, found {Describe(data)}"),
    };

    public static string NameOf(PictureFormat format) =>
        format == PictureFormat.Webp ? "WebP" : format.ToString().ToUpperInvariant();

    private static string Describe(ReadOnlySpan<byte> data)
    {
        var format = data switch
        {
            [] => "an empty file or a pipe",
            [(byte)'I', (byte)'I', 42, 0, ..] or [(byte)'M', (byte)'M', 0, 42, ..] => "a TIFF",
            [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', ..] => "an AVIF, HEIF or MP4 file",
            [(byte)'<', ..] => "a text file (HTML, XML or SVG)",
            _ => "something else",
        };
        var start = Convert.ToHexString(data[..Math.Min(8, data.Length)]);
        return data.IsEmpty ? format : $"{format} that starts with {start}";
    }
}

/// <summary>
/// Takes the bytes of a stream up to its end or to the most that a picture can have; what is no picture is refused by
/// its first bytes, however long it is.
/// </summary>
internal sealed class EncodedBuffer
{
    private readonly PictureSource _source;
    private readonly bool _isLengthKnown;
    private byte[] _bytes;
    private int _count;
    private bool _isAtEnd;

    public EncodedBuffer(Stream stream, PictureSource source)
    {
        _source = source;
        _isLengthKnown = stream.CanSeek;
        _bytes = new byte[PictureFormats.HeadLength];
        Length = _isLengthKnown ? Math.Max(0, stream.Length - stream.Position) : 0;
    }

    private long Length { get; }

    /// <summary>Where the next bytes are to be read to; empty when there is nothing more to read.</summary>
    /// <exception cref="InvalidDataException">No picture starts like this, or it is too long.</exception>
    public Memory<byte> Room
    {
        get
        {
            if (_isAtEnd)
                return default;
            if (_count == _bytes.Length)
                Grow();
            return _bytes.AsMemory(_count);
        }
    }

    /// <summary>What was read.</summary>
    /// <exception cref="InvalidDataException">No picture starts like this.</exception>
    public ReadOnlyMemory<byte> Bytes
    {
        get
        {
            if (_count < PictureFormats.HeadLength)
                PictureFormats.Of(_bytes.AsSpan(0, _count), _source);
            return _bytes.AsMemory(0, _count);
        }
    }

    /// <summary>So many bytes were read; 0 at the end.</summary>
    public void Advance(int read)
    {
        _count += read;
        _isAtEnd = read == 0 || (_isLengthKnown && _count >= Length);
    }

    private void Grow()
    {
        if (_count == PictureFormats.HeadLength)
            PictureFormats.Of(_bytes, _source);
        if (_count >= _source.MaxBytes || Length > _source.MaxBytes)
            throw TooLong();
        // Buffers this large are not pooled: one picture would pin its size for the life of the process.
        var length = _isLengthKnown ? Length : Math.Min(Math.Max(1 << 16, 2L * _count), _source.MaxBytes);
        MemoryBudget.Decoding.TakeFile(length - _count);
        var bytes = GC.AllocateUninitializedArray<byte>((int)length);
        _bytes.AsSpan(0, _count).CopyTo(bytes);
        _bytes = bytes;
    }

    private InvalidDataException TooLong() => _source.Broken(
        _source.MaxBytes == Array.MaxLength
            ? $"longer than {_source.MaxBytes} bytes, the most that can be read at once"
            : $"longer than {_source.MaxBytes} bytes, expected a picture of at most {_source.MaxPixels} pixels; "
                + "raise maxPixels if you trust it");
}
