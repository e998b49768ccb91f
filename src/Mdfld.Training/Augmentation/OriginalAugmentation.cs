using System.Numerics;

namespace Mdfld.Training.Augmentation;

/// <summary>
/// The augmentation STAR was trained with: mirror, rotation N(0, 18 degrees), scale N(1, 0.1), shift N(0, 5 %), then
/// occlusion, blur, gamma, noise and grey. The order of draws and the rounding are the original's; its two sources of
/// random numbers are one here.
/// </summary>
/// <param name="scheme">Which landmarks change places in a mirror.</param>
/// <param name="size">Side of the crop in pixels; the original's is 256.</param>
public sealed class OriginalAugmentation(LandmarkScheme scheme, int size = 256) : IFaceAugmentation
{
    private const double AngleSpread = 18;
    private const double ScaleSpread = 0.1;
    private const double ShiftSpread = 0.05;

    /// <inheritdoc/>
    public int Size => size;

    /// <inheritdoc/>
    public void Apply(
        Image picture,
        IReadOnlyList<Vector2> landmarks,
        FaceCrop crop,
        Random random,
        Image target,
        Span<Vector2> targetLandmarks)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(landmarks);
        ArgumentNullException.ThrowIfNull(random);
        FaceTarget.Check(this, scheme.Count, landmarks.Count, target, targetLandmarks.Length);
        for (var i = 0; i < landmarks.Count; i++)
            targetLandmarks[i] = landmarks[i];
        if (random.NextDouble() < 0.5)
        {
            Flip(targetLandmarks, scheme, picture.Width);
            crop = crop with { Centre = Flip(crop.Centre, scheme, picture.Width) };
            picture = Mirror(picture);
        }
        var (shiftX, shiftY) = (ShiftSpread * Normal(random), ShiftSpread * Normal(random));
        var angle = AngleSpread * Normal(random);
        var map = Total(crop, angle, 1 + (ScaleSpread * Normal(random)), shiftX, shiftY, size);
        Warp.Into(picture, map, target, Sampling.Bilinear);
        foreach (ref var p in targetLandmarks)
            p = map.Apply(p);
        OriginalTextures.Apply(target, random);
    }

    /// <summary>
    /// Turns and scales about the middle of the crop, then shifts: the map from the plain crop to the augmented one.
    /// </summary>
    /// <param name="angle">Degrees; positive turns clockwise as seen.</param>
    /// <param name="factor">Scale.</param>
    /// <param name="shiftX">Shift to the right, as a share of the crop.</param>
    /// <param name="shiftY">Shift downwards, as a share of the crop.</param>
    /// <param name="size">Side of the crop, pixels.</param>
    internal static Homography Geometry(double angle, double factor, double shiftX, double shiftY, int size) =>
        Homography.Translation(shiftX * (size - 1), shiftY * (size - 1))
        * Homography.Rotation(angle * Math.PI / 180, factor, new Vector2((size - 1) / 2f));

    /// <summary>
    /// Crop, then geometry, multiplied in single precision with fused steps as the original's library does it: only then
    /// are the pictures the same to the byte.
    /// </summary>
    internal static Homography Total(FaceCrop crop, double angle, double factor, double shiftX, double shiftY, int size)
    {
        var g = Geometry(angle, factor, shiftX, shiftY, size);
        var c = crop.ToCrop(size);
        return Homography.Affine(
            Sum(g.M11, c.M11, g.M12, c.M21), Sum(g.M11, c.M12, g.M12, c.M22), Sum(g.M11, c.M13, g.M12, c.M23) + (float)g.M13,
            Sum(g.M21, c.M11, g.M22, c.M21), Sum(g.M21, c.M12, g.M22, c.M22), Sum(g.M21, c.M13, g.M22, c.M23) + (float)g.M23);

        static float Sum(double a, double b, double c, double d) =>
            MathF.FusedMultiplyAdd((float)c, (float)d, (float)a * (float)b);
    }

    /// <summary>The landmarks of a mirrored picture.</summary>
    internal static void Flip(Span<Vector2> landmarks, LandmarkScheme scheme, int width)
    {
        Span<Vector2> saved = stackalloc Vector2[landmarks.Length];
        landmarks.CopyTo(saved);
        for (var i = 0; i < landmarks.Length; i++)
            landmarks[i] = Flip(saved[scheme.FlipPermutation[i]], scheme, width);
    }

    /// <summary>Where a point is in a mirrored picture; the original is one pixel off for COFW, and so is this.</summary>
    internal static Vector2 Flip(Vector2 point, LandmarkScheme scheme, int width) =>
        point with { X = width + scheme.FlipOffset - point.X };

    private static Image Mirror(Image picture)
    {
        var mirrored = new Image(picture.Width, picture.Height);
        for (var y = 0; y < picture.Height; y++)
        {
            ReadOnlySpan<byte> from = picture.Row(y);
            var to = mirrored.Row(y);
            for (int x = 0, o = to.Length - Image.Channels; x < from.Length; x += Image.Channels, o -= Image.Channels)
                from.Slice(x, Image.Channels).CopyTo(to[o..]);
        }
        return mirrored;
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble());
}
