using System.Collections.Immutable;
using System.Numerics;

namespace Mdfld;

/// <summary>A face as a finder sees it, before its landmarks are known.</summary>
/// <param name="Box">About the tight box of its 68 landmarks, pixels of the picture; it may reach beyond it.</param>
/// <param name="Score">How sure the finder is, 0 to 1.</param>
/// <param name="Points">
/// Eye on the picture's left where the face is upright (the subject's right), the other eye, nose, mouth corner below
/// the first eye, the other one; pixels of the picture.
/// </param>
public sealed record FoundFace(FaceBox Box, float Score, ImmutableArray<Vector2> Points)
{
    /// <summary>How far the face is turned clockwise in the picture, radians: <see cref="FaceCrop.Roll"/>.</summary>
    public float Roll => FaceCrop.RollOf(Points.AsSpan());
}
