namespace Mdfld;

/// <summary>
/// Lengths of a face seen from the front, after the head's pose is removed; eye distances unless said otherwise. Left and
/// right are the subject's.
/// </summary>
/// <param name="RightEye">Opening of the lids / width of the eye; so of the left eye.</param>
/// <param name="LeftEye">See the right one's.</param>
/// <param name="RightInnerBrow">Height of the brow's inner end over the eye; so of the others.</param>
/// <param name="LeftInnerBrow">See the right one's.</param>
/// <param name="RightOuterBrow">Height of the brow's outer end.</param>
/// <param name="LeftOuterBrow">See the right one's.</param>
/// <param name="MouthGap">Between the lips' inner edges.</param>
/// <param name="MouthWidth">From corner to corner.</param>
/// <param name="RightCorner">Height of the mouth's corner over the middle between the lips; so of the left one.</param>
/// <param name="LeftCorner">See the right one's.</param>
/// <param name="MouthShift">Middle of the mouth to the right of the picture from the middle of the face.</param>
internal readonly record struct FaceMeasures(
    float RightEye, float LeftEye, float RightInnerBrow, float LeftInnerBrow, float RightOuterBrow, float LeftOuterBrow,
    float MouthGap, float MouthWidth, float RightCorner, float LeftCorner, float MouthShift)
{
    // A mouth that is nearly a spot is drawn so, not pursed.
    private const float LeastWidth = 0.25f;

    /// <summary>
    /// Where the right iris is: to the right of the picture and down from the middle between the eye's corners, along and
    /// across the line between them, widths of the eye; null where it is not seen.
    /// </summary>
    public Vector2? RightGaze { get; init; }

    /// <summary>See <see cref="RightGaze"/>.</summary>
    public Vector2? LeftGaze { get; init; }

    /// <summary>The mean face's.</summary>
    public static FaceMeasures Mean { get; } =
        Of([.. HeadPose.MeanHead.ToArray().Select(p => new Vector2(p.X, p.Y))]);

    /// <summary>Gap of the mouth / its width, 0 where it is shut.</summary>
    public float MouthOpening => MouthGap / MathF.Max(MouthWidth, LeastWidth);

    /// <summary>Of 68 points seen from the front.</summary>
    public static FaceMeasures Of(ReadOnlySpan<Vector2> p)
    {
        var (right, left) = (Middle(p[36..42]), Middle(p[42..48]));
        var between = (p[62] + p[66]) / 2;
        return new FaceMeasures(
            Opening(p[36..42]), Opening(p[42..48]),
            right.Y - ((p[20].Y + p[21].Y) / 2), left.Y - ((p[22].Y + p[23].Y) / 2),
            right.Y - ((p[17].Y + p[18].Y) / 2), left.Y - ((p[25].Y + p[26].Y) / 2),
            MathF.Max(0, (p[67].Y + p[66].Y + p[65].Y - p[61].Y - p[62].Y - p[63].Y) / 3),
            Vector2.Distance(p[48], p[54]), between.Y - p[48].Y, between.Y - p[54].Y,
            ((p[48].X + p[54].X) / 2) - ((right.X + left.X) / 2));
    }

    /// <summary>The median of each measure; at least one.</summary>
    public static FaceMeasures Median(IReadOnlyCollection<FaceMeasures> faces)
    {
        return new FaceMeasures(
            Of(m => m.RightEye), Of(m => m.LeftEye), Of(m => m.RightInnerBrow), Of(m => m.LeftInnerBrow),
            Of(m => m.RightOuterBrow), Of(m => m.LeftOuterBrow), Of(m => m.MouthGap), Of(m => m.MouthWidth),
            Of(m => m.RightCorner), Of(m => m.LeftCorner), Of(m => m.MouthShift))
        {
            RightGaze = Seen(m => m.RightGaze),
            LeftGaze = Seen(m => m.LeftGaze),
        };

        float Of(Func<FaceMeasures, float> measure) => Middle(faces.Select(measure));

        Vector2? Seen(Func<FaceMeasures, Vector2?> gaze)
        {
            Vector2[] seen = [.. faces.Select(gaze).OfType<Vector2>()];
            return seen.Length == 0 ? null : new(Middle(seen.Select(g => g.X)), Middle(seen.Select(g => g.Y)));
        }

        static float Middle(IEnumerable<float> values)
        {
            float[] sorted = [.. values.Order()];
            return sorted[sorted.Length / 2];
        }
    }

    /// <summary>An eye's gaze, see <see cref="RightGaze"/>: foreshortened as its width is.</summary>
    /// <param name="eye">Its six points, pixels.</param>
    /// <param name="iris">The middle of its iris, pixels.</param>
    public static Vector2? Gaze(ReadOnlySpan<Vector2> eye, Vector2? iris)
    {
        var across = eye[3] - eye[0];
        if (iris is not { } at || !(across.LengthSquared() > 0))
            return null;
        var off = (at - ((eye[0] + eye[3]) / 2)) / across.LengthSquared();
        return new(Vector2.Dot(off, across), Vector2.Dot(off, new Vector2(-across.Y, across.X)));
    }

    private static float Opening(ReadOnlySpan<Vector2> eye)
    {
        var across = eye[3] - eye[0];
        var width = across.Length();
        if (!(width > 0))
            return 0;
        // Across the eye's own axis: tilted eyes are no wider open.
        var normal = new Vector2(-across.Y, across.X) / width;
        var gap = Vector2.Dot(eye[5] - eye[1], normal) + Vector2.Dot(eye[4] - eye[2], normal);
        return MathF.Max(0, gap / 2 / width);
    }

    private static Vector2 Middle(ReadOnlySpan<Vector2> points)
    {
        var sum = Vector2.Zero;
        foreach (var p in points)
            sum += p;
        return sum / points.Length;
    }
}
