using System.Globalization;

namespace Mdfld;

public sealed partial class Picture
{
    /// <summary>Width x height that <c>Load</c> accepts unless told otherwise: 100 megapixels (300 MB).</summary>
    public const long DefaultMaxPixels = 100_000_000;

    /// <summary>
    /// Reads a JPEG, PNG or WebP file, recognised by its first bytes and not by its name. Grey, palette, CMYK and
    /// 16-bit pictures become 8-bit RGB; transparency is laid over white; the EXIF orientation is applied, so that
    /// rows run from the top as the picture is meant to be seen. Of an animated PNG the still picture is read.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="maxPixels">The largest width x height to accept; checked before anything is decoded.</param>
    /// <exception cref="InvalidDataException">
    /// Not such a picture, broken, cut off, an animated WebP, or too large; the message names the file.
    /// </exception>
    /// <exception cref="DllNotFoundException">The format's library is missing; the message names it.</exception>
    public static Picture Load(string path, long maxPixels = DefaultMaxPixels)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        return Load(file, Source(path, maxPixels));
    }

    /// <summary>Reads a picture from a stream's position to its end. See <see cref="Load(string, long)"/>.</summary>
    /// <param name="stream">Where to read; it need not seek, and is left open.</param>
    /// <param name="maxPixels">The largest width x height to accept; checked before anything is decoded.</param>
    /// <exception cref="InvalidDataException">Not a picture, broken, or too large.</exception>
    public static Picture Load(Stream stream, long maxPixels = DefaultMaxPixels)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Load(stream, Source((stream as FileStream)?.Name ?? "stream", maxPixels));
    }

    /// <summary>Reads a picture from memory. See <see cref="Load(string, long)"/>.</summary>
    /// <param name="encoded">The bytes of a JPEG, PNG or WebP file.</param>
    /// <param name="maxPixels">The largest width x height to accept; checked before anything is decoded.</param>
    /// <exception cref="InvalidDataException">Not a picture, broken, or too large.</exception>
    public static Picture Load(ReadOnlySpan<byte> encoded, long maxPixels = DefaultMaxPixels) =>
        PictureDecoder.Decode(encoded, Source($"picture of {encoded.Length} bytes", maxPixels));

    /// <summary>Writes a picture as its name ends: <c>.jpg</c>, <c>.jpeg</c> (quality 92) or <c>.png</c>.</summary>
    /// <remarks>A file of that name is replaced in one step: nobody ever sees half a picture.</remarks>
    /// <param name="path">The file.</param>
    /// <exception cref="ArgumentException">Another ending.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var encoded = Path.GetExtension(path).ToLower(CultureInfo.InvariantCulture) switch
        {
            ".jpg" or ".jpeg" => EncodeJpeg(),
            ".png" => EncodePng(),
            var other => throw new ArgumentException(
                $"{path}: cannot write '{other}' pictures, expected .jpg, .jpeg or .png", nameof(path)),
        };
        // A name of its own, made new: no link of that name is followed, no other writer is met.
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
                file.Write(encoded);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>The bytes of a PNG file: 8-bit RGB, without loss.</summary>
    public byte[] EncodePng() => PngCodec.Encode(this);

    /// <summary>The bytes of a JPEG file; colours at full resolution from quality 90 on, halved below.</summary>
    /// <param name="quality">1 to 100.</param>
    /// <exception cref="ArgumentOutOfRangeException">The quality is out of range.</exception>
    /// <exception cref="InvalidOperationException">A side exceeds JPEG's 65,500 pixels.</exception>
    public byte[] EncodeJpeg(int quality = 92)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        return JpegCodec.Encode(this, quality);
    }

    private static PictureSource Source(string name, long maxPixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxPixels, 1);
        return new PictureSource(name, maxPixels);
    }

    private static Picture Load(Stream stream, in PictureSource source)
    {
        // What is no picture is refused by its first bytes, however long it is.
        Span<byte> head = stackalloc byte[PictureDecoder.HeadLength];
        head = head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
        PictureDecoder.CheckFormat(head, source);
        if (!stream.CanSeek)
            return PictureDecoder.Decode(ReadUnknownLength(head, stream, source), source);

        var length = head.Length + Math.Max(0, stream.Length - stream.Position);
        if (length > source.MaxBytes)
            throw TooLong(source);
        // Buffers this large are not pooled: one picture would pin its size for the life of the process.
        var bytes = GC.AllocateUninitializedArray<byte>((int)length);
        head.CopyTo(bytes);
        var rest = bytes.AsSpan(head.Length);
        var read = head.Length + stream.ReadAtLeast(rest, rest.Length, throwOnEndOfStream: false);
        return PictureDecoder.Decode(bytes.AsSpan(0, read), source);
    }

    private static ReadOnlySpan<byte> ReadUnknownLength(
        ReadOnlySpan<byte> head, Stream stream, in PictureSource source)
    {
        var memory = new MemoryStream();
        memory.Write(head);
        var chunk = new byte[1 << 16];
        for (int read; (read = stream.Read(chunk)) > 0;)
        {
            if (memory.Length + read > source.MaxBytes)
                throw TooLong(source);
            memory.Write(chunk, 0, read);
        }

        return memory.GetBuffer().AsSpan(0, (int)memory.Length);
    }

    private static InvalidDataException TooLong(in PictureSource source) => source.Broken(
        source.MaxBytes == Array.MaxLength
            ? $"longer than {source.MaxBytes} bytes, the most that can be read at once"
            : $"longer than {source.MaxBytes} bytes, expected a picture of at most {source.MaxPixels} pixels; "
                + "raise maxPixels if you trust it");
}
