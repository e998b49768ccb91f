using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Mdfld.Generation;

/// <summary>
/// The 68 points of a face, pixels, and the distribution of its latent, (C, h, w), not scaled; without a variance the
/// mean is the latent.
/// </summary>
internal sealed record StoredLatent(Vector2[] Landmarks, float[] Mean, float[]? LogVariance)
{
    /// <summary>The mean latent of a photo that the picture can be painted from, not scaled; null for none.</summary>
    public float[]? Photo { get; init; }

    /// <summary>Whether the picture also shows a reflection of the face.</summary>
    public bool HasSecondFace { get; init; }

    /// <summary>What a detector sees in the picture; null where none was asked.</summary>
    public float[]? Features { get; init; }

    /// <summary>A sample of the distribution, as the UNet sees it.</summary>
    public float[] Sample(Random random, AutoencoderConfig config)
    {
        float[] latent = [.. Mean];
        if (LogVariance is not null)
        {
            var noise = random.Normal(Mean.Length);
            for (var i = 0; i < latent.Length; i++)
                latent[i] = (float)(Mean[i] + (Math.Exp(0.5 * LogVariance[i]) * noise[i]));
        }
        config.Scale(latent);
        return latent;
    }
}

/// <summary>The latents of every variant of every face, kept on disk.</summary>
internal sealed class LatentStore
{
    // What is known of a variant's photo, a number in the file.
    private const float NoPhoto = 0, HasPhoto = 1, SecondFace = 2;

    // Faces whose pictures are read ahead of the encoder.
    private const int AtOnce = 32;

    private readonly ContentCache _cache;
    private readonly FaceFraming _framing;
    private readonly int _variants;
    private readonly string _words;
    private readonly bool _hasVariance;
    private readonly bool _hasPhotos;
    private readonly CompactNetwork? _detector;
    private readonly Dictionary<GeneratorFace, string> _keys = new(ReferenceEqualityComparer.Instance);

    /// <param name="hasPhotos">Whether the faces' photos are kept as well.</param>
    /// <param name="detector">
    /// Its features of the pictures are kept as well; null for none. It computes in the autoencoder's type.
    /// </param>
    /// <exception cref="InvalidDataException">Its reduction does not divide the size of the pictures.</exception>
    public LatentStore(
        ContentCache cache, FaceFraming framing, int variants, Autoencoder autoencoder, bool hasPhotos = false,
        CompactNetwork? detector = null)
    {
        (_cache, _framing, _variants, _hasPhotos, _detector) = (cache, framing, variants, hasPhotos, detector);
        _hasVariance = autoencoder is AutoencoderKL;
        var reduction = autoencoder.Config.Reduction;
        if (framing.Size % reduction != 0)
            throw new InvalidDataException(
                $"pictures of {framing.Size} x {framing.Size} cannot be reduced by {reduction}");
        var side = framing.Size / reduction;
        Shape = [autoencoder.Config.LatentChannels, side, side];
        _words = string.Create(
            CultureInfo.InvariantCulture,
            $"latents 1 {framing.Size} {framing.CropFactor} {framing.Jitter} {variants} "
            + $"{ContentCache.HashOf(autoencoder)}{(hasPhotos ? " photos" : "")}");
        if (detector is null)
            return;
        _words += " " + ContentCache.HashOf(detector);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var one = PictureTensors.Stack([PicturePlanes.Of(new Picture(framing.Size, framing.Size))])
            .to(TypeOf(detector), detector.Parameters().First().Tensor.device);
        FeatureShape = detector.Features(one).shape[1..];
    }

    public long[] Shape { get; }

    /// <summary>Shape of the detector's features; null where there is no detector.</summary>
    public long[]? FeatureShape { get; }

    private int Count => (int)(Shape[0] * Shape[1] * Shape[2]);

    private int FeatureCount => FeatureShape is { } shape ? (int)(shape[0] * shape[1] * shape[2]) : 0;

