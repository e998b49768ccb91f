namespace Mdfld;

/// <summary>A rectangle round a face, pixels of the picture: as a rule the tight box of its landmarks.</summary>
/// <param name="Left">Smallest x.</param>
/// <param name="Top">Smallest y.</param>
/// <param name="Width">Largest x less smallest x.</param>
/// <param name="Height">Largest y less smallest y.</param>
public readonly record struct FaceBox(float Left, float Top, float Width, float Height)
{
    /// <summary>
    /// What lies this far inside a surer face, as <see cref="IntersectionOverSmaller"/> counts, is a part of it.
    /// </summary>
    internal const float PartOfFace = 0.8f;

    /// <summary>The middle.</summary>
    public Vector2 Centre => new(Left + (Width / 2), Top + (Height / 2));

    /// <summary>The tight box of points; at least one.</summary>
    public static FaceBox Around(ReadOnlySpan<Vector2> points)
    {
        if (points.IsEmpty)
            throw new ArgumentException("no points have no box", nameof(points));
        var (low, high) = (points[0], points[0]);
        foreach (var p in points)
            (low, high) = (Vector2.Min(low, p), Vector2.Max(high, p));
        return new FaceBox(low.X, low.Y, high.X - low.X, high.Y - low.Y);
    }

    /// <summary>The box of that middle.</summary>
    public static FaceBox AtCentre(Vector2 centre, float width, float height) =>
        new(centre.X - (width / 2), centre.Y - (height / 2), width, height);

    /// <summary>Area that two boxes share / area of their union, 0 to 1; 0 where both are empty.</summary>
    public float IntersectionOverUnion(FaceBox other)
    {
        var shared = Intersection(other);
        return shared > 0 ? shared / ((Width * Height) + (other.Width * other.Height) - shared) : 0;
    }

    /// <summary>
    /// Area that two boxes share / area of the smaller one, 0 to 1: 1 where one lies inside the other.
    /// </summary>
    public float IntersectionOverSmaller(FaceBox other)
    {
        var shared = Intersection(other);
        return shared > 0 ? shared / MathF.Min(Width * Height, other.Width * other.Height) : 0;
    }

    /// <summary>The square round the middle whose side is the longest side times <paramref name="factor"/>.</summary>
    public FaceCrop ToCrop(float factor) => new(Centre, factor * MathF.Max(Width, Height));

    private float Intersection(FaceBox other)
    {
        var width = MathF.Min(Left + Width, other.Left + other.Width) - MathF.Max(Left, other.Left);
        var height = MathF.Min(Top + Height, other.Top + other.Height) - MathF.Max(Top, other.Top);
        return width > 0 && height > 0 ? width * height : 0;
    }
}

/// <summary>
/// The square of a picture that is cut out for a network. In the metadata of STAR a face is (scale, centre) and its
/// crop has the side 200 x scale pixels.
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
    /// <param name="factor">1 for STAR's networks, 1.2 for Mdfld's default model.</param>
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
