using SkiaSharp;

namespace Mdfld;

/// <summary>
/// Draws landmarks on a picture: contours as smooth lines, a colour for each group, and points as dots, all sized to
/// the face and dark-rimmed, so that they show on light and dark pictures alike.
/// </summary>
public sealed record Overlay
{
    // A curve's handle / distance of the points on both sides: with it, Bezier curves are a Catmull-Rom spline.
    private const float Handle = 1 / 6f;

    private static readonly SKColor Dark = new(10, 12, 18);

    /// <summary>Whether the tight bounding box of the landmarks is drawn, a little enlarged.</summary>
    public bool Box { get; init; }

    /// <summary>Whether the confidence, in percent, is written at the top left of the face.</summary>
    public bool Confidence { get; init; }

    /// <summary>Whether each point has its ellipse of two standard deviations, where the model gives them.</summary>
    public bool Uncertainty { get; init; }

    /// <summary>Draws one face.</summary>
    /// <param name="picture">Drawn upon.</param>
    /// <param name="face">Points outside the picture are cut off.</param>
    public void Draw(Picture picture, Landmarks face)
    {
        ArgumentNullException.ThrowIfNull(face);
        Draw(picture, [face]);
    }

    /// <summary>Draws faces, one over the other.</summary>
    /// <param name="picture">Drawn upon.</param>
    /// <param name="faces">Points outside the picture are cut off.</param>
    public void Draw(Picture picture, IEnumerable<Landmarks> faces)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(faces);
        picture.Draw(canvas =>
        {
            canvas.Translate(0.5f, 0.5f);
            foreach (var face in faces)
                Draw(canvas, face, picture.Height);
        });
    }

    /// <summary>The smooth line through points that contours are drawn as: a Catmull-Rom spline.</summary>
    /// <param name="points">In the coordinates of the path; of fewer than three, straight lines.</param>
    /// <param name="closed">Whether it returns to the first point; open ends run straight out.</param>
    /// <returns>A path of cubic curves; the caller disposes it.</returns>
    public static SKPath Contour(ReadOnlySpan<Vector2> points, bool closed = false)
    {
        using var path = new SKPathBuilder();
        var last = points.Length - 1;
        if (last < 0)
            return path.Detach();
        path.MoveTo(points[0].X, points[0].Y);
        closed &= last > 1;
        for (var i = 0; i < (closed ? points.Length : last); i++)
        {
            var (from, to) = (points[i], points[(i + 1) % points.Length]);
            var before = i > 0 ? points[i - 1] : closed ? points[last] : (2 * from) - to;
            var after = i + 1 < last || closed ? points[(i + 2) % points.Length] : (2 * to) - from;
            var (leave, arrive) = (from + (Handle * (to - before)), to - (Handle * (after - from)));
            path.CubicTo(leave.X, leave.Y, arrive.X, arrive.Y, to.X, to.Y);
        }
        if (closed)
            path.Close();
        return path.Detach();
    }

    /// <summary>
    /// A line of text as strokes, for pictures on machines without fonts: Latin letters, digits and the usual signs;
    /// other characters become '?'.
    /// </summary>
    /// <param name="text">What is written.</param>
    /// <param name="topLeft">Top left of the first capital, in the coordinates of the path.</param>
    /// <param name="height">Of a capital; descenders reach a third further. A stroke of a seventh of it suits.</param>
    /// <param name="width">What is wider is cut off and ends in an ellipsis.</param>
    /// <returns>Lines to be stroked; the caller disposes them.</returns>
    public static SKPath Text(string text, Vector2 topLeft, float height, float width = float.PositiveInfinity)
    {
        ArgumentNullException.ThrowIfNull(text);
        return StrokeFont.Write(text, topLeft, height, width);
    }

    private void Draw(SKCanvas canvas, Landmarks face, int pictureHeight)
    {
        var size = MathF.Max(face.Box.Width, face.Box.Height);
        if (!(size > 0))
            return;
        // Width of a line: so that a face of 250 pixels has lines of 2, and the smallest still a visible one.
        var width = Math.Clamp(size / 125, 0.9f, 24);
        var lines = new List<Line>();
        if (Uncertainty)
            AddEllipses(face, width, lines);
        var (low, high) = Framed(face.Box);
        if (Box)
        {
            using var box = new SKPathBuilder();
            box.AddRect(new SKRect(low.X, low.Y, high.X, high.Y));
            lines.Add(new Line(box.Detach(), 0.8f * width, Trust(face)));
        }
        if (Confidence)
        {
            var height = Math.Clamp(0.09f * size, 7, 200);
            // Above the face, or below where the picture ends.
            var top = low.Y - (1.5f * height);
            if (top < 0)
                top = MathF.Min(high.Y + (0.5f * height), pictureHeight - (1.3f * height));
            var text = FormattableString.Invariant($"{100 * face.Confidence:0}%");
            lines.Add(new Line(
                Text(text, new Vector2(MathF.Max(low.X, width), top), height),
                MathF.Max(1, 0.14f * height), Trust(face)));
        }
        foreach (var edge in face.Scheme.Contours)
        {
            Vector2[] corners = [.. edge.Indices.Select(i => face.Points[i])];
            lines.Add(new Line(Contour(corners, edge.IsClosed), width, ColourOf(face.Scheme, edge.Indices[0])));
        }
        using var paint = new SKPaint
        {
            IsAntialias = true,
            StrokeCap = SKStrokeCap.Round,
            StrokeJoin = SKStrokeJoin.Round,
        };
        // All rims first: none lies over another line.
        foreach (var line in lines)
            line.Draw(canvas, paint, Dark, line.Width + MathF.Max(1.2f, width), 0.6f);
        foreach (var line in lines)
            line.Draw(canvas, paint, line.Colour, line.Width, 1);
        foreach (var line in lines)
            line.Path.Dispose();
        DrawPoints(canvas, paint, face, width);
    }

    /// <summary>Dots, smaller where their neighbours are near; none on faces too small for them.</summary>
    private static void DrawPoints(SKCanvas canvas, SKPaint paint, Landmarks face, float width)
    {
        paint.Style = SKPaintStyle.Fill;
        var points = face.Points;
        for (var i = 0; i < points.Length; i++)
        {
            var nearest = float.MaxValue;
            for (var k = 0; k < points.Length; k++)
                nearest = k == i ? nearest : MathF.Min(nearest, Vector2.Distance(points[i], points[k]));
            var radius = MathF.Min(1.15f * width, 0.34f * nearest);
            if (radius < 0.75f)
                continue;
            paint.Color = Dark.WithAlpha(179);
            canvas.DrawCircle(points[i].X, points[i].Y, radius + (0.4f * width), paint);
            paint.Color = Mix(ColourOf(face.Scheme, i), SKColors.White, 0.75f);
            canvas.DrawCircle(points[i].X, points[i].Y, radius, paint);
        }
    }

    private static void AddEllipses(Landmarks face, float width, List<Line> lines)
    {
        for (var i = 0; i < face.Uncertainty.Length; i++)
        {
            var (xx, xy, yy) = face.Uncertainty[i];
            // Half axes and direction of the ellipse: the eigenvalues of the covariance.
            var (mean, half) = ((xx + yy) / 2, (xx - yy) / 2);
            var spread = MathF.Sqrt((half * half) + (xy * xy));
            var (longer, shorter) = (
                2 * MathF.Sqrt(MathF.Max(0, mean + spread)), 2 * MathF.Sqrt(MathF.Max(0, mean - spread)));
            var (centre, angle) = (face.Points[i], MathF.Atan2(xy, half) / 2);
            using var oval = new SKPathBuilder();
            oval.AddOval(new SKRect(centre.X - longer, centre.Y - shorter, centre.X + longer, centre.Y + shorter));
            using var level = oval.Detach();
            var ellipse = new SKPath();
            level.Transform(SKMatrix.CreateRotation(angle, centre.X, centre.Y), ellipse);
            lines.Add(new Line(ellipse, MathF.Max(0.8f, 0.6f * width), ColourOf(face.Scheme, i), 0.85f));
        }
    }

    private static (Vector2 Low, Vector2 High) Framed(FaceBox box)
    {
        var margin = new Vector2(0.06f * MathF.Max(box.Width, box.Height));
        var (low, size) = (new Vector2(box.Left, box.Top), new Vector2(box.Width, box.Height));
        return (low - margin, low + size + margin);
    }

    /// <summary>From red over amber to green, as the confidence grows.</summary>
    private static SKColor Trust(Landmarks face)
    {
        SKColor red = new(255, 88, 88), amber = new(255, 205, 70), green = new(110, 240, 140);
        var t = 2 * Math.Clamp(face.Confidence, 0, 1);
        return t < 1 ? Mix(red, amber, t) : Mix(amber, green, t - 1);
    }

    private static SKColor Mix(SKColor from, SKColor to, float share) => new(
        (byte)float.Lerp(from.Red, to.Red, share),
        (byte)float.Lerp(from.Green, to.Green, share),
        (byte)float.Lerp(from.Blue, to.Blue, share));

    private static SKColor ColourOf(LandmarkScheme scheme, int point) =>
        scheme.Groups.FirstOrDefault(group => group.Indices.Contains(point))?.Name switch
        {
            "jaw" => new(56, 189, 255),
            "brows" => new(255, 196, 46),
            "nose" => new(92, 232, 120),
            "eyes" => new(196, 138, 255),
            null => SKColors.White,
            _ => new(255, 84, 122),
        };

    /// <summary>A line to draw.</summary>
    private readonly record struct Line(SKPath Path, float Width, SKColor Colour, float Opacity = 0.95f)
    {
        public void Draw(SKCanvas canvas, SKPaint paint, SKColor colour, float width, float opacity)
        {
            paint.Style = SKPaintStyle.Stroke;
            paint.StrokeWidth = width;
            paint.Color = colour.WithAlpha((byte)MathF.Round(255 * opacity * Opacity));
            canvas.DrawPath(Path, paint);
        }
    }
}
