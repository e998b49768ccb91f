using SkiaSharp;

namespace Mdfld.Training.Augment;

/// <summary>
/// Paints over the outline of the cheek that is turned to the viewer, as in woodblock prints, whose jaw ends below the
/// ear: the points stay where the outline would be.
/// </summary>
internal static class UndrawnCheek
{
    /// <summary>Paints over one cheek of a face of 68 points, pixels of the canvas.</summary>
    public static void Draw(FilterPicture canvas, ReadOnlySpan<Vector2> landmarks, Random random)
    {
        var frame = UprightFrame.Of(landmarks);
        var nose = landmarks[30];
        var isRight = Vector2.Distance(nose, landmarks[14]) > Vector2.Distance(nose, landmarks[2]);
        // From the ear down to somewhere between cheek and chin.
        var count = random.Next(4, 7);
        Vector2[] outline = [.. landmarks[..count]];
        if (isRight)
            outline = [.. landmarks[(17 - count)..17]];
        var inside = outline.Select(p => Vector2.Lerp(p, nose, random.Uniform(0.25f, 0.45f))).ToArray();
        var skin = Mean(canvas, inside);
        var picture = new Picture(canvas.Size, canvas.Size);
        canvas.CopyTo(picture);
        picture.Draw(surface =>
        {
            using var blur = SKMaskFilter.CreateBlur(SKBlurStyle.Normal, 0.04f * frame.Unit);
            using var paint = new SKPaint
            {
                IsAntialias = true,
                Style = SKPaintStyle.Stroke,
                StrokeWidth = random.Uniform(0.2f, 0.45f) * frame.Unit,
                StrokeCap = SKStrokeCap.Round,
                StrokeJoin = SKStrokeJoin.Round,
                MaskFilter = blur,
                Color = new SKColor(
                    FilterPicture.ToByte(skin.X), FilterPicture.ToByte(skin.Y), FilterPicture.ToByte(skin.Z)),
            };
            surface.Translate(0.5f, 0.5f);
            using var path = Overlay.Contour(outline, closed: false);
            surface.DrawPath(path, paint);
        });
        canvas.CopyFrom(picture);
    }

    private static Vector3 Mean(FilterPicture canvas, Vector2[] at)
    {
        var sum = Vector3.Zero;
        foreach (var p in at)
        {
            var (x, y) = ((int)Math.Clamp(p.X, 0, canvas.Size - 1), (int)Math.Clamp(p.Y, 0, canvas.Size - 1));
            sum += canvas.Pixels[(y * canvas.Size) + x];
        }
        return sum / at.Length;
    }
}
