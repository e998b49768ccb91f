namespace Mdfld;

/// <summary>
/// Smooth curves through the 68 points: lids, lips, brows and jaw, as splines that an animator or a plotter can follow.
/// </summary>
internal static class FaceCurves
{
    /// <summary>A curve: its name, the points it runs through, whether it returns to the first. Left is the subject's.</summary>
    public sealed record Curve(string Name, int[] Points, bool IsClosed = false)
    {
        /// <summary>The start, then two handles and an end for each segment.</summary>
        public IEnumerable<Vector2> Through(IReadOnlyList<Vector2> points)
        {
            Vector2[] knots = [.. Points.Select(i => points[i])];
            if (IsClosed)
                knots = [.. knots, knots[0]];
            return Bezier(knots).SelectMany(s => (Vector2[])[s.Leave, s.Arrive, s.To]).Prepend(knots[0]);
        }
    }

    /// <summary>The curves of a scheme; of another than 68 points its contours.</summary>
    public static IEnumerable<Curve> Of(LandmarkScheme scheme) => scheme.Count == HeadPose.MeanHead.Length
        ? All : scheme.Contours.Select(c => new Curve(c.Name, [.. c.Indices], c.IsClosed));

    private static readonly Curve[] All =
    [
        new("jaw", [.. Enumerable.Range(0, 17)]),
        new("rightBrow", [17, 18, 19, 20, 21]), new("leftBrow", [22, 23, 24, 25, 26]),
        new("noseBridge", [27, 28, 29, 30]), new("noseTip", [31, 32, 33, 34, 35]),
        new("rightUpperLid", [36, 37, 38, 39]), new("rightLowerLid", [39, 40, 41, 36]),
        new("leftUpperLid", [42, 43, 44, 45]), new("leftLowerLid", [45, 46, 47, 42]),
        new("upperLipOuter", [48, 49, 50, 51, 52, 53, 54]), new("lowerLipOuter", [54, 55, 56, 57, 58, 59, 48]),
        new("upperLipInner", [60, 61, 62, 63, 64]), new("lowerLipInner", [64, 65, 66, 67, 60]),
    ];

    /// <summary>
    /// The cubic Bezier segments of a curve: two handles and an end each. A Catmull-Rom spline with centripetal knots
    /// (Yuksel, Schaefer, Keyser 2011), which has no loops and cusps where points are unevenly spaced, as those of lids are.
    /// </summary>
    public static (Vector2 Leave, Vector2 Arrive, Vector2 To)[] Bezier(IReadOnlyList<Vector2> points)
    {
        var segments = new (Vector2, Vector2, Vector2)[Math.Max(0, points.Count - 1)];
        for (var i = 0; i < segments.Length; i++)
        {
            var (from, to) = (points[i], points[i + 1]);
            var before = i > 0 ? points[i - 1] : (2 * from) - to;
            var after = i + 2 < points.Count ? points[i + 2] : (2 * to) - from;
            var (d1, d2, d3) = (Knot(before, from), Knot(from, to), Knot(to, after));
            var leave = ((d1 * d1 * to) - (d2 * d2 * before) + (((2 * d1 * d1) + (3 * d1 * d2) + (d2 * d2)) * from))
                / (3 * d1 * (d1 + d2));
            var arrive = ((d3 * d3 * from) - (d2 * d2 * after) + (((2 * d3 * d3) + (3 * d3 * d2) + (d2 * d2)) * to))
                / (3 * d3 * (d3 + d2));
            segments[i] = (leave, arrive, to);
        }
        return segments;

        // The root of the distance; never 0, where two points are one.
        static float Knot(Vector2 a, Vector2 b) => MathF.Max(MathF.Sqrt(Vector2.Distance(a, b)), 1e-3f);
    }
}
