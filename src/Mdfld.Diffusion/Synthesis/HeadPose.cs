using System.Numerics;

namespace Mdfld.Diffusion.Synthesis;

/// <summary>
/// How a head is seen: turned by yaw about its vertical axis, then by pitch, then by roll in the picture's plane
/// (radians), and projected along z (scaled orthographic).
/// </summary>
public readonly record struct HeadPose(float Yaw, float Pitch, float Roll)
{
    /// <summary>Where a point of the head is seen, eye distances of the picture, before the roll.</summary>
    public Vector2 Upright(Vector3 p)
    {
        var ((sinYaw, cosYaw), (sinPitch, cosPitch)) = (MathF.SinCos(Yaw), MathF.SinCos(Pitch));
        var (x, z) = ((p.X * cosYaw) + (p.Z * sinYaw), (p.Z * cosYaw) - (p.X * sinYaw));
        return new Vector2(x, (p.Y * cosPitch) - (z * sinPitch));
    }

    /// <summary>An upright place turned by the roll.</summary>
    public Vector2 Rolled(Vector2 p) => Turn(p, Roll);

    /// <summary>The same face in a mirror.</summary>
    public HeadPose Mirrored => new(-Yaw, Pitch, -Roll);

    /// <summary>
    /// The pose in which the mean head comes nearest to a face (least squares over all affine views, then the nearest
    /// one that is a scaled rotation), and the face upright in eye distances about its middle.
    /// </summary>
    /// <param name="face">68 points, pixels.</param>
    /// <param name="deviation">Receives what tells the face from the head seen so, upright, eye distances.</param>
    /// <returns>Null where the points are no face: all in one line or place.</returns>
    public static HeadPose? Fit(ReadOnlySpan<Vector2> face, Span<Vector2> deviation)
    {
        var (middle, centre) = (Vector3.Zero, Vector2.Zero);
        for (var i = 0; i < face.Length; i++)
            (middle, centre) = (middle + Head.Points[i], centre + face[i]);
        (middle, centre) = (middle / face.Length, centre / face.Length);
        var (across, down, gram) = (Vector3.Zero, Vector3.Zero, default(Matrix4x4));
        for (var i = 0; i < face.Length; i++)
        {
            var (h, p) = (Head.Points[i] - middle, face[i] - centre);
            (across, down) = (across + (h * p.X), down + (h * p.Y));
            gram += Outer(h);
        }
        gram.M44 = 1;
        Matrix4x4.Invert(gram, out var inverse);
        (across, down) = (Vector3.Transform(across, inverse), Vector3.Transform(down, inverse));

        // The two rows made orthogonal and of one length, symmetrically: G^(-1/2) times them, G their 2 x 2 Gram
        // matrix.
        var (a, b, d) = (across.LengthSquared(), Vector3.Dot(across, down), down.LengthSquared());
        var root = MathF.Sqrt(MathF.Max(0, (a * d) - (b * b)));
        var scale = MathF.Sqrt(a + d + (2 * root)) / 2;
        if (!(root > 1e-6f * (a + d)) || !float.IsFinite(scale))
            return null;
        // Sqrt(G) = (G + root 1) / (2 scale), its determinant is root.
        var (right, lower) = (
            (((d + root) * across) - (b * down)) / (2 * scale * root),
            (((a + root) * down) - (b * across)) / (2 * scale * root));
        var towards = Vector3.Cross(right, lower);
        var pose = new HeadPose(
            MathF.Atan2(-towards.X, towards.Z),
            MathF.Asin(Math.Clamp(towards.Y, -1, 1)),
            MathF.Atan2(-right.Y, lower.Y));
        for (var i = 0; i < face.Length; i++)
        {
            var upright = Turn((face[i] - centre) / scale, -pose.Roll);
            deviation[i] = upright - pose.Upright(Head.Points[i] - middle);
        }
        return pose;
    }

    private static Matrix4x4 Outer(Vector3 v) => new(
        v.X * v.X, v.X * v.Y, v.X * v.Z, 0,
        v.Y * v.X, v.Y * v.Y, v.Y * v.Z, 0,
        v.Z * v.X, v.Z * v.Y, v.Z * v.Z, 0,
        0, 0, 0, 0);

    private static Vector2 Turn(Vector2 p, float angle)
    {
        var (sin, cos) = MathF.SinCos(angle);
        return new Vector2((p.X * cos) - (p.Y * sin), (p.X * sin) + (p.Y * cos));
    }
}
