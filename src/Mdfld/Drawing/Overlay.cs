using System.Numerics;

namespace Mdfld.Drawing;

/// <summary>Draws landmarks on a picture.</summary>
public static class Overlay
{
    private static readonly Vector3 Dark = new(12, 14, 20);

    /// <summary>
    /// Draws the contours as smooth lines, a colour for each group, and the points as dots; lines and dots are sized to
    /// the face and dark-rimmed, so that they show on light and dark pictures alike.
    /// </summary>
    /// <param name="image">Drawn upon.</param>
    /// <param name="face">Points outside the picture are cut off.</param>
    public static void Draw(Image image, Landmarks face)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(face);
        var canvas = new Canvas(image);
        var unit = Math.Clamp(MathF.Max(face.Box.Width, face.Box.Height) / 260, 0.4f, 12);
        var points = face.Points.AsSpan();
        foreach (var edge in face.Scheme.Edges)
        {
            var corners = new Vector2[edge.Indices.Length];
            for (var i = 0; i < corners.Length; i++)
                corners[i] = points[edge.Indices[i]];
            var line = Curve.Through(corners, edge.Closed);
            canvas.Stroke(line, Dark, 4.2f * unit, opacity: 0.45f);
            canvas.Stroke(line, ColourOf(face.Scheme, edge.Indices[0]), 2 * unit, opacity: 0.95f);
        }
        for (var i = 0; i < points.Length; i++)
        {
            canvas.Disc(points[i], 3.1f * unit, Dark, 0.7f);
            canvas.Disc(points[i], 2.2f * unit, Vector3.Lerp(ColourOf(face.Scheme, i), new Vector3(255), 0.72f));
        }
    }

    private static Vector3 ColourOf(LandmarkScheme scheme, int point)
    {
        foreach (var group in scheme.Groups)
        {
            if (group.Indices.Contains(point))
            {
                return group.Name switch
                {
                    "jaw" => new(64, 196, 255),
                    "brows" => new(255, 193, 59),
                    "nose" => new(126, 231, 135),
                    "eyes" => new(186, 140, 255),
                    _ => new(255, 106, 136),
                };
            }
        }
        return new(255);
    }
}
