using System.Numerics;

namespace Mdfld;

/// <summary>
/// The square of a picture that a network looks at. In the metadata of STAR a face is (scale, centre) and its crop has
/// the side 200 x scale pixels.
/// </summary>
/// <param name="Centre">Middle of the square, pixels of the picture.</param>
/// <param name="Side">Side of the square, pixels of the picture.</param>
/// <param name="Roll">
/// How far the square is turned clockwise as seen, radians; a face turned as far stands upright in the crop.
/// </param>
public readonly record struct FaceCrop(Vector2 Centre, float Side, float Roll = 0)
{
    /// <summary>Whether it is a square at all: of a side more than 0, all numbers finite.</summary>
    public bool IsUsable =>
        Side > 0 && float.IsFinite(Side) && float.IsFinite(Centre.X) && float.IsFinite(Centre.Y)
        && float.IsFinite(Roll);

    /// <summary>
    /// Whether no part of a square moves by more than about a share of its side when it becomes this one.
    /// </summary>
    internal bool IsNear(FaceCrop other, float share) =>
        Vector2.Distance(Centre, other.Centre) <= share * Side
        && MathF.Abs(Side - other.Side) <= 2 * share * Side
        && MathF.Abs(MathF.IEEERemainder(Roll - other.Roll, MathF.Tau)) <= 2 * share;

    /// <summary>The square of STAR's metadata, grown by <paramref name="factor"/>.</summary>
    /// <param name="scale">Longest side of the tight landmark box / 200.</param>
    /// <param name="centre">Middle of the face, pixels.</param>
    /// <param name="factor">1 for STAR's networks; Mdfld's default model looks at 1.2.</param>
    public static FaceCrop FromScale(float scale, Vector2 centre, float factor) => new(centre, 200 * scale * factor);

    /// <summary>
    /// The square round the tight box of points in axes turned by <paramref name="roll"/>; its side is the box's
    /// longest side times <paramref name="factor"/>.
    /// </summary>
    /// <param name="points">Landmarks, pixels; at least one.</param>
    /// <param name="factor">As <see cref="FaceBox.ToCrop"/>'s.</param>
    /// <param name="roll">Radians, clockwise as seen.</param>
    public static FaceCrop Around(ReadOnlySpan<Vector2> points, float factor, float roll)
    {
        var (sin, cos) = MathF.SinCos(roll);
        var upright = new Vector2[points.Length];
        for (var i = 0; i < upright.Length; i++)
            upright[i] = new((cos * points[i].X) + (sin * points[i].Y), (cos * points[i].Y) - (sin * points[i].X));
        var crop = FaceBox.Around(upright).ToCrop(factor);
        var (x, y) = (crop.Centre.X, crop.Centre.Y);
        return crop with { Centre = new((cos * x) - (sin * y), (sin * x) + (cos * y)), Roll = roll };
    }

    /// <summary>
    /// How far a face is turned clockwise, radians from -pi to pi: 0 with level eyes above the mouth.
    /// </summary>
    /// <param name="five">
    /// Eye, eye, nose, mouth corner, mouth corner, as <see cref="LandmarkScheme.FivePoints"/>.
    /// </param>
    internal static float RollOf(ReadOnlySpan<Vector2> five)
    {
        var across = five[1] - five[0];
        var down = ((five[3] + five[4]) - (five[0] + five[1])) / 2;
        // Down, turned back by a quarter, points the way from eye to eye.
        var right = across + new Vector2(down.Y, -down.X);
        return MathF.Atan2(right.Y, right.X);
    }

    /// <summary>
    /// The map from the picture to a <paramref name="size"/> x <paramref name="size"/> crop:
    /// p' = s R (p - centre) + (size - 1) / 2, s = size / side (STAR, align_corners true), R turns by -roll.
    /// </summary>
    /// <exception cref="InvalidOperationException">The square is empty or not finite.</exception>
    public Homography ToCrop(int size)
    {
        if (!IsUsable)
            throw new InvalidOperationException($"a crop of side {Side} around {Centre} is no crop");
        var s = size / (double)Side;
        var t = (size - 1) / 2.0;
        var (a, b) = Roll == 0 ? (s, 0) : (s * Math.Cos(Roll), s * Math.Sin(Roll));
        return Homography.Affine(
            a, b, t - (a * Centre.X) - (b * Centre.Y), -b, a, t + (b * Centre.X) - (a * Centre.Y));
    }
}
