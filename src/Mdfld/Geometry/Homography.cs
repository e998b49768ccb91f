namespace Mdfld;

/// <summary>
/// A projective map of the plane, p' ~ M p with p = (x, y, 1); affine and similarity maps are those whose last row is
/// (0, 0, 1). Coordinates are pixels, x right, y down, centre of the top-left pixel at (0, 0).
/// </summary>
public readonly record struct Homography(
    double M11, double M12, double M13,
    double M21, double M22, double M23,
    double M31, double M32, double M33)
{
    /// <summary>The map that moves nothing.</summary>
    public static Homography Identity { get; } = Affine(1, 0, 0, 0, 1, 0);

    internal bool IsAffine => M31 == 0 && M32 == 0 && M33 == 1;

    /// <summary>Of an affine map: the length that a step along a row or column gets, the larger of both.</summary>
    internal double LargestScale =>
        Math.Sqrt(Math.Max((M11 * M11) + (M21 * M21), (M12 * M12) + (M22 * M22)));

    /// <summary>x' = a x + b y + c, y' = d x + e y + f.</summary>
    public static Homography Affine(double a, double b, double c, double d, double e, double f) =>
        new(a, b, c, d, e, f, 0, 0, 1);

    /// <summary>Moves by (x, y) pixels.</summary>
    public static Homography Translation(double x, double y) => Affine(1, 0, x, 0, 1, y);

    /// <summary>Scales about the origin.</summary>
    public static Homography Scale(double x, double y) => Affine(x, 0, 0, 0, y, 0);

    /// <summary>
    /// What a mirror shows of a picture <paramref name="width"/> pixels wide: column x becomes width - 1 - x.
    /// </summary>
    public static Homography Mirror(int width) => Affine(-1, 0, width - 1, 0, 1, 0);

    /// <summary>
    /// Rotates by <paramref name="radians"/> (clockwise as seen, since y points down) and scales by
    /// <paramref name="factor"/> about <paramref name="centre"/>.
    /// </summary>
    public static Homography Rotation(double radians, double factor, Vector2 centre)
    {
        var (sin, cos) = Math.SinCos(radians);
        var (a, b) = (factor * cos, factor * sin);
        return Affine(
            a, -b, centre.X - (a * centre.X) + (b * centre.Y),
            b, a, centre.Y - (b * centre.X) - (a * centre.Y));
    }

    /// <summary>The composition that applies <paramref name="second"/> first, then <paramref name="first"/>.</summary>
    public static Homography operator *(Homography first, Homography second) => new(
        (first.M11 * second.M11) + (first.M12 * second.M21) + (first.M13 * second.M31),
        (first.M11 * second.M12) + (first.M12 * second.M22) + (first.M13 * second.M32),
        (first.M11 * second.M13) + (first.M12 * second.M23) + (first.M13 * second.M33),
        (first.M21 * second.M11) + (first.M22 * second.M21) + (first.M23 * second.M31),
        (first.M21 * second.M12) + (first.M22 * second.M22) + (first.M23 * second.M32),
        (first.M21 * second.M13) + (first.M22 * second.M23) + (first.M23 * second.M33),
        (first.M31 * second.M11) + (first.M32 * second.M21) + (first.M33 * second.M31),
        (first.M31 * second.M12) + (first.M32 * second.M22) + (first.M33 * second.M32),
        (first.M31 * second.M13) + (first.M32 * second.M23) + (first.M33 * second.M33));

    /// <summary>Where a point goes.</summary>
    public Vector2 Apply(Vector2 p)
    {
        var w = (M31 * p.X) + (M32 * p.Y) + M33;
        return new Vector2(
            (float)(((M11 * p.X) + (M12 * p.Y) + M13) / w),
            (float)(((M21 * p.X) + (M22 * p.Y) + M23) / w));
    }

    /// <summary>The map back.</summary>
    /// <exception cref="InvalidOperationException">The map is singular.</exception>
    public Homography Invert()
    {
        var c11 = (M22 * M33) - (M23 * M32);
        var c12 = (M23 * M31) - (M21 * M33);
        var c13 = (M21 * M32) - (M22 * M31);
        var det = (M11 * c11) + (M12 * c12) + (M13 * c13);
        if (det == 0 || !double.IsFinite(det))
            throw new InvalidOperationException("this map flattens the plane and has no inverse");
        return new Homography(
            c11 / det, ((M13 * M32) - (M12 * M33)) / det, ((M12 * M23) - (M13 * M22)) / det,
            c12 / det, ((M11 * M33) - (M13 * M31)) / det, ((M13 * M21) - (M11 * M23)) / det,
            c13 / det, ((M12 * M31) - (M11 * M32)) / det, ((M11 * M22) - (M12 * M21)) / det);
    }
}
