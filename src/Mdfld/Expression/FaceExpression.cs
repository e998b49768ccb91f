namespace Mdfld;

/// <summary>
/// What eyes, brows and mouth do, measured after the head's pose is removed. Only what 68 points and the irises determine
/// is there: cheeks and tongue are not, brows, pursed lips and looks up or down not without a neutral face, the far eye of a
/// turned head not.
/// </summary>
public sealed class FaceExpression
{
    // Beyond this yaw, degrees, the far half of a face is too narrow to measure; beyond the second all of it.
    private const float FarGone = 35;
    private const float AllGone = 70;

    private readonly FaceMeasures _measures;
    private readonly SortedDictionary<string, float> _shapes;

    private FaceExpression(FaceMeasures measures, SortedDictionary<string, float> shapes) =>
        (_measures, _shapes) = (measures, shapes);

    /// <summary>
    /// Values from 0 to 1 by the names of ARKit's blend shapes, such as <c>eyeBlinkLeft</c> and <c>jawOpen</c>; left is
    /// the subject's. What cannot be known is absent.
    /// </summary>
    public IReadOnlyDictionary<string, float> BlendShapes => _shapes;

    /// <summary>Opening of the subject's right eye's lids / its width: 0 shut, 0.3 the mean face's.</summary>
    public float RightEyeOpening => _measures.RightEye;

    /// <summary>As <see cref="RightEyeOpening"/>, of the left eye.</summary>
    public float LeftEyeOpening => _measures.LeftEye;

    /// <summary>Gap between the lips / width of the mouth.</summary>
    public float MouthOpening => _measures.MouthOpening;

    /// <summary>From corner to corner of the mouth, eye distances.</summary>
    public float MouthWidth => _measures.MouthWidth;

    /// <summary>Mean height of both brows over the eyes, eye distances.</summary>
    public float BrowHeight => (_measures.RightInnerBrow + _measures.LeftInnerBrow
        + _measures.RightOuterBrow + _measures.LeftOuterBrow) / 4;

    /// <summary>Measures a face.</summary>
    /// <param name="points">The 68 iBUG points, pixels.</param>
    /// <param name="pose">Their pose, as <see cref="HeadPose.Of(ReadOnlySpan{Vector2}, ReadOnlySpan{PointCovariance})"/> gives it.</param>
    /// <param name="neutral">
    /// The same person's neutral face (<see cref="Neutral"/>), from which all is measured; null for the mean face, of
    /// which only what does not depend on a face's proportions is measured.
    /// </param>
    /// <exception cref="ArgumentException">There are not 68 points.</exception>
    public static FaceExpression Of(ReadOnlySpan<Vector2> points, HeadPose pose, FaceExpression? neutral = null) =>
        Of(points, null, null, pose, neutral);

    /// <summary>Measures a face, and where its irises are seen the gaze.</summary>
    internal static FaceExpression Of(
        ReadOnlySpan<Vector2> points, Vector2? rightIris, Vector2? leftIris, HeadPose pose, FaceExpression? neutral)
    {
        ArgumentNullException.ThrowIfNull(pose);
        if (points.Length != HeadPose.MeanHead.Length)
            throw new ArgumentException($"expected the {HeadPose.MeanHead.Length} iBUG points, found {points.Length}");
        var measures = FaceMeasures.Of(pose.Frontal(points)) with
        {
            RightGaze = FaceMeasures.Gaze(points[36..42], rightIris),
            LeftGaze = FaceMeasures.Gaze(points[42..48], leftIris),
        };
        var shapes = new SortedDictionary<string, float>(StringComparer.Ordinal);
        var yaw = MathF.Abs(pose.Yaw);
        if (yaw < AllGone)
        {
            var from = neutral?._measures ?? FaceMeasures.Mean;
            AddMouth(shapes, measures, from, neutral is not null, yaw < FarGone);
            // A head that turns to the right of the picture hides the subject's left half.
            if (yaw < FarGone || pose.Yaw > 0)
            {
                AddSide(shapes, "Right", measures.RightEye, from.RightEye, Brow(m => m.RightOuterBrow), Brow(m => m.RightInnerBrow));
                AddGaze(shapes, "Right", measures.RightGaze, from.RightGaze, 1);
            }
            if (yaw < FarGone || pose.Yaw < 0)
            {
                AddSide(shapes, "Left", measures.LeftEye, from.LeftEye, Brow(m => m.LeftOuterBrow), Brow(m => m.LeftInnerBrow));
                AddGaze(shapes, "Left", measures.LeftGaze, from.LeftGaze, -1);
            }
            if (neutral is not null && yaw < FarGone)
                shapes["browInnerUp"] = Ramp((Brow(m => m.RightInnerBrow)!.Value + Brow(m => m.LeftInnerBrow)!.Value) / 2, 0.02f, 0.2f);
        }
        return new FaceExpression(measures, shapes);

        float? Brow(Func<FaceMeasures, float> height) =>
            neutral is null ? null : height(measures) - height(neutral._measures);
    }

