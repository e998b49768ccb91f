using System.Numerics;

namespace Mdfld.Diffusion.Control;

/// <summary>The picture that tells a ControlNet where a face and its features are.</summary>
public static class ControlImage
{
    private const int Points = 68;
    private const float FarOutside = 1e6f;

    /// <summary>
    /// Draws a face's contours as smooth, anti-aliased lines on black. Training and sampling both draw with this.
    /// </summary>
    /// <param name="landmarks">The 68 iBUG points, pixels of this picture; what lies outside is cut off.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="colours">What is drawn, and how; <see cref="ControlColours.Mdfld68"/> unless told.</param>
    /// <exception cref="ArgumentException">Not 68 points, or one that is no place in a picture.</exception>
    public static Picture Draw(IReadOnlyList<Vector2> landmarks, int width, int height, ControlColours? colours = null)
    {
        ArgumentNullException.ThrowIfNull(landmarks);
        if (landmarks.Count != Points)
            throw new ArgumentException($"{landmarks.Count} landmarks, expected {Points}", nameof(landmarks));
        Vector2[] points = [.. landmarks];
        var wrong = Array.FindIndex(points, p => !(Math.Abs(p.X) <= FarOutside && Math.Abs(p.Y) <= FarOutside));
        if (wrong >= 0)
            throw new ArgumentException(
                $"landmark {wrong} is at {points[wrong]}, no place in a picture", nameof(landmarks));

        colours ??= ControlColours.Mdfld68;
        var canvas = new DrawingCanvas(new Picture(width, height));
        var box = FaceBox.Around(points);
        var side = Math.Max(width, height);
        var line = MathF.Max(
            1, (colours.WidthByFace * MathF.Max(box.Width, box.Height)) + (colours.WidthByPicture * side));
        foreach (var contour in colours.Contours)
            canvas.Stroke(Curve.Through(contour.Points(points), contour.Closed), contour.Colour, line);
        foreach (var pupil in colours.Pupils)
        {
            var (centre, half) = (FaceContours.Centre(points, pupil.Eye), pupil.Side * side / 2);
            canvas.Fill([centre - new Vector2(half), centre + new Vector2(half, -half),
                centre + new Vector2(half), centre + new Vector2(-half, half)], pupil.Colour);
        }
        return canvas.Picture;
    }
}
