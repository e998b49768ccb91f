using Microsoft.Win32.SafeHandles;
using System.Buffers.Binary;
using System.Text;

namespace Mdfld.Training.Weights;

/// <summary>
/// A file opened for reading at any offset, from any thread. Reads rather than a memory map: a file cut short while it
/// is mapped kills the process with SIGBUS, a read that comes up short is an exception.
/// </summary>
internal sealed class CheckpointFile : IDisposable
{
    private readonly SafeFileHandle _handle;

    public CheckpointFile(string path)
    {
        Path = path;
        _handle = File.OpenHandle(path);
        Length = RandomAccess.GetLength(_handle);
    }

    public string Path { get; }

    public long Length { get; }

    /// <summary>Fills <paramref name="destination"/> from <paramref name="offset"/> on.</summary>
    /// <exception cref="InvalidDataException">The file ends before.</exception>
    public void Read(long offset, Span<byte> destination)
    {
        if (offset < 0 || offset > Length - destination.Length)
            throw Bad($"it should hold {destination.Length} bytes at {offset}, but ends at {Length}: fetch it again");
        while (destination.Length > 0)
        {
            var count = RandomAccess.Read(_handle, destination, offset);
            if (count == 0)
                throw Bad($"it was cut short at byte {offset} while being read");
            destination = destination[count..];
            offset += count;
        }
    }

    /// <summary>Reads a part of the file whose length the caller has held against a limit of its own.</summary>
    public byte[] Read(long offset, int count)
    {
        if (count > Length)
            throw Bad($"it should hold {count} bytes at {offset}, but ends at {Length}: fetch it again");
        var bytes = new byte[count];
        Read(offset, bytes.AsSpan());
        return bytes;
    }

    /// <summary>An exception about this file's content.</summary>
    public InvalidDataException Bad(string what, Exception? inner = null) => new($"{Path}: {what}", inner);

    public void Dispose() => _handle.Dispose();
}

/// <summary>A range of an open file, read when it is asked for.</summary>
internal readonly record struct FileSlice(CheckpointFile File, long Start, long Length)
{
    public void Read(long offset, Span<byte> destination) => File.Read(Start + offset, destination);
}

/// <summary>
/// The entries of a zip file and where their bytes lie. torch stores entries uncompressed, so they are read in place,
/// at any offset, which System.IO.Compression does not offer; and what is never unpacked is no zip bomb.
/// </summary>
/// <remarks>PKWARE APPNOTE 6.3.10, sections 4.3.7 to 4.3.16, with the 64-bit extension.</remarks>
internal sealed class ZipDirectory
{
    private const int MaxDirectory = 256 << 20;
    private const int EndLength = 22;
    private const int LocatorLength = 20;
    private const int End64Length = 56;
    private const int EntryLength = 46;
    private const int LocalLength = 30;

    private readonly CheckpointFile _file;
    private readonly Dictionary<string, Entry> _entries = [];

    /// <exception cref="InvalidDataException">The directory is missing or broken.</exception>
    public ZipDirectory(CheckpointFile file)
    {
        _file = file;
        var (start, length) = Locate();
        if (length > MaxDirectory || start > (ulong)file.Length || length > (ulong)file.Length - start)
            throw file.Bad($"its zip directory claims {length} bytes at {start}: cut short or broken, fetch it again");
        ReadEntries(file.Read((long)start, (int)length));
    }

    public IReadOnlyCollection<string> Names => _entries.Keys;

    public static bool Recognises(ReadOnlySpan<byte> start) => start.StartsWith("PK\x3\x4"u8);

    /// <summary>The bytes of an entry.</summary>
    /// <exception cref="InvalidDataException">It is missing, compressed, or cut short.</exception>
    public FileSlice Open(string name)
    {
        if (!_entries.TryGetValue(name, out var entry))
            throw _file.Bad($"'{name}' is missing from the zip file");
        if (!entry.IsStored)
            throw _file.Bad(
                $"'{name}' is compressed or encrypted, which torch never does: unpack and store it with zip -0");
        Span<byte> local = stackalloc byte[LocalLength];
        _file.Read(entry.LocalHeader, local);
        if (!local.StartsWith("PK\x3\x4"u8))
            throw _file.Bad($"'{name}' is not where the zip directory says");
        var start = entry.LocalHeader + LocalLength + UInt16(local, 26) + UInt16(local, 28);
        return start <= _file.Length - entry.Length
            ? new(_file, start, entry.Length)
            : throw _file.Bad($"'{name}' reaches beyond the end: cut short or broken, fetch it again");
    }

