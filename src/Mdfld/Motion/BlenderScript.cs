namespace Mdfld;

/// <summary>
/// A Python script that, run in Blender, makes an empty for each landmark and one for the head, with keyframes. A unit is
/// 100 pixels of the frame, whose middle is the origin; x right, z up, and the viewer looks along y. The head turns
/// about z, then x, then y, as <see cref="HeadPose"/> does; Blender turns by the right hand.
/// </summary>
internal static class BlenderScript
{
    private const float PixelsOfUnit = 100;

    public static void Write(TextWriter output, MotionClip clip)
    {
        output.Write(string.Create(CultureInfo.InvariantCulture, $$"""
            # Made by mdfld track. In Blender: Scripting > Open > Run.
            import bpy
            from math import radians

            NAME = "mdfld face {{(clip.Frames.Count > 0 ? clip.Frames[0].Face.Id : 0)}}"
            FPS = {{clip.Rate:0.###}}

            # A line a frame: its number; yaw, pitch and roll in degrees; x, z of the head; then x, z of each landmark.
            FRAMES = [

            """).ReplaceLineEndings("\n"));
        foreach (var frame in clip.Frames)
        {
            var pose = frame.Face.Pose;
            var head = pose?.Position ?? frame.Face.Smooth.Box.Centre;
            float[] values =
            [
                pose?.Yaw ?? 0, pose?.Pitch ?? 0, pose?.Roll ?? 0,
                .. Placed(head), .. frame.Face.Smooth.Points.SelectMany(Placed),
            ];
            var numbers = values.Select(v => v.ToString("0.####", CultureInfo.InvariantCulture));
            output.Write($"    ({frame.Number}, {string.Join(", ", numbers)}),\n");
        }
        output.Write("""
            ]


            def empty(name, kind, size):
                made = bpy.data.objects.new(name, None)
                made.empty_display_type = kind
                made.empty_display_size = size
                bpy.context.scene.collection.objects.link(made)
                return made


            scene = bpy.context.scene
            scene.render.fps = max(1, round(FPS))
            scene.render.fps_base = max(1, round(FPS)) / FPS
            head = empty(NAME, "ARROWS", 0.5)
            head.rotation_mode = "ZXY"
            points = [empty(f"{NAME} {i:02d}", "SPHERE", 0.02) for i in range((len(FRAMES[0]) - 6) // 2 if FRAMES else 0)]
            for number, yaw, pitch, roll, x, z, *rest in FRAMES:
                head.location = (x, 0.0, z)
                head.rotation_euler = (radians(-pitch), radians(roll), radians(yaw))
                head.keyframe_insert("location", frame=number)
                head.keyframe_insert("rotation_euler", frame=number)
                for i, point in enumerate(points):
                    point.location = (rest[2 * i], 0.0, rest[2 * i + 1])
                    point.keyframe_insert("location", frame=number)

            """.ReplaceLineEndings("\n"));

        float[] Placed(Vector2 p) =>
            [(p.X - ((clip.Width - 1) / 2f)) / PixelsOfUnit, -(p.Y - ((clip.Height - 1) / 2f)) / PixelsOfUnit];
    }
}
