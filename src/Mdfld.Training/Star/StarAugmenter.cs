using System.Numerics;

namespace Mdfld.Training.Star;

/// <summary>
/// The variants of a face that STAR trains on: mirrored half of the time, always turned, scaled and shifted a
/// little (unbounded normal draws), then <see cref="StarTextures"/>. No landmark is kept inside the crop.
/// </summary>
/// <remarks>
/// The rules are the original's; its draws came from three generators, here they come from one. Any number of threads
/// may share an augmenter.
/// </remarks>
/// <param name="scheme">Which points change places in a mirror.</param>
/// <param name="size">Side of the crop, pixels.</param>
public sealed class StarAugmenter(LandmarkScheme scheme, int size = StarOptions.CropSize)
{
    private const double MirrorRate = 0.5;
    private const double ShiftSpread = 0.05;
    private const double AngleSpread = 18;
    private const double ScaleSpread = 0.1;

    /// <summary>Draws one variant of a face.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="landmarks">Points of the scheme, pixels of the picture.</param>
    /// <param name="face">The square to look at; STAR's own factor is 1.</param>
    /// <param name="random">All draws come from it.</param>
    /// <param name="target">Receives the crop, size x size.</param>
    /// <param name="targetLandmarks">Receives the points, pixels of the crop.</param>
    /// <returns>True: STAR's changes of colour and blur leave a photo one.</returns>
    /// <exception cref="ArgumentException">Points or target have another number or size than expected.</exception>
    public bool Apply(
        Picture picture,
        IReadOnlyList<Vector2> landmarks,
        FaceCrop face,
        Random random,
        Picture target,
        Span<Vector2> targetLandmarks)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(landmarks);
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(target);
        if (landmarks.Count != scheme.Count || targetLandmarks.Length != scheme.Count)
        {
            throw new ArgumentException(
                $"expected {scheme.Count} landmarks, found {landmarks.Count} and room for {targetLandmarks.Length}");
        }

        if (target.Width != size || target.Height != size)
            throw new ArgumentException(
                $"expected a target of {size} x {size}, found {target.Width} x {target.Height}");

        Vector2[] points = [.. landmarks];
        var picturePixels = Homography.Identity;
        if (random.NextDouble() < MirrorRate)
        {
            (points, face) = Mirror(points, face, picture.Width);
            picturePixels = Homography.Mirror(picture.Width);
        }

        var (shiftX, shiftY) = (ShiftSpread * Normal(random), ShiftSpread * Normal(random));
        var angle = AngleSpread * Normal(random);
        var matrix = Matrix(face, angle, 1 + (ScaleSpread * Normal(random)), shiftX, shiftY);
        picture.WarpInto(matrix * picturePixels, target);
        for (var i = 0; i < points.Length; i++)
            targetLandmarks[i] = matrix.Apply(points[i]);
        StarTextures.Apply(target, random);
        return true;
    }

    /// <summary>
    /// The mirrored face. Points and centre move by the scheme's offset (for COFW one pixel more than the
    /// picture moves, as in the original).
    /// </summary>
    internal (Vector2[] Points, FaceCrop Face) Mirror(ReadOnlySpan<Vector2> points, FaceCrop face, int width)
    {
        var centre = new Vector2(width - face.Centre.X + scheme.MirrorOffset, face.Centre.Y);
        return (scheme.Mirror(points, width), face with { Centre = centre });
    }

    /// <summary>
    /// Crop, then turn and scale about its middle, then shift. Multiplied in single precision with fused steps, as the
    /// original's library does it: only then are the pictures the same to the byte.
    /// </summary>
    /// <param name="face">The square.</param>
    /// <param name="angle">Degrees, clockwise as seen.</param>
    /// <param name="scale">Factor.</param>
    /// <param name="shiftX">Share of the crop's side less one pixel, to the right.</param>
    /// <param name="shiftY">The same, downwards.</param>
    internal Homography Matrix(FaceCrop face, double angle, double scale, double shiftX, double shiftY)
    {
        var g = Homography.Translation(shiftX * (size - 1), shiftY * (size - 1))
            * Homography.Rotation(angle * Math.PI / 180, scale, new Vector2((size - 1) / 2f));
        var c = face.ToCrop(size);
        return Homography.Affine(
            Sum(g.M11, c.M11, g.M12, c.M21),
            Sum(g.M11, c.M12, g.M12, c.M22),
            Sum(g.M11, c.M13, g.M12, c.M23) + (float)g.M13,
            Sum(g.M21, c.M11, g.M22, c.M21),
            Sum(g.M21, c.M12, g.M22, c.M22),
            Sum(g.M21, c.M13, g.M22, c.M23) + (float)g.M23);

        static float Sum(double a, double b, double c, double d) =>
            MathF.FusedMultiplyAdd((float)c, (float)d, (float)a * (float)b);
    }

    /// <summary>Standard normal (Box and Muller 1958), unbounded.</summary>
    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble());
}
