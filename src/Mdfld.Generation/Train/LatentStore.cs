using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Mdfld.Generation;

/// <summary>The 68 points of a face, pixels, and the distribution of its latent, (C, h, w), not scaled.</summary>
internal sealed record StoredLatent(Vector2[] Landmarks, float[] Mean, float[] LogVariance)
{
    /// <summary>A sample of the distribution, as the UNet sees it.</summary>
    public float[] Sample(Random random, double scale)
    {
        var noise = random.Normal(Mean.Length);
        var latent = new float[Mean.Length];
        for (var i = 0; i < latent.Length; i++)
            latent[i] = (float)((Mean[i] + (Math.Exp(0.5 * LogVariance[i]) * noise[i])) * scale);
        return latent;
    }
}

/// <summary>The latents of every variant of every face, kept on disk.</summary>
internal sealed class LatentStore
{
    // Faces whose pictures are read ahead of the encoder.
    private const int AtOnce = 32;

    private readonly ContentCache _cache;
    private readonly FaceFraming _framing;
    private readonly int _variants;
    private readonly string _words;
    private readonly Dictionary<GeneratorFace, string> _keys = new(ReferenceEqualityComparer.Instance);

    /// <exception cref="InvalidDataException">Its reduction does not divide the size of the pictures.</exception>
    public LatentStore(ContentCache cache, FaceFraming framing, int variants, Autoencoder autoencoder)
    {
        (_cache, _framing, _variants) = (cache, framing, variants);
        var reduction = autoencoder.Config.Reduction;
        if (framing.Size % reduction != 0)
            throw new InvalidDataException(
                $"pictures of {framing.Size} x {framing.Size} cannot be reduced by {reduction}");
        var side = framing.Size / reduction;
        Shape = [autoencoder.Config.LatentChannels, side, side];
        _words = string.Create(
            CultureInfo.InvariantCulture,
            $"latents 1 {framing.Size} {framing.CropFactor} {framing.Jitter} {variants} "
            + $"{ContentCache.HashOf(autoencoder)}");
    }

    public long[] Shape { get; }

    private int Count => (int)(Shape[0] * Shape[1] * Shape[2]);

    private int Each => (2 * LandmarkScheme.Ibug68.Count) + (2 * Count);

    /// <summary>Encodes what is not there yet.</summary>
    /// <param name="faces">Their keys are remembered for <see cref="Read"/>.</param>
    /// <param name="autoencoder">The encoder given to the constructor.</param>
    /// <param name="share">The missing faces that this process encodes.</param>
    /// <param name="progress">Is told how many of how many are there.</param>
    public void Fill(
        IReadOnlyList<GeneratorFace> faces, Autoencoder autoencoder, Device device, (int Rank, int Size) share,
        Action<int, int> progress, CancellationToken stop)
    {
        GeneratorFace[] distinct = [.. faces.DistinctBy(f => (f.Picture, f.Index))];
        var done = 0;
        var keys = new Dictionary<(string, int), string>();
        foreach (var (face, key, variants) in distinct.Chunk(AtOnce)
            .SelectMany(some => ParallelMap.Select(some, Prepare, stop: stop)))
        {
            stop.ThrowIfCancellationRequested();
            if (variants is not null && done % share.Size == share.Rank)
                _cache.Put(key, Encode(variants, autoencoder, device));
            keys[(face.Picture, face.Index)] = key;
            progress(++done, distinct.Length);
        }
        foreach (var face in faces)
            _keys[face] = keys[(face.Picture, face.Index)];
    }

    private (GeneratorFace Face, string Key, FaceVariant[]? Missing) Prepare(GeneratorFace face)
    {
        var file = File.ReadAllBytes(face.Picture);
        var key = ContentCache.KeyOf(file, _words, LabelsOf(face));
        return (face, key, _cache.Has(key, (long)_variants * Each) ? null : Cut(face, file));
    }

    public StoredLatent Read(GeneratorFace face, int variant)
    {
        var numbers = _cache.Read(_keys[face], (long)variant * Each, Each);
        var landmarks = MemoryMarshal.Cast<float, Vector2>(numbers.AsSpan(..^(2 * Count)));
        return new([.. landmarks], numbers[^(2 * Count)..^Count], numbers[^Count..]);
    }

    private FaceVariant[] Cut(GeneratorFace face, byte[] file)
    {
        try
        {
            return _framing.CutAll(Picture.Load(file), face.Face, face.Index, _variants);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{face.Picture}: {e.Message}", e);
        }
    }

    private float[] Encode(FaceVariant[] variants, Autoencoder autoencoder, Device device)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var batch = PictureTensors.Stack([.. variants.Select(v => PicturePlanes.Of(v.Picture))]);
        var moments = autoencoder.Encode(batch.to(device));
        var means = moments.Mean.to(CPU).ToArray<float>();
        var logVariances = moments.LogVariance.to(CPU).ToArray<float>();
        return [.. variants.SelectMany((variant, v) => (float[])
        [
            .. MemoryMarshal.Cast<Vector2, float>(variant.Landmarks),
            .. means.AsSpan(v * Count, Count), .. logVariances.AsSpan(v * Count, Count),
        ])];
    }

    private static string LabelsOf(GeneratorFace face) => string.Create(
        CultureInfo.InvariantCulture,
        $"{face.Index} {face.Face.Scale} {face.Face.Centre} {string.Join(' ', face.Face.Landmarks)}");
}

/// <summary>
/// Numbers that cost much to compute, on disk, each file named by a hash of all that they follow from. Files are
/// written atomically; any number of processes may share a folder.
/// </summary>
internal sealed class ContentCache(string folder)
{
    public bool Has(string key, long count) =>
        new FileInfo(PathOf(key)) is { Exists: true } file && file.Length == count * sizeof(float);

    /// <summary>Keeps numbers.</summary>
    public void Put(string key, ReadOnlySpan<float> numbers)
    {
        var path = PathOf(key);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        AtomicFile.Write(path, MemoryMarshal.AsBytes(numbers).ToArray());
    }

    /// <summary>Reads some of the numbers.</summary>
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
