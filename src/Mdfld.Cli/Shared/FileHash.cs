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