    /// <summary>A neutral face: the median of each measure over some faces of one person at rest.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static FaceExpression Neutral(IReadOnlyCollection<FaceExpression> faces)
    {
        ArgumentNullException.ThrowIfNull(faces);
        if (faces.Count == 0)
            throw new ArgumentException("no faces have no neutral one", nameof(faces));
        return new FaceExpression(
            FaceMeasures.Median([.. faces.Select(f => f._measures)]), new(StringComparer.Ordinal));
    }

    private static void AddSide(
        SortedDictionary<string, float> shapes, string side, float opening, float from, float? outerBrow, float? innerBrow)
    {
        // Shut lids still are two lines to a detector: a fifth of an open eye, or 0.07 of its width.
        var shut = MathF.Max(0.07f, 0.2f * from);
        shapes[$"eyeBlink{side}"] = 1 - Ramp(opening, shut, MathF.Max(0.85f * from, shut + 0.05f));
        if (outerBrow is not { } outer || innerBrow is not { } inner)
            return;
        shapes[$"eyeWide{side}"] = Ramp(opening, 1.1f * from, 1.6f * from);
        shapes[$"browOuterUp{side}"] = Ramp(outer, 0.02f, 0.2f);
        shapes[$"browDown{side}"] = Ramp(-(outer + inner) / 2, 0.02f, 0.15f);
    }

    // Inward is 1 where the nose is to the right of the eye in the picture, -1 where to the left.
    private static void AddGaze(
        SortedDictionary<string, float> shapes, string side, Vector2? gaze, Vector2? rest, float inward)
    {
        // Of the eye's width: an iris moves by a quarter of it to a corner, and less up and down.
        const float Still = 0.02f, Sideways = 0.25f, Upright = 0.15f;
        if (gaze is not { } at)
            return;
        var inwards = inward * (at.X - (rest?.X ?? 0));
        shapes[$"eyeLookIn{side}"] = Ramp(inwards, Still, Sideways);
        shapes[$"eyeLookOut{side}"] = Ramp(-inwards, Still, Sideways);
        // Where the iris of a level look is between the lids differs by face.
        if (rest is not { } level)
            return;
        shapes[$"eyeLookDown{side}"] = Ramp(at.Y - level.Y, Still, Upright);
        shapes[$"eyeLookUp{side}"] = Ramp(level.Y - at.Y, Still, Upright);
    }

    private static void AddMouth(
        SortedDictionary<string, float> shapes, FaceMeasures face, FaceMeasures from, bool isOwn, bool hasBothSides)
    {
        var jaw = Ramp(face.MouthOpening, from.MouthOpening + 0.03f, from.MouthOpening + 0.6f);
        shapes["jawOpen"] = jaw;
        var width = MathF.Max(from.MouthWidth, 0.25f);
        foreach (var (side, corner, rest) in ((string, float, float)[])[
            ("Left", face.LeftCorner, from.LeftCorner), ("Right", face.RightCorner, from.RightCorner)])
        {
            // In widths of the mouth at rest: small mouths smile, too.
            var lift = ((corner / MathF.Max(face.MouthWidth, 0.25f)) - (rest / width));
            shapes[$"mouthSmile{side}"] = Ramp(lift, 0.02f, 0.2f);
            shapes[$"mouthFrown{side}"] = Ramp(-lift, 0.03f, 0.2f);
        }
        if (!isOwn || !hasBothSides)
            return;
        var narrowed = Ramp(1 - (face.MouthWidth / width), 0.06f, 0.45f);
        shapes["mouthPucker"] = narrowed * (1 - jaw);
        shapes["mouthFunnel"] = narrowed * jaw;
        var shift = (face.MouthShift - from.MouthShift) / width;
        shapes["mouthLeft"] = Ramp(shift, 0.05f, 0.35f);
        shapes["mouthRight"] = Ramp(-shift, 0.05f, 0.35f);
    }

    /// <summary>0 below a value, 1 above another, linear between.</summary>
    private static float Ramp(float value, float low, float high) => Math.Clamp((value - low) / (high - low), 0, 1);
}
