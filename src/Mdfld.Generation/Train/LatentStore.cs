using System.Globalization;
using System.Numerics;
using Mdfld.Training;

namespace Mdfld.Generation;

/// <summary>A face as the UNet is to make it.</summary>
/// <param name="Landmarks">68 points, pixels of the picture.</param>
/// <param name="Mean">Mean of the latent's distribution, (C, h, w), not scaled.</param>
/// <param name="LogVariance">Its log-variance.</param>
internal sealed record StoredLatent(Vector2[] Landmarks, float[] Mean, float[] LogVariance)
{
    /// <summary>A sample of the distribution, as the UNet sees it.</summary>
    /// <param name="random">Draws the noise.</param>
    /// <param name="scale">The autoencoder's scaling factor.</param>
    public float[] Sample(Random random, double scale)
    {
        var noise = random.Normal(Mean.Length);
        var latent = new float[Mean.Length];
        for (var i = 0; i < latent.Length; i++)
            latent[i] = (float)((Mean[i] + (Math.Exp(0.5 * LogVariance[i]) * noise[i])) * scale);
        return latent;
    }
}

/// <summary>What the autoencoder makes of every variant of every face, kept on disk.</summary>
internal sealed class LatentStore
{
    // Pictures that are decoded ahead of the encoder.
    private const int AtOnce = 32;

    private readonly ContentCache _cache;
    private readonly FaceFraming _framing;
    private readonly int _variants;
    private readonly string _words;
    private readonly Dictionary<GeneratorFace, string> _keys = new(ReferenceEqualityComparer.Instance);

    /// <param name="cache">Where it is kept.</param>
    /// <param name="framing">How faces are cut out.</param>
    /// <param name="variants">Variants of each face.</param>
    /// <param name="autoencoder">The encoder.</param>
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

    /// <summary>(C, h, w) of a latent.</summary>
    public long[] Shape { get; }

    private int Count => (int)(Shape[0] * Shape[1] * Shape[2]);

    private int Each => (2 * LandmarkScheme.Ibug68.Count) + (2 * Count);

    /// <summary>Encodes what is not there yet.</summary>
    /// <param name="faces">Their keys are remembered for <see cref="Read"/>.</param>
    /// <param name="autoencoder">The encoder given to the constructor.</param>
    /// <param name="device">Where it is.</param>
    /// <param name="share">Which of the missing faces this process encodes.</param>
    /// <param name="progress">Is told how many of how many are there.</param>
    /// <param name="stop">Stops between two faces.</param>
    /// <exception cref="OperationCanceledException">It was told to stop.</exception>
    public void Fill(
        IReadOnlyList<GeneratorFace> faces, Autoencoder autoencoder, Device device, (int Rank, int Size) share,
        Action<int, int> progress, CancellationToken stop)
    {
        GeneratorFace[] distinct = [.. faces.DistinctBy(f => (f.Picture, f.Index))];
        var done = 0;
        var keys = new Dictionary<(string, int), string>();
        var prepared = distinct.Chunk(AtOnce).SelectMany(
            some => ParallelMap.Select(some, Prepare, stop: stop));
        foreach (var (face, key, variants) in prepared)
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

    /// <summary>A variant of a face.</summary>
    public StoredLatent Read(GeneratorFace face, int variant)
    {
        var numbers = _cache.Read(_keys[face], (long)variant * Each, Each);
        var landmarks = new Vector2[LandmarkScheme.Ibug68.Count];
        for (var i = 0; i < landmarks.Length; i++)
            landmarks[i] = new(numbers[2 * i], numbers[(2 * i) + 1]);
        var mean = numbers.AsSpan(2 * landmarks.Length, Count).ToArray();
        return new(landmarks, mean, numbers[^Count..]);
    }

    private FaceVariant[] Cut(GeneratorFace face, byte[] file)
    {
        Picture picture;
        try
        {
            picture = Picture.Load(file);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{face.Picture}: {e.Message}", e);
        }
        return _framing.CutAll(picture, face.Face, face.Index, _variants);
    }

    private float[] Encode(FaceVariant[] variants, Autoencoder autoencoder, Device device)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var pictures = variants.Select(v => PicturePlanes.Of(v.Picture)).ToArray();
        var batch = Tensor.From<float>([.. pictures.SelectMany(p => p.Data)], [variants.Length, .. pictures[0].Shape]);
        var moments = autoencoder.Encode(batch.to(device));
        var means = moments.Mean.to(CPU).ToArray<float>();
        var logVariances = moments.LogVariance.to(CPU).ToArray<float>();
        return
        [
            .. Enumerable.Range(0, variants.Length).SelectMany(v => variants[v].Landmarks
                .SelectMany(p => new[] { p.X, p.Y })
                .Concat(means[(v * Count)..((v + 1) * Count)])
                .Concat(logVariances[(v * Count)..((v + 1) * Count)])),
        ];
    }

    private static string LabelsOf(GeneratorFace face) => string.Create(
        CultureInfo.InvariantCulture,
        $"{face.Index} {face.Face.Scale} {face.Face.Centre} {string.Join(' ', face.Face.Landmarks)}");
}
