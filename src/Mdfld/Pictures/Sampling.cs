namespace Mdfld;

/// <summary>How a warp reads the source between its pixels.</summary>
public enum Sampling
{
    /// <summary>
    /// Four neighbours with weights in 1/32 of a pixel: byte for byte what OpenCV's <c>warpPerspective</c> gives with
    /// INTER_LINEAR and a black border. Aliases when it shrinks by more than 2.
    /// </summary>
    Bilinear,

    /// <summary>
    /// For shrinking: the source is first reduced by box means of 2 x 2, as often as the map shrinks by 2, and then
    /// sampled as <see cref="Bilinear"/>. The same as <see cref="Bilinear"/> where the map does not shrink that much.
    /// </summary>
    Antialiased,
}
