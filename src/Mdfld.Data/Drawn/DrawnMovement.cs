using System.Numerics;

namespace Mdfld.Data;

/// <summary>Pose, eyes, mouth and gaze of a drawn face in one frame; the same seed with another movement is the same face.</summary>
/// <param name="Yaw">Degrees from -55 to 55, positive to the right of the picture.</param>
/// <param name="Pitch">Degrees, positive up.</param>
/// <param name="Roll">Degrees, positive clockwise.</param>
/// <param name="Eyes">1 open as drawn, 0 shut; null as the seed has it.</param>
/// <param name="Mouth">0 shut, 1 as far open as the chin allows; null as the seed has it.</param>
/// <param name="Gaze">
/// Where the irises are: shares of an eye's width and height to the right of the picture and down from its middle; null as
/// the seed has it.
/// </param>
public sealed record DrawnMovement(
    float Yaw = 0, float Pitch = 0, float Roll = 0, float? Eyes = 1, float? Mouth = 0, Vector2? Gaze = null);
