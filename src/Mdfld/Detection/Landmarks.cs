using System.Collections.Immutable;
using System.Numerics;
using System.Text.Json.Serialization;

namespace Mdfld;

/// <summary>A face with its landmarks.</summary>
/// <param name="Scheme">What the points mean.</param>
/// <param name="Points">The scheme's points in order, pixels of the picture; they may lie outside it.</param>
/// <param name="Crop">The crop of the last refinement step.</param>
[JsonConverter(typeof(LandmarksJsonConverter))]
public sealed record Landmarks(LandmarkScheme Scheme, ImmutableArray<Vector2> Points, FaceCrop Crop)
{
    /// <summary>The tight box of the points.</summary>
    public FaceBox Box => FaceBox.Around(Points.AsSpan());

    /// <summary>The detection score of the face finder, 0 to 1; 1 where the caller gave the box.</summary>
    public float Score { get; init; } = 1;

    /// <summary>
    /// The probability that the points are to be trusted: that their mean error is under 10 % of the distance of the
    /// outer eye corners. Calibrated on photos, turned heads, restyled and drawn faces and on pictures without one; a
    /// model that was never calibrated (<c>mdfld calibrate</c>) has the <see cref="Score"/> here.
    /// </summary>
    public float Confidence { get; init; } = 1;

    /// <summary>The covariance of each point's error; empty where the model does not say.</summary>
    public ImmutableArray<PointCovariance> Uncertainty { get; init; } = [];

    /// <summary>
    /// The middle of the subject's right iris, pixels; null where none is seen: a shut eye, one of few pixels, one that is
    /// drawn without, a scheme other than the 68 points.
    /// </summary>
    public Vector2? RightIris { get; init; }

    /// <summary>As <see cref="RightIris"/>, of the left eye.</summary>
    public Vector2? LeftIris { get; init; }

    /// <summary>
    /// How the head is turned, seen in weak perspective; null of schemes without 68 points and of points that are no
    /// face. <see cref="HeadPose.Of(ReadOnlySpan{Vector2}, ReadOnlySpan{PointCovariance}, float, Vector2)"/> knows a
    /// camera's focal length.
    /// </summary>
    public HeadPose? Pose => Points.Length == HeadPose.MeanHead.Length
        ? HeadPose.Of(Points.AsSpan(), Uncertainty.AsSpan()) : null;

    /// <summary>What eyes and mouth do, measured against the mean face; null where <see cref="Pose"/> is.</summary>
    public FaceExpression? Expression => Pose is { } pose ? ExpressionIn(pose) : null;

    /// <summary>The jaw from the subject's right ear over the chin to the left.</summary>
    /// <exception cref="InvalidOperationException">The scheme has no such contour; so for the parts below.</exception>
    public ImmutableArray<Vector2> Jaw => Part("jaw");

    /// <summary>The subject's right brow: the one on the left of an upright picture.</summary>
    public ImmutableArray<Vector2> RightBrow => Part("right brow");

    /// <summary>The subject's left brow.</summary>
    public ImmutableArray<Vector2> LeftBrow => Part("left brow");

    /// <summary>The nose's bridge and tip.</summary>
    public ImmutableArray<Vector2> Nose => [.. Part("nose bridge"), .. Part("nose tip")];

    /// <summary>The subject's right eye: the one on the left of an upright picture.</summary>
    public ImmutableArray<Vector2> RightEye => Part("right eye");

    /// <summary>The subject's left eye.</summary>
    public ImmutableArray<Vector2> LeftEye => Part("left eye");

    /// <summary>The outer contour of the lips.</summary>
    public ImmutableArray<Vector2> Mouth => Part("outer lips");

    /// <summary>
    /// The face upright and at a fixed position, as recognition and style networks want it: eyes and mouth corners are
    /// moved by the similarity that brings them nearest to ArcFace's template (Deng et al., CVPR 2019).
    /// </summary>
    /// <param name="picture">The picture in which the face was detected.</param>
    /// <param name="size">Rows and columns of the aligned picture.</param>
    /// <param name="margin">Share of the template added on each side; 0 is ArcFace's own crop.</param>
    /// <exception cref="InvalidOperationException">The scheme has no five points, or they are one.</exception>
    public Picture Align(Picture picture, int size = 112, float margin = 0)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        return picture.Warp(FaceAlignment.Of(this, size, margin), size, size, antialias: true);
    }

    /// <summary>What eyes and mouth do in a pose that is known already.</summary>
    internal FaceExpression ExpressionIn(HeadPose pose, FaceExpression? neutral = null) =>
        FaceExpression.Of(Points.AsSpan(), RightIris, LeftIris, pose, neutral);

    /// <summary>The points of a contour or group of the scheme.</summary>
    /// <param name="name">
    /// Its name in <see cref="LandmarkScheme.Contours"/> or <see cref="LandmarkScheme.Groups"/>.
    /// </param>
    /// <exception cref="InvalidOperationException">The scheme has none of that name.</exception>
    public ImmutableArray<Vector2> Part(string name)
    {
        var part = Scheme.Contours.Concat(Scheme.Groups).FirstOrDefault(p => p.Name == name)
            ?? throw new InvalidOperationException(
                $"{Scheme} has no '{name}'; it has {string.Join(", ", Scheme.Contours.Select(c => c.Name))}");
        return [.. part.Indices.Select(i => Points[i])];
    }

    /// <summary>The names of <see cref="Curve"/>: of 68 points each lid, lip, brow, the nose and the jaw.</summary>
    public IReadOnlyList<string> CurveNames => [.. FaceCurves.Of(Scheme).Select(c => c.Name)];

    /// <summary>A smooth curve through the points of a lid, lip, brow, the nose or the jaw.</summary>
    /// <param name="name">One of <see cref="CurveNames"/>; left is the subject's.</param>
    /// <returns>
    /// Cubic Bezier segments, pixels: the first point, then two handles and an end each (3 n + 1 points). A Catmull-Rom
    /// spline with centripetal knots (Yuksel, Schaefer, Keyser 2011).
    /// </returns>
    /// <exception cref="InvalidOperationException">There is none of that name.</exception>
    public ImmutableArray<Vector2> Curve(string name)
    {
        var curve = FaceCurves.Of(Scheme).FirstOrDefault(c => c.Name == name)
            ?? throw new InvalidOperationException($"{Scheme} has no curve '{name}'; it has {string.Join(", ", CurveNames)}");
        return [.. curve.Through(Points)];
    }
}

/// <summary>The similarity that brings a face to a template.</summary>
internal static class FaceAlignment
{
    // ArcFace's template in a picture of 112 x 112, less the nose: the schemes' five points have another one.
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
        // The margin is on both sides: a size of 1 holds 1 + 2 margins of the template's.
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
