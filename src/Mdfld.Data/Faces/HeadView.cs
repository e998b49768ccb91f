namespace Mdfld.Data;

/// <summary>
/// How a head is seen: turned by yaw about its vertical axis, then by pitch, then by roll in the picture's plane
/// (radians), and projected along z (scaled orthographic): the closed form that labels are checked, completed and turned
/// with. <see cref="HeadPose"/> is the fit that knows how sure each point is.
/// </summary>
public readonly record struct HeadView(float Yaw, float Pitch, float Roll)
{
    /// <summary>
    /// Root mean square distance of a face's point from the mean head's projection, eye distances: of the photos of
    /// 300-W that <see cref="HeadPose.MeanHead"/> was found from.
    /// </summary>
    public const float UsualDeviation = 0.078f;

    /// <summary>Where a point of the head is seen, eye distances of the picture, before the roll.</summary>
    public Vector2 Upright(Vector3 p)
    {
        var view = ToView(p);
        return new Vector2(view.X, view.Y);
    }

    /// <summary>A point of the head as it is seen before the roll: x to the right, y down, z towards the camera.</summary>
    public Vector3 ToView(Vector3 p)
    {
        var ((sinYaw, cosYaw), (sinPitch, cosPitch)) = (MathF.SinCos(Yaw), MathF.SinCos(Pitch));
        var (x, z) = ((p.X * cosYaw) + (p.Z * sinYaw), (p.Z * cosYaw) - (p.X * sinYaw));
        return new Vector3(x, (p.Y * cosPitch) - (z * sinPitch), (p.Y * sinPitch) + (z * cosPitch));
    }

    /// <summary>The inverse of <see cref="ToView"/>.</summary>
    public Vector3 FromView(Vector3 p)
    {
        var ((sinYaw, cosYaw), (sinPitch, cosPitch)) = (MathF.SinCos(Yaw), MathF.SinCos(Pitch));
        var (y, z) = ((p.Y * cosPitch) + (p.Z * sinPitch), (p.Z * cosPitch) - (p.Y * sinPitch));
        return new Vector3((p.X * cosYaw) - (z * sinYaw), y, (z * cosYaw) + (p.X * sinYaw));
    }

    /// <summary>An upright point turned by the roll.</summary>
    public Vector2 Rolled(Vector2 p) => Turned(p, Roll);

    public HeadView Mirrored => new(-Yaw, Pitch, -Roll);

    /// <summary>
    /// The pose in which the mean head comes nearest to a face (least squares over all affine views, then the nearest
    /// one that is a scaled rotation), and the face upright in eye distances about its middle.
    /// </summary>
    /// <param name="face">68 points, pixels; those that are missing do not count.</param>
    /// <param name="deviation">
    /// Receives what tells the face from the head seen so, upright, eye distances; NaN of missing points.
    /// </param>
    /// <param name="scale">Receives the eye distance of the head seen so, pixels.</param>
    /// <returns>Null where the points are no face: all on one line or spot.</returns>
    public static HeadView? Fit(ReadOnlySpan<Vector2> face, Span<Vector2> deviation, out float scale)
    {
        scale = 0;
        if (AffineView(face) is not var (middle, centre, across, down))
            return null;

        // The two rows made orthogonal and of one length, symmetrically: G^(-1/2) times them, G their 2 x 2 Gram
        // matrix.
        var (a, b, d) = (across.LengthSquared(), Vector3.Dot(across, down), down.LengthSquared());
        var root = MathF.Sqrt(MathF.Max(0, (a * d) - (b * b)));
        scale = MathF.Sqrt(a + d + (2 * root)) / 2;
        if (!(root > 1e-6f * (a + d)) || !float.IsFinite(scale))
            return null;
        // Sqrt(G) = (G + root 1) / (2 scale), its determinant is root.
        var (right, lower) = (
            (((d + root) * across) - (b * down)) / (2 * scale * root),
            (((a + root) * down) - (b * across)) / (2 * scale * root));
        var towards = Vector3.Cross(right, lower);
        var pose = new HeadView(
            MathF.Atan2(-towards.X, towards.Z),
            MathF.Asin(Math.Clamp(towards.Y, -1, 1)),
            MathF.Atan2(-right.Y, lower.Y));
        for (var i = 0; i < face.Length; i++)
        {
            var upright = Turned((face[i] - centre) / scale, -pose.Roll);
            deviation[i] = upright - pose.Upright(HeadPose.MeanHead[i] - middle);
        }
        return pose;
    }

    /// <inheritdoc cref="Fit(ReadOnlySpan{Vector2}, Span{Vector2}, out float)"/>
    public static HeadView? Fit(ReadOnlySpan<Vector2> face, Span<Vector2> deviation) => Fit(face, deviation, out _);

    /// <summary>
    /// The face with missing points where the mean head has them, as it is seen there: good enough to know where the
    /// face is, not to learn from. Of other schemes, and of too few points to fit a head to, in the middle of the
    /// others.
    /// </summary>
    /// <param name="face">Points, pixels; at least one is not missing.</param>
    public static Vector2[] Complete(ReadOnlySpan<Vector2> face)
    {
        var complete = face.ToArray();
        if (!complete.Any(LabelledFace.IsMissing))
            return complete;
        var isHead = face.Length == HeadPose.MeanHead.Length;
        var (middle, centre, _) = isHead ? Middles(face)
            : (default, complete.Where(p => !LabelledFace.IsMissing(p)).Aggregate((a, b) => a + b)
                / complete.Count(p => !LabelledFace.IsMissing(p)), 0);
        var (pose, scale) = isHead && Fit(face, new Vector2[face.Length], out var size) is { } found
            ? (found, size) : (default, 0);
        for (var i = 0; i < complete.Length; i++)
        {
            if (LabelledFace.IsMissing(complete[i]))
                complete[i] = scale > 0
                    ? centre + (scale * pose.Rolled(pose.Upright(HeadPose.MeanHead[i] - middle))) : centre;
        }
        return complete;
    }

    /// <summary>
    /// How unlike a head a shape is: the root of the share of its points' spread that no affine view of the mean head
    /// explains, 0 to 1. Of photos, paintings, caricatures and cartoons it is up to 0.33, of points in a wrong order
    /// 0.4 or more.
    /// </summary>
    /// <param name="face">68 points, pixels; those that are missing do not count.</param>
    /// <returns>NaN where there are too few points.</returns>
    public static double ShapeError(ReadOnlySpan<Vector2> face)
    {
        if (AffineView(face) is not var (middle, centre, across, down))
            return double.NaN;
        var (left, all) = (0.0, 0.0);
        for (var i = 0; i < face.Length; i++)
        {
            if (LabelledFace.IsMissing(face[i]))
                continue;
            var head = HeadPose.MeanHead[i] - middle;
            var seen = new Vector2(Vector3.Dot(across, head), Vector3.Dot(down, head));
            left += (face[i] - centre - seen).LengthSquared();
            all += (face[i] - centre).LengthSquared();
        }
        return Math.Sqrt(left / all);
    }

    /// <summary>
    /// The affine view of the mean head that comes nearest to a face: the middles of both, and the rows of the map from
    /// the head about its middle to the face about its own. Null of too few points.
    /// </summary>
    private static (Vector3 Head, Vector2 Face, Vector3 Across, Vector3 Down)? AffineView(ReadOnlySpan<Vector2> face)
    {
        var (middle, centre, count) = Middles(face);
        if (count < 4)
            return null;
        var (across, down, gram) = (Vector3.Zero, Vector3.Zero, default(Matrix4x4));
        for (var i = 0; i < face.Length; i++)
        {
            if (LabelledFace.IsMissing(face[i]))
                continue;
            var (h, p) = (HeadPose.MeanHead[i] - middle, face[i] - centre);
            (across, down) = (across + (h * p.X), down + (h * p.Y));
            gram += Outer(h);
        }
        gram.M44 = 1;
        return Matrix4x4.Invert(gram, out var inverse)
            ? (middle, centre, Vector3.Transform(across, inverse), Vector3.Transform(down, inverse)) : null;
    }

    /// <summary>The middles of the points that are there, of the mean head and of the face.</summary>
    private static (Vector3 Head, Vector2 Face, int Count) Middles(ReadOnlySpan<Vector2> face)
    {
        var (head, seen, count) = (Vector3.Zero, Vector2.Zero, 0);
        for (var i = 0; i < face.Length; i++)
        {
            if (!LabelledFace.IsMissing(face[i]))
                (head, seen, count) = (head + HeadPose.MeanHead[i], seen + face[i], count + 1);
        }
        return (head / count, seen / count, count);
    }

    private static Matrix4x4 Outer(Vector3 v) => new(
        v.X * v.X, v.X * v.Y, v.X * v.Z, 0,
        v.Y * v.X, v.Y * v.Y, v.Y * v.Z, 0,
        v.Z * v.X, v.Z * v.Y, v.Z * v.Z, 0,
        0, 0, 0, 0);

    /// <summary>A point turned about the origin, clockwise in the picture, radians.</summary>
    public static Vector2 Turned(Vector2 p, float angle)
    {
        var (sin, cos) = MathF.SinCos(angle);
        return new Vector2((p.X * cos) - (p.Y * sin), (p.X * sin) + (p.Y * cos));
    }
}