    /// <summary>Start and length of the central directory, from the record at the end of the file.</summary>
    private (ulong Start, ulong Length) Locate()
    {
        var tailLength = (int)Math.Min(_file.Length, EndLength + ushort.MaxValue);
        var tail = _file.Read(_file.Length - tailLength, tailLength).AsSpan();
        var at = tail.LastIndexOf("PK\x5\x6"u8);
        if (at < 0 || tail.Length - at < EndLength)
            throw _file.Bad("its zip directory is missing: the file is cut short, fetch it again");
        var end = tail[at..];
        if (at < LocatorLength || !tail[(at - LocatorLength)..].StartsWith("PK\x6\x7"u8))
            return (UInt32(end, 16), UInt32(end, 12));
        var position = UInt64(tail[(at - LocatorLength)..], 8);
        if (position > long.MaxValue)
            throw _file.Bad("its zip directory lies nowhere");
        var end64 = _file.Read((long)position, End64Length);
        if (!end64.AsSpan().StartsWith("PK\x6\x6"u8))
            throw _file.Bad("its 64-bit zip directory is not where it should be");
        return (UInt64(end64, 48), UInt64(end64, 40));
    }

    private void ReadEntries(ReadOnlySpan<byte> rest)
    {
        var total = 0L;
        while (rest.Length > 0)
        {
            if (rest.Length < EntryLength || !rest.StartsWith("PK\x1\x2"u8))
                throw _file.Bad("its zip directory is broken");
            var (nameLength, extraLength) = (UInt16(rest, 28), UInt16(rest, 30));
            var entryLength = EntryLength + nameLength + extraLength + UInt16(rest, 32);
            if (rest.Length < entryLength)
                throw _file.Bad("its zip directory is cut short");
            var name = Encoding.UTF8.GetString(rest.Slice(EntryLength, nameLength));
            var entry = ReadEntry(rest[..EntryLength], name, rest.Slice(EntryLength + nameLength, extraLength));
            if (!_entries.TryAdd(name, entry))
                throw _file.Bad($"'{name}' occurs twice in the zip file");
            // Each length is at most the file's, so the sum of a few does not overflow before it is refused.
            total += entry.Length;
            if (total > _file.Length)
                throw _file.Bad("its zip entries overlap");
            rest = rest[entryLength..];
        }
    }

    private Entry ReadEntry(ReadOnlySpan<byte> header, string name, ReadOnlySpan<byte> extra)
    {
        // torch.jit.save compresses the code; what a checkpoint is read from is stored as it is.
        var isStored = UInt16(header, 10) == 0 && (UInt16(header, 8) & 1) == 0;
        ulong packed = UInt32(header, 20), length = UInt32(header, 24), offset = UInt32(header, 42);
        var wide = WideFields(extra);
        Widen(ref length, ref wide);
        Widen(ref packed, ref wide);
        Widen(ref offset, ref wide);
        if ((isStored && length != packed) || packed > (ulong)_file.Length || offset > (ulong)_file.Length)
            throw _file.Bad($"'{name}' claims {packed} bytes at {offset} of {_file.Length}: cut short or broken");
        return new((long)offset, (long)packed, isStored);
    }

    /// <summary>The 64-bit values that stand for those fields of an entry that are all ones.</summary>
    private static ReadOnlySpan<byte> WideFields(ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4)
        {
            var size = Math.Min((int)UInt16(extra, 2), extra.Length - 4);
            if (UInt16(extra, 0) == 1)
                return extra.Slice(4, size);
            extra = extra[(4 + size)..];
        }
        return [];
    }

    private void Widen(ref ulong field, ref ReadOnlySpan<byte> wide)
    {
        if (field != uint.MaxValue)
            return;
        if (wide.Length < 8)
            throw _file.Bad("its zip directory lacks a 64-bit length");
        field = UInt64(wide, 0);
        wide = wide[8..];
    }

    private static ushort UInt16(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint UInt32(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ulong UInt64(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);

    /// <param name="LocalHeader">Where its header lies.</param>
    /// <param name="Length">Its bytes in the file.</param>
    /// <param name="IsStored">Whether they are its content, neither compressed nor encrypted.</param>
    private readonly record struct Entry(long LocalHeader, long Length, bool IsStored);
}
