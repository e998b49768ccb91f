using System.Security.Cryptography;

namespace Mdfld.Cli;

/// <summary>Tells files apart by their content.</summary>
internal static class FileHash
{
    /// <summary>The SHA-256 of a file, lower case.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string Of(string file)
    {
        // A named pipe has no length; to open one may never end.
        if (new FileInfo(file) is { Exists: true, Length: 0 })
            return Convert.ToHexStringLower(SHA256.HashData([]));
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}

/// <summary>A picture's file that is hashed as it is read: what is noted of it is what was seen.</summary>
internal sealed class HashedPicture(string path) : PictureStream(path)
{
    // No picture is longer.
    private const int MostBytes = 1 << 30;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>The SHA-256 of what was read, lower case.</summary>
    public string Hash => Convert.ToHexStringLower(_hash.GetCurrentHash());

    /// <summary>All of it.</summary>
    /// <exception cref="InvalidDataException">It is too long to be a picture.</exception>
    public byte[] ReadToEnd()
    {
        if (CanSeek && Length > MostBytes)
            throw new InvalidDataException($"{Name}: {Length} bytes, expected a picture");
        using var bytes = new MemoryStream(CanSeek ? (int)Length : 0);
        var buffer = new byte[1 << 16];
        while (Read(buffer.AsSpan()) is > 0 and var count)
            bytes.Write(buffer, 0, count);
        return bytes.Length == bytes.Capacity ? bytes.GetBuffer() : bytes.ToArray();
    }

    public override int Read(Span<byte> buffer)
    {
        var count = base.Read(buffer);
        _hash.AppendData(buffer[..count]);
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        _hash.Dispose();
        base.Dispose(disposing);
    }
}
