namespace Mdfld;

/// <summary>A face of one frame of a video, known from those before.</summary>
/// <param name="Id">Its number, from 1 in the order of appearance; it stays the same while the face is followed.</param>
/// <param name="Raw">The points as they were detected in this frame alone.</param>
/// <param name="Smooth">
/// The points smoothed over frames. Their covariances are the detected ones': an error that stays does not become less.
/// </param>
public sealed record TrackedFace(int Id, Landmarks Raw, Landmarks Smooth)
{
    /// <summary>How the head is turned, of the smoothed points; null of points that are no face.</summary>
    public HeadPose? Pose { get; init; }

    /// <summary>What eyes and mouth do, from the face's neutral one where that is known.</summary>
    public FaceExpression? Expression { get; init; }
}
