namespace Mdfld;

/// <summary>
/// Keyframes as After Effects takes them from the clipboard: a layer that follows the head (position, scale, rotation),
/// and a point control for each landmark. Text with tabs; pixels of the frame.
/// </summary>
/// <remarks>
/// As After Effects copies keyframes: effects and their properties by match name and number, as tools that export corner pins
/// write them; rotation clockwise, y down.
/// </remarks>
internal static class AfterEffectsKeys
{
    public static void Write(TextWriter output, MotionClip clip)
    {
        var text = new Lines(output);
        text.Add("Adobe After Effects 8.0 Keyframe Data");
        text.Add("");
        text.Add($"\tUnits Per Second\t{clip.Rate:0.###}");
        text.Add($"\tSource Width\t{clip.Width}");
        text.Add($"\tSource Height\t{clip.Height}");
        text.Add("\tSource Pixel Aspect Ratio\t1");
        text.Add("\tComp Pixel Aspect Ratio\t1");
        text.Add("");
        MotionFrame[] posed = [.. clip.Frames.Where(f => f.Face.Pose is not null)];
        if (posed.Length > 0)
        {
            var scale = posed[0].Face.Pose!.Scale;
            Track("Transform\tPosition", "X pixels\tY pixels\tZ pixels", posed,
                f => FormattableString.Invariant($"{f.Face.Pose!.Position.X + 0.5f:0.###}\t{f.Face.Pose.Position.Y + 0.5f:0.###}\t0"));
            Track("Transform\tScale", "X percent\tY percent\tZ percent", posed, f =>
            {
                var percent = 100 * f.Face.Pose!.Scale / scale;
                return FormattableString.Invariant($"{percent:0.###}\t{percent:0.###}\t100");
            });
            Track("Transform\tRotation", "degrees", posed, f => FormattableString.Invariant($"{f.Face.Pose!.Roll:0.###}"));
        }
        for (var i = 0; clip.Frames.Count > 0 && i < clip.Frames[0].Face.Smooth.Points.Length; i++)
        {
            var point = i;
            Track($"Effects\tADBE Point Control #{i + 1}\tADBE Point Control-0001", "X pixels\tY pixels", clip.Frames, f =>
            {
                // After Effects counts from a pixel's corner.
                var p = f.Face.Smooth.Points[point];
                return FormattableString.Invariant($"{p.X + 0.5f:0.###}\t{p.Y + 0.5f:0.###}");
            });
        }
        text.Add("");
        text.Add("End of Keyframe Data");

        void Track(string name, string units, IEnumerable<MotionFrame> frames, Func<MotionFrame, string> value)
        {
            text.Add(name);
            text.Add($"\tFrame\t{units}\t");
            foreach (var frame in frames)
                text.Add($"\t{frame.Number}\t{value(frame)}\t");
            text.Add("");
        }
    }

    private readonly struct Lines(TextWriter output)
    {
        // The format ends lines so on all systems.
        public void Add(FormattableString line) => output.Write(line.ToString(CultureInfo.InvariantCulture) + "\r\n");

        public void Add(string line) => output.Write(line + "\r\n");
    }
}
