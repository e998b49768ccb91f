using System.Text;

namespace Mdfld;

/// <summary>
/// The table that the app Live Link Face records, which Unreal and Faceit read: ARKit's 52 blend shapes and nine angles, in
/// its order. Columns that 68 points do not determine are 0; docs/video.md lists those that are measured.
/// </summary>
/// <remarks>
/// Order, radians and time as Faceit's importer takes them (mocap_importers.py, EpicMocapImporter): the last part of a
/// time code counts sixtieths of a second, the phone's rate, whatever the clip's. Signs of the angles: yaw to the subject's
/// left, pitch down, roll clockwise as the camera sees it, as viewers of VRM avatars apply them.
/// </remarks>
internal static class LiveLinkTable
{
    private const int Count = 61;
    private const int Rate = 60;

    private static readonly string[] Shapes =
    [
        "EyeBlinkLeft", "EyeLookDownLeft", "EyeLookInLeft", "EyeLookOutLeft", "EyeLookUpLeft", "EyeSquintLeft", "EyeWideLeft",
        "EyeBlinkRight", "EyeLookDownRight", "EyeLookInRight", "EyeLookOutRight", "EyeLookUpRight", "EyeSquintRight",
        "EyeWideRight", "JawForward", "JawRight", "JawLeft", "JawOpen", "MouthClose", "MouthFunnel", "MouthPucker",
        "MouthRight", "MouthLeft", "MouthSmileLeft", "MouthSmileRight", "MouthFrownLeft", "MouthFrownRight",
        "MouthDimpleLeft", "MouthDimpleRight", "MouthStretchLeft", "MouthStretchRight", "MouthRollLower", "MouthRollUpper",
        "MouthShrugLower", "MouthShrugUpper", "MouthPressLeft", "MouthPressRight", "MouthLowerDownLeft",
        "MouthLowerDownRight", "MouthUpperUpLeft", "MouthUpperUpRight", "BrowDownLeft", "BrowDownRight", "BrowInnerUp",
        "BrowOuterUpLeft", "BrowOuterUpRight", "CheekPuff", "CheekSquintLeft", "CheekSquintRight", "NoseSneerLeft",
        "NoseSneerRight", "TongueOut",
    ];

    public static void Write(TextWriter output, MotionClip clip)
    {
        output.Write($"Timecode,BlendShapeCount,{string.Join(',', Shapes)},HeadYaw,HeadPitch,HeadRoll,");
        output.Write("LeftEyeYaw,LeftEyePitch,LeftEyeRoll,RightEyeYaw,RightEyePitch,RightEyeRoll\n");
        foreach (var frame in clip.Frames)
        {
            var line = new StringBuilder();
            line.Append(Timecode(frame.Time)).Append(CultureInfo.InvariantCulture, $",{Count}");
            foreach (var shape in Shapes)
                line.Append(CultureInfo.InvariantCulture, $",{frame.Shape(char.ToLowerInvariant(shape[0]) + shape[1..]):0.0000}");
            var pose = frame.Face.Pose;
            foreach (var angle in (float[])[pose?.Yaw ?? 0, -(pose?.Pitch ?? 0), pose?.Roll ?? 0])
                line.Append(CultureInfo.InvariantCulture, $",{angle * MathF.PI / 180:0.0000}");
            output.Write(line.Append(",0,0,0,0,0,0\n"));
        }
    }

    /// <summary>Hours, minutes, seconds, sixtieths and their fraction.</summary>
    private static string Timecode(double time)
    {
        // What is written as 60.000 would be the next second.
        var whole = Math.Floor(time + (0.0005 / Rate));
        var frame = Math.Max(0, (time - whole) * Rate);
        return FormattableString.Invariant($"{(int)(whole / 3600):00}:{(int)(whole / 60) % 60:00}:{(int)whole % 60:00}:{frame:00.000}");
    }
}
