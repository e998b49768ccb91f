using System.Numerics;

namespace Mdfld.Training.Augmentation;

/// <summary>Makes a training crop, with its landmarks, from a labelled face. Any number of threads may share one.</summary>
public interface IFaceAugmentation
{
    /// <summary>Side of the crop, pixels.</summary>
    int Size { get; }

    /// <summary>Draws one variant of a face.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="landmarks">Points of the scheme, pixels of the picture.</param>
    /// <param name="crop">The tight square, side 200 x scale; what is cut out round it is the augmentation's business.</param>
    /// <param name="random">All draws come from it: the same draws give the same bytes.</param>
    /// <param name="target">Receives the crop, size x size.</param>
    /// <param name="targetLandmarks">Receives the points, pixels of the crop.</param>
    /// <exception cref="ArgumentException">Points or target have another number or size than expected.</exception>
    void Apply(
        Image picture,
        IReadOnlyList<Vector2> landmarks,
        FaceCrop crop,
        Random random,
        Image target,
        Span<Vector2> targetLandmarks);
}
