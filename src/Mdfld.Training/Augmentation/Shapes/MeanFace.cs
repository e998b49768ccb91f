using System.Numerics;

namespace Mdfld.Training.Augmentation.Shapes;

/// <summary>
/// The mean of 68-point faces: Procrustes mean (Gower 1975) of the 2012 faces of 300-W's training photos and of their
/// mirror images. The middle between the eyes is the origin, the distance of the eyes' centres is 1, y points down.
/// </summary>
internal static class MeanFace
{
    /// <summary>Root mean square distance of a training face's point from the mean's, after alignment.</summary>
    public const float UsualDeviation = 0.143f;

    public static ReadOnlySpan<Vector2> Points => Table;

    private static readonly Vector2[] Table =
    [
        new(-1.142f, 0.026f), new(-1.132f, 0.326f), new(-1.099f, 0.625f), new(-1.036f, 0.919f),
        new(-0.919f, 1.191f), new(-0.739f, 1.428f), new(-0.520f, 1.627f), new(-0.276f, 1.786f),
        new(0, 1.832f), new(0.276f, 1.786f), new(0.520f, 1.627f), new(0.739f, 1.428f),
        new(0.919f, 1.191f), new(1.036f, 0.919f), new(1.099f, 0.625f), new(1.132f, 0.326f),
        new(1.142f, 0.026f), new(-0.921f, -0.212f), new(-0.780f, -0.335f), new(-0.584f, -0.371f),
        new(-0.382f, -0.344f), new(-0.189f, -0.270f), new(0.189f, -0.270f), new(0.382f, -0.344f),
        new(0.584f, -0.371f), new(0.780f, -0.335f), new(0.921f, -0.212f), new(0, -0.028f),
        new(0, 0.168f), new(0, 0.363f), new(0, 0.562f), new(-0.229f, 0.695f),
        new(-0.119f, 0.736f), new(0, 0.771f), new(0.119f, 0.736f), new(0.229f, 0.695f),
        new(-0.693f, 0.001f), new(-0.572f, -0.071f), new(-0.423f, -0.069f), new(-0.298f, 0.027f),
        new(-0.434f, 0.056f), new(-0.581f, 0.054f), new(0.298f, 0.027f), new(0.423f, -0.069f),
        new(0.572f, -0.071f), new(0.693f, 0.001f), new(0.581f, 0.054f), new(0.434f, 0.056f),
        new(-0.438f, 1.066f), new(-0.278f, 0.997f), new(-0.113f, 0.963f), new(0, 0.991f),
        new(0.113f, 0.963f), new(0.278f, 0.997f), new(0.438f, 1.066f), new(0.284f, 1.223f),
        new(0.123f, 1.290f), new(0, 1.303f), new(-0.123f, 1.290f), new(-0.284f, 1.223f),
        new(-0.371f, 1.075f), new(-0.115f, 1.061f), new(0, 1.073f), new(0.115f, 1.061f),
        new(0.371f, 1.075f), new(0.117f, 1.142f), new(0, 1.156f), new(-0.117f, 1.142f),
    ];

    /// <summary>
    /// The mean face turned, scaled and moved (similarity, least squares) as near to a face as it gets.
    /// </summary>
    /// <returns>The length of 1 of the mean face, in the face's pixels.</returns>
    public static float AlignTo(ReadOnlySpan<Vector2> face, Span<Vector2> aligned)
    {
        var (centre, meanCentre) = (Vector2.Zero, Vector2.Zero);
        for (var i = 0; i < Table.Length; i++)
            (centre, meanCentre) = (centre + face[i], meanCentre + Table[i]);
        (centre, meanCentre) = (centre / Table.Length, meanCentre / Table.Length);
        var (dot, cross, square) = (0f, 0f, 0f);
        for (var i = 0; i < Table.Length; i++)
        {
            var (m, p) = (Table[i] - meanCentre, face[i] - centre);
            dot += Vector2.Dot(m, p);
            cross += (m.X * p.Y) - (m.Y * p.X);
            square += m.LengthSquared();
        }
        var (a, b) = (dot / square, cross / square);
        for (var i = 0; i < Table.Length; i++)
        {
            var m = Table[i] - meanCentre;
            aligned[i] = centre + new Vector2((a * m.X) - (b * m.Y), (b * m.X) + (a * m.Y));
        }
        return MathF.Sqrt((a * a) + (b * b));
    }
}