/// <summary>
/// Upright coordinates of a face: the middle between the eyes is the origin, their distance is 1 (less where a face is
/// seen from the side), y points to the chin.
/// </summary>
public readonly record struct UprightFrame(Vector2 Origin, Vector2 Right, float Unit)
{
    private Vector2 Down => new(-Right.Y, Right.X);

    /// <summary>The frame of a face of 68 points.</summary>
    public static UprightFrame Of(ReadOnlySpan<Vector2> landmarks) =>
        Of(Centre(landmarks[36..42]), Centre(landmarks[42..48]), landmarks[8]);

    /// <summary>The frame of a face from its eyes and chin, left and right in the picture.</summary>
    public static UprightFrame Of(Vector2 leftEye, Vector2 rightEye, Vector2 chin)
    {
        var eyes = (leftEye + rightEye) / 2;
        var down = chin - eyes;
        // Seen from the side the eyes nearly coincide; the height of the face is the better measure then.
        var unit = MathF.Max(Vector2.Distance(leftEye, rightEye), MathF.Max(0.5f * down.Length(), 1e-3f));
        down = down.LengthSquared() > 1e-6f ? Vector2.Normalize(down) : Vector2.UnitY;
        return new UprightFrame(eyes, new Vector2(down.Y, -down.X), unit);
    }

    public Vector2 ToLocal(Vector2 p) =>
        new Vector2(Vector2.Dot(p - Origin, Right), Vector2.Dot(p - Origin, Down)) / Unit;

    public Vector2 FromLocal(Vector2 p) => Origin + (((Right * p.X) + (Down * p.Y)) * Unit);

    public static Vector2 Centre(ReadOnlySpan<Vector2> points)
    {
        var sum = Vector2.Zero;
        foreach (var p in points)
            sum += p;
        return sum / points.Length;
    }
}
