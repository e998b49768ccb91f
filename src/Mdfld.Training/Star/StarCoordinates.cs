using System.Numerics;

namespace Mdfld.Training.Star;

/// <summary>
/// STAR's network units: [-1, 1] spans the crop from its left edge (-0.5 pixels) to its right edge (size - 0.5), that
/// is u = (2 p + 1) / size - 1.
/// </summary>
/// <remarks>
/// The network's soft-argmax puts -1 and 1 on the <i>centres</i> of the outer heat-map cells instead. Published
/// checkpoints were trained with the two rules as they are, so neither may be repaired.
/// </remarks>
public static class StarCoordinates
{
    /// <summary>The label of a landmark: network units, clamped to [-1, 1].</summary>
    /// <param name="pixel">Pixels of the crop.</param>
    /// <param name="size">Side of the crop in pixels.</param>
    public static Vector2 ToLabel(Vector2 pixel, int size) =>
        Vector2.Clamp((((2 * pixel) + Vector2.One) / size) - Vector2.One, -Vector2.One, Vector2.One);

    /// <summary>The pixel of the crop that a network answer means: ((u + 1) size - 1) / 2.</summary>
    /// <param name="units">Network units.</param>
    /// <param name="size">Side of the crop in pixels.</param>
    public static Vector2 ToPixel(Vector2 units, int size) => (((units + Vector2.One) * size) - Vector2.One) / 2;
}
