using System.Text;
using System.Text.Json;

namespace Mdfld;

/// <summary>
/// A motion of Live2D Cubism, .motion3.json, with its standard parameters: head angles, eyes, gaze, mouth, brows. A
/// parameter that was never measured has no curve. L is the character's left.
/// </summary>
/// <remarks>
/// Signs and ranges: Live2D's standard parameter list (angles to the right of the screen, up, leaning to the right; docs.live2d.com,
/// Cubism Editor manual). Layout and counts: motion3.json.md of github.com/Live2D/CubismSpecs; a curve's first point counts.
/// </remarks>
internal static class Live2DMotion
{
    private static readonly (string Id, Func<MotionFrame, float?> Value)[] Parameters =
    [
        ("ParamAngleX", f => Angle(f.Face.Pose?.Yaw)),
        ("ParamAngleY", f => Angle(f.Face.Pose?.Pitch)),
        ("ParamAngleZ", f => Angle(f.Face.Pose?.Roll)),
        ("ParamEyeLOpen", f => f.Has("eyeBlinkLeft") ? 1 - f.Shape("eyeBlinkLeft") : null),
        ("ParamEyeROpen", f => f.Has("eyeBlinkRight") ? 1 - f.Shape("eyeBlinkRight") : null),
        ("ParamEyeBallX", f => Look(f, "In", "Out")),
        ("ParamEyeBallY", f => Look(f, "Up", "Down")),
        ("ParamBrowLY", f => Brow(f, "Left")),
        ("ParamBrowRY", f => Brow(f, "Right")),
        ("ParamMouthForm", f => f.Has("mouthSmileLeft")
            ? (f.Shape("mouthSmileLeft") + f.Shape("mouthSmileRight") - f.Shape("mouthFrownLeft") - f.Shape("mouthFrownRight")) / 2
            : null),
        ("ParamMouthOpenY", f => f.Has("jawOpen") ? f.Shape("jawOpen") : null),
    ];

    public static void Write(TextWriter output, MotionClip clip)
    {
        var start = clip.Frames.Count > 0 ? clip.Frames[0].Time : 0;
        var curves = Parameters
            .Select(p => (p.Id, Points: clip.Frames.Select(f => (Time: f.Time - start, Value: p.Value(f)))
                .Where(v => v.Value is not null).ToArray()))
            .Where(c => c.Points.Length > 0).ToArray();
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteNumber("Version", 3);
            json.WriteStartObject("Meta");
            json.WriteNumber("Duration", Math.Round(clip.Frames.Count > 0 ? clip.Frames[^1].Time - start : 0, 4));
            json.WriteNumber("Fps", Math.Round(clip.Rate, 3));
            json.WriteBoolean("Loop", false);
            json.WriteBoolean("AreBeziersRestricted", true);
            json.WriteNumber("CurveCount", curves.Length);
            json.WriteNumber("TotalSegmentCount", curves.Sum(c => c.Points.Length - 1));
            json.WriteNumber("TotalPointCount", curves.Sum(c => c.Points.Length));
            json.WriteNumber("UserDataCount", 0);
            json.WriteNumber("TotalUserDataSize", 0);
            json.WriteEndObject();
            json.WriteStartArray("Curves");
            foreach (var (id, points) in curves)
                WriteCurve(json, id, points);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        output.Write(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length) + "\n");
    }

    /// <summary>The first point, and of each other one that the way to it is straight (0).</summary>
    private static void WriteCurve(Utf8JsonWriter json, string id, (double Time, float? Value)[] points)
    {
        json.WriteStartObject();
        json.WriteString("Target", "Parameter");
        json.WriteString("Id", id);
        json.WriteStartArray("Segments");
        foreach (var (i, (time, value)) in points.Index())
        {
            if (i > 0)
                json.WriteNumberValue(0);
            json.WriteNumberValue(Math.Round(time, 4));
            json.WriteNumberValue(Math.Round(value!.Value, 3));
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    // Live2D's angles go from -30 to 30.
    private static float? Angle(float? degrees) => degrees is { } d ? Math.Clamp(d, -30, 30) : null;

    /// <summary>The mean of the eyes that are seen: to the right of the screen, or up.</summary>
    private static float? Look(MotionFrame frame, string right, string left)
    {
        // The character's left eye is on the right of the screen: where it looks in, the right one looks out.
        float?[] eyes = [Of("Right", right, left), right == "In" ? Of("Left", left, right) : Of("Left", right, left)];
        return eyes.Average();

        float? Of(string side, string more, string less) => frame.Has($"eyeLook{more}{side}")
            ? frame.Shape($"eyeLook{more}{side}") - frame.Shape($"eyeLook{less}{side}") : null;
    }

    private static float? Brow(MotionFrame frame, string side) => frame.Has($"browDown{side}")
        ? frame.Shape($"browOuterUp{side}") - frame.Shape($"browDown{side}") : null;
}
