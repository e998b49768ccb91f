using System.Collections.Concurrent;
using System.Numerics;

namespace Mdfld.Training.Augmentation;

/// <summary>
/// Domain randomisation: from one labelled photo endless faces of other shapes and other media whose landmarks are
/// exactly known. Geometry first, in one resampling that moves the landmarks by the same map; then looks and damage,
/// which leave every outline where it is.
/// </summary>
/// <remarks>Any number of threads may share one augmenter; the same draws give the same bytes.</remarks>
public sealed class Augmenter
{
    private readonly AugmentationOptions _options;
    private readonly LandmarkScheme _scheme;
    private readonly int _size;
    private readonly ConcurrentBag<AugmentationWorkspace> _idle = [];

    /// <param name="options">What is drawn and how strongly.</param>
    /// <param name="scheme">What the landmarks mean: which change places in a mirror, which are exaggerated.</param>
    /// <param name="size">Side of the crop in pixels, a multiple of 16.</param>
    /// <exception cref="ArgumentException">The size is no positive multiple of 16.</exception>
    public Augmenter(AugmentationOptions options, LandmarkScheme scheme, int size)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(scheme);
        if (size <= 0 || size % 16 != 0)
            throw new ArgumentException($"a crop of {size} pixels is no positive multiple of 16", nameof(size));
        (_options, _scheme, _size) = (options, scheme, size);
    }

    /// <summary>Side of the crop, pixels.</summary>
    public int Size => _size;

    /// <summary>Draws one variant of a face.</summary>
    /// <param name="picture">
    /// The picture; one reduced beforehand saves time (with landmarks and crop scaled along).
    /// </param>
    /// <param name="landmarks">Points of the scheme, pixels of the picture.</param>
    /// <param name="crop">
    /// The tight square, side 200 x scale; <see cref="AugmentationOptions.CropFactor"/> is applied here.
    /// </param>
    /// <param name="random">All draws come from it.</param>
    /// <param name="target">Receives the crop, size x size.</param>
    /// <param name="targetLandmarks">Receives the points, pixels of the crop.</param>
    /// <returns>Whether the face is still in its own medium, neither drawn over nor given a look.</returns>
    /// <exception cref="ArgumentException">
    /// Points or target have another number or size than this augmenter's.
    /// </exception>
    public bool Apply(
        Picture picture,
        IReadOnlyList<Vector2> landmarks,
        FaceCrop crop,
        Random random,
        Picture target,
        Span<Vector2> targetLandmarks)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(landmarks);
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(target);
        if (landmarks.Count != _scheme.Count || targetLandmarks.Length != _scheme.Count)
        {
            throw new ArgumentException(
                $"expected {_scheme.Count} landmarks, "
                + $"found {landmarks.Count} given and room for {targetLandmarks.Length}");
        }

        if (target.Width != _size || target.Height != _size)
            throw new ArgumentException(
                $"expected a target of {_size} x {_size}, found {target.Width} x {target.Height}");
        if (!_idle.TryTake(out var workspace))
            workspace = new AugmentationWorkspace(_options, _scheme, _size);
        try
        {
            return workspace.Apply(picture, landmarks, crop, random, target, targetLandmarks);
        }
        finally
        {
            _idle.Add(workspace);
        }
    }
}
