using System.Numerics;

namespace Mdfld;

/// <summary>Draws landmarks on a picture.</summary>
public static class Overlay
{
    private static readonly Vector3 Dark = new(10, 12, 18);
    private static readonly Vector3 White = new(255);

    /// <summary>
    /// Draws the contours as smooth lines, a colour for each group, and the points as dots; lines and dots are sized to
    /// the face and dark-rimmed, so that they show on light and dark pictures alike.
    /// </summary>
    /// <param name="image">Drawn upon.</param>
    /// <param name="face">Points outside the picture are cut off.</param>
    /// <param name="options">What else is drawn; nothing unless told.</param>
    public static void Draw(Picture image, Landmarks face, OverlayOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(face);
        options ??= new OverlayOptions();
        var canvas = new DrawingCanvas(image);
        var size = MathF.Max(face.Box.Width, face.Box.Height);
        if (!(size > 0))
            return;
        // Width of a line: so that a face of 250 pixels has lines of 2, and the smallest still a visible one.
        var width = Math.Clamp(size / 125, 0.9f, 24);

        var ink = new List<Ink>();
        if (options.Uncertainty)
            AddEllipses(face, width, ink);
        if (options.Box)
            AddBox(face, width, ink);
        if (options.Score)
            AddScore(image, face, size, width, ink);
        foreach (var edge in face.Scheme.Contours)
        {
            var corners = new Vector2[edge.Indices.Length];
            for (var i = 0; i < corners.Length; i++)
                corners[i] = face.Points[edge.Indices[i]];
            ink.Add(new Ink(Curve.Through(corners, edge.IsClosed), width, ColourOf(face.Scheme, edge.Indices[0])));
        }
        // All rims first: none lies over another line.
        foreach (var line in ink)
            canvas.Stroke(line.Line, Dark, line.Width + MathF.Max(1.2f, width), opacity: 0.6f * line.Opacity);
        foreach (var line in ink)
            canvas.Stroke(line.Line, line.Colour, line.Width, opacity: line.Opacity);
        DrawPoints(canvas, face, width);
    }

    /// <summary>Dots, smaller where their neighbours are near; none on faces too small for them.</summary>
    private static void DrawPoints(DrawingCanvas canvas, Landmarks face, float width)
    {
        var points = face.Points;
        for (var i = 0; i < points.Length; i++)
        {
            var nearest = float.MaxValue;
            for (var k = 0; k < points.Length; k++)
                nearest = k == i ? nearest : MathF.Min(nearest, Vector2.Distance(points[i], points[k]));
            var radius = MathF.Min(1.15f * width, 0.34f * nearest);
            if (radius < 0.75f)
                continue;
            canvas.Disc(points[i], radius + (0.4f * width), Dark, 0.7f);
            canvas.Disc(points[i], radius, Vector3.Lerp(ColourOf(face.Scheme, i), White, 0.75f));
        }
    }

    private static void AddEllipses(Landmarks face, float width, List<Ink> ink)
    {
        for (var i = 0; i < face.Uncertainty.Length; i++)
        {
            var (xx, xy, yy) = face.Uncertainty[i];
            // Half axes and direction of the ellipse: the eigenvalues of the covariance.
            var (mean, half) = ((xx + yy) / 2, (xx - yy) / 2);
            var spread = MathF.Sqrt((half * half) + (xy * xy));
            var ellipse = Curve.Ellipse(
                face.Points[i],
                2 * MathF.Sqrt(MathF.Max(0, mean + spread)),
                2 * MathF.Sqrt(MathF.Max(0, mean - spread)),
                MathF.Atan2(xy, half) / 2);
            ink.Add(new Ink([.. ellipse, ellipse[0]], MathF.Max(0.8f, 0.6f * width), ColourOf(face.Scheme, i), 0.85f));
        }
    }

    private static void AddBox(Landmarks face, float width, List<Ink> ink)
    {
        var (low, high) = Framed(face.Box);
        ink.Add(new Ink([low, new(high.X, low.Y), high, new(low.X, high.Y), low], 0.8f * width, Trust(face)));
    }

    private static void AddScore(Picture image, Landmarks face, float size, float width, List<Ink> ink)
    {
        var height = Math.Clamp(0.09f * size, 7, 200);
        var (low, high) = Framed(face.Box);
        // Above the face, or below where the picture ends.
        var top = low.Y - (1.5f * height);
        if (top < 0)
            top = MathF.Min(high.Y + (0.5f * height), image.Height - (1.3f * height));
        foreach (var stroke in Numerals.Strokes(
            (int)MathF.Round(100 * face.Confidence), new Vector2(MathF.Max(low.X, width), top), height))
        {
            ink.Add(new Ink(stroke, MathF.Max(1, 0.14f * height), Trust(face)));
        }
    }

    private static (Vector2 Low, Vector2 High) Framed(FaceBox box)
    {
        var margin = new Vector2(0.06f * MathF.Max(box.Width, box.Height));
        var (low, size) = (new Vector2(box.Left, box.Top), new Vector2(box.Width, box.Height));
        return (low - margin, low + size + margin);
    }

    /// <summary>From red over amber to green, as the confidence grows.</summary>
    private static Vector3 Trust(Landmarks face)
    {
        Vector3 red = new(255, 88, 88), amber = new(255, 205, 70), green = new(110, 240, 140);
        var t = 2 * face.Confidence;
        return t < 1 ? Vector3.Lerp(red, amber, MathF.Max(0, t)) : Vector3.Lerp(amber, green, MathF.Min(1, t - 1));
    }

    private static Vector3 ColourOf(LandmarkScheme scheme, int point)
    {
        foreach (var group in scheme.Groups)
        {
            if (group.Indices.Contains(point))
            {
                return group.Name switch
                {
                    "jaw" => new(56, 189, 255),
                    "brows" => new(255, 196, 46),
                    "nose" => new(92, 232, 120),
                    "eyes" => new(196, 138, 255),
                    _ => new(255, 84, 122),
                };
            }
        }
        return White;
    }

    /// <summary>A line to draw.</summary>
    private readonly record struct Ink(Vector2[] Line, float Width, Vector3 Colour, float Opacity = 0.95f);
}
