namespace Mdfld.Training.Augment;

/// <summary>What a variant of a face is besides its pixels and points.</summary>
[Flags]
public enum FaceChanges
{
    None = 0,

    /// <summary>Seen as in a mirror; the points have changed places.</summary>
    Mirrored = 1,

    /// <summary>No longer in its own medium: drawn over, or filtered.</summary>
    Restyled = 2,
}

/// <summary>Draws one variant of a face, as <see cref="Augmenter.Apply"/> and STAR's own augmentation do.</summary>
public delegate FaceChanges FaceVariation(
    Picture picture, IReadOnlyList<Vector2> landmarks, FaceCrop crop, Random random, Picture target,
    Span<Vector2> targetLandmarks);

/// <summary>
/// Domain randomisation: from one labelled photo endless faces of other shapes and media with exactly known landmarks.
/// Geometry first, in one resampling that moves the landmarks by the same map; then occlusion, drawing, style filters and
/// degradation.
/// </summary>
/// <remarks>Any number of threads may share one augmenter; the same draws give the same bytes.</remarks>
public sealed class Augmenter
{
    private readonly AugmentationOptions _options;
    private readonly LandmarkScheme _scheme;
    private readonly AugmentedGeometry _geometry;

    /// <param name="options">What is drawn and how strongly.</param>
    /// <param name="scheme">What the landmarks mean: which are swapped in a mirror, which are exaggerated.</param>
    /// <param name="size">Side of the crop in pixels, a multiple of 16.</param>
    /// <exception cref="ArgumentException">The size is no positive multiple of 16.</exception>
    public Augmenter(AugmentationOptions options, LandmarkScheme scheme, int size)
    {
        if (size <= 0 || size % 16 != 0)
            throw new ArgumentException($"a crop of {size} pixels is no positive multiple of 16", nameof(size));
        (_options, _scheme, Size) = (options, scheme, size);
        _geometry = new AugmentedGeometry(options, scheme, Exaggeration.For(scheme), size);
    }

    private enum PoorCopy
    {
        None,
        Nearest,
        Small,
        Compressed,
    }

    public int Size { get; }

    /// <summary>Draws one variant of a face.</summary>
    /// <param name="picture">The picture; a reduced one, with landmarks and crop, saves time.</param>
    /// <param name="landmarks">Points of the scheme, pixels of the picture.</param>
    /// <param name="crop">
    /// The tight square, side 200 x scale; <see cref="AugmentationOptions.CropFactor"/> is applied here.
    /// </param>
    /// <param name="random">All draws come from it.</param>
    /// <param name="target">Receives the crop, size x size.</param>
    /// <param name="targetLandmarks">Receives the points, pixels of the crop.</param>
    /// <exception cref="ArgumentException">
    /// Points or target have another number or size than this augmenter's.
    /// </exception>
    public FaceChanges Apply(
        Picture picture, IReadOnlyList<Vector2> landmarks, FaceCrop crop, Random random, Picture target,
        Span<Vector2> targetLandmarks)
    {
        if (landmarks.Count != _scheme.Count || targetLandmarks.Length != _scheme.Count)
            throw new ArgumentException(
                $"expected {_scheme.Count} landmarks, "
                + $"found {landmarks.Count} given and room for {targetLandmarks.Length}");
        if (target.Width != Size || target.Height != Size)
            throw new ArgumentException(
                $"expected a target of {Size} x {Size}, found {target.Width} x {target.Height}");

        if (_scheme.Count == 68 && Happens(random, _options.TurnProbability)
            && HeadTurn.Draw(random, picture, landmarks) is var (turned, points))
            (picture, landmarks, crop) = (turned, points, FaceBox.Around(points).ToCrop(1));
        var isPlain = random.Chance(_options.PlainProbability);
        var warp = _geometry.Draw(random, landmarks, crop, isPlain, targetLandmarks, out var isMirrored);
        var border = Happens(random, _options.BorderProbability) ? Border.Draw(random) : default;
        var poor = !isPlain && Happens(random, _options.PoorCopyProbability)
            ? (PoorCopy)random.Next(1, 4)
            : PoorCopy.None;
        var canvas = new FilterPicture(Size);
        warp.Sample(picture, border, poor == PoorCopy.Nearest, canvas);
        if (!isPlain && _scheme.Count == 68 && Happens(random, _options.UndrawnCheekProbability))
            UndrawnCheek.Draw(canvas, targetLandmarks, random);
        // What hides a face may be part of the artwork or lie upon it.
        var isOccludedFirst = random.Chance(0.5f);
        if (isOccludedFirst)
            Occlude(canvas, random);
        var isRestyled = !isPlain && Restyle(canvas, targetLandmarks, random);
        if (!isOccludedFirst)
            Occlude(canvas, random);
        if (Happens(random, _options.ToneProbability))
            Degradation.Tone(canvas, random, _options.ToneAmount * _options.Strength * (isPlain ? 0.5f : 1));
        if (!isPlain)
            Degrade(canvas, poor, random);
        canvas.CopyTo(target);
        return (isMirrored ? FaceChanges.Mirrored : 0) | (isRestyled ? FaceChanges.Restyled : 0);
    }

    private bool Restyle(FilterPicture canvas, Span<Vector2> landmarks, Random random)
    {
        if (Happens(random, _options.LightProbability))
            Degradation.Light(canvas, random);
        var isDrawn = Happens(random, _options.DrawingProbability);
        if (isDrawn)
        {
            var picture = new Picture(Size, Size);
            canvas.CopyTo(picture);
            LandmarkSketch.Draw(picture, landmarks, _scheme, random);
            canvas.CopyFrom(picture);
        }
        var isFiltered = Happens(random, _options.StyleFilterProbability);
        if (isFiltered)
            StyleFilters.ApplyRandom(canvas, random, _options.PostProcessingProbability);
        return isDrawn || isFiltered;
    }

    private void Degrade(FilterPicture canvas, PoorCopy poor, Random random)
    {
        if (Happens(random, _options.BlurProbability))
            Degradation.Blur(canvas, random, _options.BlurMaximum);
        if (poor == PoorCopy.Small)
            Degradation.LoseResolution(canvas, random);
        if (Happens(random, _options.NoiseProbability))
            Degradation.Noise(canvas, random, _options.NoiseMaximum);
        if (poor == PoorCopy.Compressed)
            Degradation.Compress(canvas, random);
    }

    private void Occlude(FilterPicture canvas, Random random)
    {
        var probability = _options.Strength * _options.OcclusionProbability;
        for (var n = 0; n < 3 && random.Chance(probability); n++, probability /= 2)
            Occlusion.Draw(canvas, random, _options.OcclusionMaximum);
    }

    private bool Happens(Random random, float probability) => random.Chance(_options.Strength * probability);
}
