using System.Numerics;
using SkiaSharp;

namespace Mdfld.Generation;

/// <summary>The control image of a face: a ControlNet's input.</summary>
public static class ControlImage
{
    private const int Points = 68;
    private const float FarOutside = 1e6f;

    // Skia's soft edges are exact to an eighth of a pixel, and a ControlNet sees lines of one: means of 4 x 4 pixels.
    private const int Enlargement = 4;

    /// <summary>
    /// Draws a face's contours as smooth, anti-aliased lines on black. Training and sampling both draw with this.
    /// </summary>
    /// <param name="landmarks">The 68 iBUG points, pixels of this picture; what lies outside is cut off.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="colours">Contours and colours; <see cref="ControlColours.Mdfld68"/> by default.</param>
    /// <exception cref="ArgumentException">Not 68 points, or one that is far outside.</exception>
    public static Picture Draw(IReadOnlyList<Vector2> landmarks, int width, int height, ControlColours? colours = null)
    {
        ArgumentNullException.ThrowIfNull(landmarks);
        if (landmarks.Count != Points)
            throw new ArgumentException($"{landmarks.Count} landmarks, expected {Points}", nameof(landmarks));
        Vector2[] points = [.. landmarks];
        var wrong = Array.FindIndex(points, p => !(Math.Abs(p.X) <= FarOutside && Math.Abs(p.Y) <= FarOutside));
        if (wrong >= 0)
            throw new ArgumentException(
                $"landmark {wrong} is at {points[wrong]}, far outside any picture", nameof(landmarks));

        colours ??= ControlColours.Mdfld68;
        var box = FaceBox.Around(points);
        var side = Math.Max(width, height);
        var line = MathF.Max(
            1, (colours.WidthByFace * MathF.Max(box.Width, box.Height)) + (colours.WidthByPicture * side));
        var enlarged = new Picture(Enlargement * width, Enlargement * height);
        enlarged.Draw(canvas =>
        {
            canvas.Scale(Enlargement);
            canvas.Translate(0.5f, 0.5f);
            using var paint = new SKPaint
            {
                IsAntialias = true,
                Style = SKPaintStyle.Stroke,
                StrokeWidth = line,
                StrokeCap = SKStrokeCap.Round,
                StrokeJoin = SKStrokeJoin.Round,
            };
            foreach (var contour in colours.Contours)
            {
                using var path = Overlay.Contour(contour.Points(points), contour.Closed);
                paint.Color = contour.Colour;
                canvas.DrawPath(path, paint);
            }
            paint.Style = SKPaintStyle.Fill;
            foreach (var pupil in colours.Pupils)
            {
                var (centre, full) = (FaceContours.Centre(points, pupil.Eye), pupil.Side * side);
                paint.Color = pupil.Colour;
                canvas.DrawRect(centre.X - (full / 2), centre.Y - (full / 2), full, full, paint);
            }
        });
        var (scale, shift) = (1.0 / Enlargement, (1.0 / Enlargement / 2) - 0.5);
        return enlarged.Warp(Homography.Affine(scale, 0, shift, 0, scale, shift), width, height, antialias: true);
    }
}