    private int Each => (2 * LandmarkScheme.Ibug68.Count) + (_hasVariance ? 2 * Count : Count)
        + (_hasPhotos ? 1 + Count : 0) + FeatureCount;

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
        foreach (var (face, key, variants, photos) in distinct.Chunk(AtOnce)
            .SelectMany(some => ParallelMap.Select(some, Prepare, stop: stop)))
        {
            stop.ThrowIfCancellationRequested();
            if (variants is not null && done % share.Size == share.Rank)
                _cache.Put(key, Encode(variants, photos, autoencoder, device));
            keys[(face.Picture, face.Index)] = key;
            progress(++done, distinct.Length);
        }
        foreach (var face in faces)
            _keys[face] = keys[(face.Picture, face.Index)];
    }

    private (GeneratorFace Face, string Key, FaceVariant[]? Missing, FacePhoto[]? Photos) Prepare(GeneratorFace face)
    {
        using var stream = FileNames.Open(face.Picture);
        var file = new byte[stream.Length];
        stream.ReadExactly(file);
        var photo = _hasPhotos ? face.Photo : null;
        var key = photo is null ? ContentCache.KeyOf(file, _words, LabelsOf(face))
            : ContentCache.KeyOf(file, _words, LabelsOf(face), photo.Key);
        if (_cache.Has(key, (long)_variants * Each))
            return (face, key, null, null);
        var variants = Cut(face, file);
        return (face, key, variants, photo?.Of(face, _framing, variants));
    }

    public StoredLatent Read(GeneratorFace face, int variant)
    {
        var numbers = _cache.Read(_keys[face], (long)variant * Each, Each);
        var points = 2 * LandmarkScheme.Ibug68.Count;
        var landmarks = MemoryMarshal.Cast<float, Vector2>(numbers.AsSpan(..points));
        var latent = points + Count;
        var photo = latent + (_hasVariance ? Count : 0);
        return new([.. landmarks], numbers[points..latent], _hasVariance ? numbers[latent..photo] : null)
        {
            Photo = _hasPhotos && numbers[photo] != NoPhoto ? numbers[(photo + 1)..(photo + 1 + Count)] : null,
            HasSecondFace = _hasPhotos && numbers[photo] == SecondFace,
            Features = FeatureShape is null ? null : numbers[^FeatureCount..],
        };
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

    private float[] Encode(FaceVariant[] variants, FacePhoto[]? photos, Autoencoder autoencoder, Device device)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var batch = Batch(variants.Select(v => v.Picture));
        var moments = autoencoder.Encode(batch);
        var ofPhotos = photos is null ? null : Numbers(autoencoder.Encode(Batch(photos.Select(p => p.Photo))).Mean);
        var features = _detector is null ? null : Numbers(_detector.Features(batch));
        var means = Numbers(moments.Mean);
        var logVariances = moments.LogVariance is { } some ? Numbers(some) : null;
        return [.. variants.SelectMany((variant, v) => (float[])
        [
            .. MemoryMarshal.Cast<Vector2, float>(variant.Landmarks),
            .. means.AsSpan(v * Count, Count), .. logVariances is null ? [] : logVariances.AsSpan(v * Count, Count),
            .. !_hasPhotos ? [] : (float[])[StateOf(photos?[v])],
            .. !_hasPhotos ? [] : ofPhotos is null ? new float[Count] : ofPhotos.AsSpan(v * Count, Count),
            .. features is null ? [] : features.AsSpan(v * FeatureCount, FeatureCount),
        ])];

        Tensor Batch(IEnumerable<Picture> pictures) =>
            PictureTensors.Stack([.. pictures.Select(PicturePlanes.Of)]).to(TypeOf(autoencoder), device);

        static float[] Numbers(Tensor tensor) => tensor.to(ScalarType.Float32).to(CPU).ToArray<float>();
    }

    private static ScalarType TypeOf(Module network) => network.Parameters().First().Tensor.dtype;

    private static float StateOf(FacePhoto? photo) => photo is null ? NoPhoto : photo.HasSecondFace ? SecondFace : HasPhoto;

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
