using System.Numerics;

namespace Mdfld;

/// <summary>The similarity that brings a face to a template.</summary>
internal static class FaceAlignment
{
    // ArcFace's template in a picture of 112 x 112, less the nose: the schemes' five points place it differently.
    private const float TemplateSize = 112;

    private static readonly Vector2[] Template =
        [new(38.2946f, 51.6963f), new(73.5318f, 51.5014f), new(41.5493f, 92.3655f), new(70.7299f, 92.2041f)];

    /// <summary>The map from the picture to the aligned one.</summary>
    /// <param name="face">The face.</param>
    /// <param name="size">Rows and columns of the aligned picture.</param>
    /// <param name="margin">Share of the size added on each side.</param>
    /// <exception cref="InvalidOperationException">The scheme has no five points, or they are one.</exception>
    public static Homography Of(Landmarks face, int size, float margin)
    {
        if (!(margin is >= 0 and < 10))
            throw new ArgumentOutOfRangeException(nameof(margin), margin, "expected a share from 0 to 10");
        if (face.Scheme.FivePoints(face.Points.AsSpan()) is not { Length: 5 } five)
            throw new InvalidOperationException($"{face.Scheme} has no eyes and mouth corners to align by");
        Vector2[] points = [five[0], five[1], five[3], five[4]];
        // The margin belongs to the whole: a size of 1 holds 1 + 2 margins of the template's.
        var scale = size / (TemplateSize * (1 + (2 * margin)));
        // The template counts from the centre of a pixel, sizes from its edge.
        var (half, corner) = (new Vector2(0.5f), new Vector2(margin * TemplateSize));
        var targets = Array.ConvertAll(Template, t => ((t + half + corner) * scale) - half);
        return Similarity(points, targets);
    }

    /// <summary>
    /// The rotation, scale and shift with the least sum of squares between moved points and targets: in complex numbers
    /// q = a p + b, a = sum conj(p - mean) (q - mean) / sum |p - mean|^2.
    /// </summary>
    private static Homography Similarity(Vector2[] points, Vector2[] targets)
    {
        var (from, to) = (Mean(points), Mean(targets));
        var (real, imaginary, squares) = (0.0, 0.0, 0.0);
        foreach (var (point, target) in points.Zip(targets))
        {
            var (p, q) = (point - from, target - to);
            real += (p.X * q.X) + (p.Y * q.Y);
            imaginary += (p.X * q.Y) - (p.Y * q.X);
            squares += p.LengthSquared();
        }
        if (!(squares > 0 && double.IsFinite(squares)))
            throw new InvalidOperationException("the eyes and mouth corners of this face are one point");
        var (a, b) = (real / squares, imaginary / squares);
        return Homography.Affine(
            a, -b, to.X - (a * from.X) + (b * from.Y),
            b, a, to.Y - (b * from.X) - (a * from.Y));
    }

    private static Vector2 Mean(Vector2[] points) =>
        points.Aggregate(Vector2.Zero, (sum, p) => sum + p) / points.Length;
}
