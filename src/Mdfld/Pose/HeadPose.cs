using System.Collections.Immutable;

namespace Mdfld;

/// <summary>
/// How a head stands before the camera: the mean head turned by yaw about its vertical axis, then by pitch, then by roll
/// in the picture's plane, and seen in perspective or, far away, weak perspective.
/// </summary>
/// <param name="Yaw">Degrees; positive where the face turns to the right of the picture.</param>
/// <param name="Pitch">Degrees; positive where it looks up.</param>
/// <param name="Roll">Degrees; positive where it leans clockwise as seen.</param>
/// <param name="Position">Where the middle between the eyes is seen, pixels.</param>
/// <param name="Scale">Pixels of an eye distance (between the eyes' centres) at that place.</param>
public sealed partial record HeadPose(float Yaw, float Pitch, float Roll, Vector2 Position, float Scale)
{
    private const float Degrees = 180 / MathF.PI;

    /// <summary>
    /// Where the middle between the eyes is in space, in eye distances: x right, y down, z away from the camera. Null
    /// where no focal length was given: then nothing says how far away the head is.
    /// </summary>
    public Vector3? Translation { get; init; }

    /// <summary>
    /// The covariance of the angles' error, degrees squared: yaw yaw, yaw pitch, yaw roll, pitch pitch, pitch roll, roll
    /// roll. It counts the points' own uncertainty and how far faces differ from the mean head.
    /// </summary>
    public ImmutableArray<float> Covariance { get; init; } = [];

    /// <summary>Standard deviations of yaw, pitch and roll, degrees.</summary>
    public Vector3 Deviation => Covariance.IsEmpty ? default
        : new(MathF.Sqrt(Covariance[0]), MathF.Sqrt(Covariance[3]), MathF.Sqrt(Covariance[5]));

    /// <summary>The pose in weak perspective: all of the head is equally far away.</summary>
    /// <param name="points">The 68 iBUG points, pixels.</param>
    /// <param name="uncertainty">The points' covariances, pixels squared; empty where they are unknown.</param>
    /// <returns>Null where the points are no face: not finite, or all on one line or spot.</returns>
    /// <exception cref="ArgumentException">There are not 68 points, or covariances of another number.</exception>
    public static HeadPose? Of(ReadOnlySpan<Vector2> points, ReadOnlySpan<PointCovariance> uncertainty = default)
    {
        Check(points, uncertainty);
        return new HeadFit(points, uncertainty, null, default).Solve() is { } found ? From(found, null, default) : null;
    }

    /// <summary>The pose in full perspective, before a camera of known focal length (PnP).</summary>
    /// <param name="points">The 68 iBUG points, pixels.</param>
    /// <param name="uncertainty">The points' covariances, pixels squared; empty where they are unknown.</param>
    /// <param name="focalLength">Of the camera, pixels.</param>
    /// <param name="principalPoint">Where its axis meets the picture, as a rule the middle; pixels.</param>
    /// <inheritdoc cref="Of(ReadOnlySpan{Vector2}, ReadOnlySpan{PointCovariance})"/>
    /// <exception cref="ArgumentOutOfRangeException">The focal length is not above 0.</exception>
    public static HeadPose? Of(
        ReadOnlySpan<Vector2> points, ReadOnlySpan<PointCovariance> uncertainty, float focalLength,
        Vector2 principalPoint)
    {
        Check(points, uncertainty);
        if (!(focalLength > 0 && float.IsFinite(focalLength)))
            throw new ArgumentOutOfRangeException(nameof(focalLength), focalLength, "expected pixels, more than 0");
        return new HeadFit(points, uncertainty, focalLength, principalPoint).Solve() is { } found
            ? From(found, focalLength, principalPoint) : null;
    }

    /// <summary>A point of the head as it is seen before the roll: x right, y down, z towards the camera.</summary>
    internal Vector3 ToView(Vector3 p)
    {
        var ((sinYaw, cosYaw), (sinPitch, cosPitch)) = (MathF.SinCos(Yaw / Degrees), MathF.SinCos(Pitch / Degrees));
        var (x, z) = ((p.X * cosYaw) + (p.Z * sinYaw), (p.Z * cosYaw) - (p.X * sinYaw));
        return new Vector3(x, (p.Y * cosPitch) - (z * sinPitch), (p.Y * sinPitch) + (z * cosPitch));
    }

    /// <summary>The inverse of <see cref="ToView"/>.</summary>
    internal Vector3 FromView(Vector3 p)
    {
        var ((sinYaw, cosYaw), (sinPitch, cosPitch)) = (MathF.SinCos(Yaw / Degrees), MathF.SinCos(Pitch / Degrees));
        var (y, z) = ((p.Y * cosPitch) + (p.Z * sinPitch), (p.Z * cosPitch) - (p.Y * sinPitch));
        return new Vector3((p.X * cosYaw) - (z * sinYaw), y, (z * cosYaw) + (p.X * sinYaw));
    }

    /// <summary>
    /// The face as it would be seen from the front, eye distances about the middle between the eyes: each point is taken
    /// to lie at the depth that the mean head has there.
    /// </summary>
    /// <param name="points">The 68 points that this pose was found from.</param>
    internal Vector2[] Frontal(ReadOnlySpan<Vector2> points)
    {
        var frontal = new Vector2[points.Length];
        var (sin, cos) = MathF.SinCos(-Roll / Degrees);
        for (var i = 0; i < frontal.Length; i++)
        {
            var p = (points[i] - Position) / Scale;
            var upright = new Vector2((p.X * cos) - (p.Y * sin), (p.X * sin) + (p.Y * cos));
            var own = FromView(new Vector3(upright, ToView(Mean[i]).Z));
            frontal[i] = new Vector2(own.X, own.Y);
        }
        return frontal;
    }

    private static HeadPose From(HeadFit.Solution found, float? focalLength, Vector2 principalPoint)
    {
        var (p, covariance) = found;
        var depth = focalLength / p.Scale;
        return new HeadPose(
            Wrapped(p.Yaw), Wrapped(p.Pitch), Wrapped(p.Roll), new Vector2((float)p.X, (float)p.Y), (float)p.Scale)
        {
            Covariance = [.. covariance.Select(c => (float)(c * Degrees * Degrees))],
            Translation = depth is { } z
                ? new Vector3(
                    (float)((p.X - principalPoint.X) / p.Scale), (float)((p.Y - principalPoint.Y) / p.Scale), (float)z)
                : null,
        };

        static float Wrapped(double radians) => Degrees * (float)Math.IEEERemainder(radians, Math.Tau);
    }

    private static void Check(ReadOnlySpan<Vector2> points, ReadOnlySpan<PointCovariance> uncertainty)
    {
        if (points.Length != Mean.Length)
            throw new ArgumentException($"expected the {Mean.Length} iBUG points, found {points.Length}");
        if (!uncertainty.IsEmpty && uncertainty.Length != points.Length)
            throw new ArgumentException($"{points.Length} points, but {uncertainty.Length} covariances");
    }
}
