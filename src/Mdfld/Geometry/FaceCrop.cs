using System.Numerics;

namespace Mdfld;

/// <summary>
/// The square of a picture that a network looks at. In the metadata of STAR a face is (scale, centre) and its crop has
/// the side 200 x scale pixels.
/// </summary>
/// <param name="Centre">Middle of the square, pixels of the picture.</param>
/// <param name="Side">Side of the square, pixels of the picture.</param>
public readonly record struct FaceCrop(Vector2 Centre, float Side)
{
    /// <summary>Whether it is a square at all: of a side more than 0, all numbers finite.</summary>
    internal bool IsUsable =>
        Side > 0 && float.IsFinite(Side) && float.IsFinite(Centre.X) && float.IsFinite(Centre.Y);

    /// <summary>The square of STAR's metadata, grown by <paramref name="factor"/>.</summary>
    /// <param name="scale">Longest side of the tight landmark box / 200.</param>
    /// <param name="centre">Middle of the face, pixels.</param>
    /// <param name="factor">1 for STAR's networks; Mdfld's default model looks at 1.25.</param>
    public static FaceCrop FromScale(float scale, Vector2 centre, float factor) => new(centre, 200 * scale * factor);

    /// <summary>
    /// The map from the picture to a <paramref name="size"/> x <paramref name="size"/> crop:
    /// p' = s (p - centre) + (size - 1) / 2, s = size / side (STAR, align_corners true).
    /// </summary>
    /// <exception cref="InvalidOperationException">The square is empty or not finite.</exception>
    public Homography ToCrop(int size)
    {
        if (!IsUsable)
            throw new InvalidOperationException($"a crop of side {Side} around {Centre} is no crop");
        var s = size / (double)Side;
        var t = (size - 1) / 2.0;
        return Homography.Affine(s, 0, t - (s * Centre.X), 0, s, t - (s * Centre.Y));
    }
}
