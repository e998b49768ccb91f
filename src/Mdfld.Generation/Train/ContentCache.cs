using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Mdfld.Training.Weights;

namespace Mdfld.Generation;

/// <summary>
/// Numbers that cost much to compute, on disk, each file named after all that they follow from: what changes gets
/// another name, what is there is right. Files appear whole; any number of processes may share a folder.
/// </summary>
/// <param name="folder">Made when something is kept.</param>
internal sealed class ContentCache(string folder)
{
    /// <summary>Whether numbers are there.</summary>
    /// <param name="key">See <see cref="KeyOf"/>.</param>
    /// <param name="count">How many they are.</param>
    public bool Has(string key, long count) =>
        new FileInfo(PathOf(key)) is { Exists: true } file && file.Length == count * sizeof(float);

    /// <summary>Keeps numbers.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void Put(string key, ReadOnlySpan<float> numbers)
    {
        var path = PathOf(key);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var bytes = MemoryMarshal.AsBytes(numbers).ToArray();
        AtomicFile.Write(path, bytes);
    }

    /// <summary>Reads some of the numbers.</summary>
    /// <param name="key">Of numbers that are there.</param>
    /// <param name="start">Number of the first.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="IOException">They are not there any more.</exception>
    public float[] Read(string key, long start, int count)
    {
        var numbers = new float[count];
        using var file = File.OpenHandle(PathOf(key));
        var bytes = MemoryMarshal.AsBytes(numbers.AsSpan());
        for (var done = 0; done < bytes.Length;)
        {
            var read = RandomAccess.Read(file, bytes[done..], (start * sizeof(float)) + done);
            done += read > 0 ? read : throw new EndOfStreamException($"{PathOf(key)}: cut short; delete it and resume");
        }
        return numbers;
    }

    /// <summary>The name of what follows from these bytes and words.</summary>
    public static string KeyOf(ReadOnlySpan<byte> content, params ReadOnlySpan<string> words)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(content);
        foreach (var word in words)
        {
            hash.AppendData([0]);
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(word));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The name of a network's weights.</summary>
    public static string HashOf(Module network)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, tensor) in network.StateDict())
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(name));
            var bytes = new byte[tensor.NumberOfElements * tensor.dtype.ByteSize];
            tensor.CopyTo(bytes);
            hash.AppendData(bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private string PathOf(string key) => Path.Combine(folder, key[..2], key);
}
