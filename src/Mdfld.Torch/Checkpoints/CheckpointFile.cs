using Microsoft.Win32.SafeHandles;

namespace Mdfld.Torch.Checkpoints;

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
