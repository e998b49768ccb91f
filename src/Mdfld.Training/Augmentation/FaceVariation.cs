using System.Numerics;

namespace Mdfld.Training.Augmentation;

/// <summary>Draws one variant of a face, as <see cref="Augmenter.Apply"/> and STAR's own augmentation do.</summary>
/// <param name="picture">The picture.</param>
/// <param name="landmarks">Points of the scheme, pixels of the picture.</param>
/// <param name="crop">The tight square, side 200 x scale.</param>
/// <param name="random">All draws come from it.</param>
/// <param name="target">Receives the crop.</param>
/// <param name="targetLandmarks">Receives the points, pixels of the crop.</param>
/// <returns>Whether the face is still in its own medium, neither drawn over nor given a look.</returns>
public delegate bool FaceVariation(
    Picture picture,
    IReadOnlyList<Vector2> landmarks,
    FaceCrop crop,
    Random random,
    Picture target,
    Span<Vector2> targetLandmarks);
