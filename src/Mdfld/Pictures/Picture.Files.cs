namespace Mdfld;

public sealed partial class Picture
{
    /// <summary>Width x height that <c>Load</c> accepts by default: 100 megapixels (300 MB).</summary>
    public const long DefaultMaxPixels = 100_000_000;

    /// <summary>
    /// Reads a JPEG, PNG, WebP, GIF or BMP file, recognised by its first bytes and not by its name. Grey, palette, CMYK
    /// and 16-bit pictures become 8-bit RGB; colours of an ICC profile become sRGB's; transparency is laid over white;
    /// the EXIF orientation is applied, so that rows run from the top as the picture is meant to be seen. Of an
    /// animation the first frame is read, of an animated PNG the still picture.
    /// </summary>
    /// <remarks>
    /// All decoding in a process shares a budget of 512 MB: a call that would exceed it waits for the others. A picture
    /// that needs more is decoded while no other is.
    /// </remarks>
    /// <param name="path">The file.</param>
    /// <param name="maxPixels">The largest width x height to accept; checked before anything is decoded.</param>
    /// <exception cref="InvalidDataException">
    /// Not such a picture, broken, cut off, or too large; the message names the file.
    /// </exception>
    public static Picture Load(string path, long maxPixels = DefaultMaxPixels)
    {
        using var file = OpenFile(path, FileOptions.None);
        var source = Source(path, maxPixels);
        return Load(Read(file, source).Span, source);
    }

    /// <summary>Reads a picture from a stream's position to its end. See <see cref="Load(string, long)"/>.</summary>
    /// <param name="stream">Where to read; it need not seek, and is left open.</param>
    /// <param name="maxPixels">The largest width x height to accept.</param>
    /// <inheritdoc cref="Load(string, long)" path="/exception"/>
    public static Picture Load(Stream stream, long maxPixels = DefaultMaxPixels)
    {
        var source = Source(stream, maxPixels);
        return Load(Read(stream, source).Span, source);
    }

    /// <summary>Reads a picture from memory. See <see cref="Load(string, long)"/>.</summary>
    /// <param name="encoded">The bytes of a file.</param>
    /// <param name="maxPixels">The largest width x height to accept.</param>
    /// <inheritdoc cref="Load(string, long)" path="/exception"/>
    public static Picture Load(ReadOnlySpan<byte> encoded, long maxPixels = DefaultMaxPixels) =>
        Load(encoded, $"picture of {encoded.Length} bytes", maxPixels);

    /// <summary>Reads a picture from memory. See <see cref="Load(string, long)"/>.</summary>
    /// <param name="encoded">The bytes of a file.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="maxPixels">The largest width x height to accept.</param>
    /// <inheritdoc cref="Load(string, long)" path="/exception"/>
    public static Picture Load(ReadOnlySpan<byte> encoded, string name, long maxPixels) =>
        Load(encoded, Source(name, maxPixels));

    /// <summary>
    /// Reads a picture file without blocking while it is read; decoding it is work for a processor. See
    /// <see cref="Load(string, long)"/>.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="maxPixels">The largest width x height to accept.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <inheritdoc cref="Load(string, long)" path="/exception"/>
    /// <exception cref="OperationCanceledException">It was told to stop.</exception>
    public static async Task<Picture> LoadAsync(
        string path, long maxPixels = DefaultMaxPixels, CancellationToken stop = default)
    {
        await using var file = OpenFile(path, FileOptions.Asynchronous);
        return await LoadAsync(file, Source(path, maxPixels), stop).ConfigureAwait(false);
    }

    /// <summary>
    /// Reads a picture from a stream's position to its end, the body of a request for instance: nothing is read
    /// synchronously. See <see cref="Load(string, long)"/>.
    /// </summary>
    /// <param name="stream">Where to read; it need not seek, and is left open.</param>
    /// <param name="maxPixels">The largest width x height to accept.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <inheritdoc cref="LoadAsync(string, long, CancellationToken)" path="/exception"/>
    public static Task<Picture> LoadAsync(
        Stream stream, long maxPixels = DefaultMaxPixels, CancellationToken stop = default) =>
        LoadAsync(stream, Source(stream, maxPixels), stop);

    /// <summary>
    /// Reads a picture's file and its size, and decodes the pixels when they are first asked for. A detector has it
    /// decoded no larger than it needs, which is much faster for a large JPEG: its faces are still in pixels of the
    /// full picture. Formats and limits are those of <see cref="Load(string, long)"/>.
    /// </summary>
    /// <param name="path">The file; it is read at once.</param>
    /// <param name="maxPixels">The largest width x height to accept.</param>
    /// <exception cref="InvalidDataException">
    /// Not a picture, too large, or sure to be cut off. Broken pixels are found when they are decoded.
    /// </exception>
    public static Picture Open(string path, long maxPixels = DefaultMaxPixels)
    {
        using var file = OpenFile(path, FileOptions.None);
        return Open(file, Source(path, maxPixels));
    }

    /// <summary>Reads a picture's stream to its end, and its size. See <see cref="Open(string, long)"/>.</summary>
    /// <inheritdoc cref="Load(Stream, long)" path="/param"/>
    /// <inheritdoc cref="Open(string, long)" path="/exception"/>
    public static Picture Open(Stream stream, long maxPixels = DefaultMaxPixels) =>
        Open(stream, Source(stream, maxPixels));

    private static Picture Open(Stream stream, PictureSource source) =>
        new(new PictureFile(Read(stream, source), source));

    private static FileStream OpenFile(string path, FileOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        // A named pipe has no length either, and to open one that nobody writes to would wait for ever. What a shell
        // names /dev/fd/63 is written to.
        var isOfShell = path.StartsWith("/dev/", StringComparison.Ordinal);
        if (!isOfShell && new FileInfo(path) is { Exists: true, Length: 0 })
            PictureFormats.Of([], Source(path, DefaultMaxPixels));
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, options);
    }

    private static PictureSource Source(Stream stream, long maxPixels)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Source((stream as FileStream)?.Name ?? "stream", maxPixels);
    }

    private static PictureSource Source(string name, long maxPixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxPixels, 1);
        return new PictureSource(name, maxPixels);
    }

    private static unsafe Picture Load(ReadOnlySpan<byte> encoded, in PictureSource source)
    {
        fixed (byte* bytes = encoded)
        {
            using var codec = new PictureCodec(bytes, encoded.Length, source);
            codec.CheckPixels();
            using var lease = MemoryBudget.Decoding.Take(codec.PeakBytes(1));
            return codec.Decode();
        }
    }

    private static async Task<Picture> LoadAsync(Stream stream, PictureSource source, CancellationToken stop)
    {
        var buffer = new EncodedBuffer(stream, source);
        while (buffer.Room is { IsEmpty: false } room)
            buffer.Advance(await stream.ReadAsync(room, stop).ConfigureAwait(false));
        var file = new PictureFile(buffer.Bytes, source);
        using var lease = await MemoryBudget.Decoding.TakeAsync(file.PeakBytes, stop).ConfigureAwait(false);
        return file.Decode();
    }

    private static ReadOnlyMemory<byte> Read(Stream stream, PictureSource source)
    {
        var buffer = new EncodedBuffer(stream, source);
        while (buffer.Room is { IsEmpty: false } room)
            buffer.Advance(stream.Read(room.Span));
        return buffer.Bytes;
    }
}
