using System.Collections.Immutable;
using System.Numerics;

namespace Mdfld;

/// <summary>A face as a detector found it.</summary>
/// <param name="Scheme">What the points mean.</param>
/// <param name="Points">The scheme's points in order, pixels of the picture; they may lie outside it.</param>
/// <param name="Crop">The square the network looked at last.</param>
public sealed record Landmarks(LandmarkScheme Scheme, ImmutableArray<Vector2> Points, FaceCrop Crop)
{
    /// <summary>The tight box of the points.</summary>
    public FaceBox Box => FaceBox.Around(Points.AsSpan());
}
