namespace Mdfld;

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

    /// <param name="stream">What will be read, from where it stands.</param>
    /// <param name="source">How errors call it, and its limit.</param>
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
