namespace Mdfld.Data;

/// <summary>
/// iBUG's 68 points from Helen's 194 (Le et al., ECCV 2012), which are contours: outline, nose, outer and inner lips, eyes,
/// brows. Corners are the contours' ends, to the sides of the face; points between them lie at the same shares of the
/// contour's length as on the mean head, on the jaw from the ends to the chin: below the lips. Where a contour begins, which way it runs and which eye comes first does not
/// matter. The bridge of the nose is not there, and its base is taken from the lower edge of the wings.
/// </summary>
internal static class HelenContours
{
    public const int Count = 194;

    // Of the way below the nose from the widest point of one wing to that of the other.
    private static readonly float[] NoseBase = [0.1f, 0.3f, 0.5f, 0.7f, 0.9f];

    /// <summary>The 68 points; 27 to 30 are missing.</summary>
    /// <exception cref="FormatException">A point is missing: what lies between is not known.</exception>
    public static Vector2[] To68(IReadOnlyList<Vector2> points)
    {
        if (points.Any(LabelledFace.IsMissing))
            throw new FormatException("one of Helen's 194 points is missing; expected whole contours");
        var (jaw, nose, outerLips, innerLips) = (Part(0, 41), Part(41, 17), Part(58, 28), Part(86, 28));
        Vector2[][] eyes = [Part(114, 20), Part(134, 20)];
        Vector2[][] brows = [Part(154, 20), Part(174, 20)];
        var down = Vector2.Normalize(Mean(outerLips) - ((Mean(eyes[0]) + Mean(eyes[1])) / 2));
        var across = new Vector2(down.Y, -down.X);

        var face = new Vector2[LandmarkScheme.Ibug68.Count];
        Array.Fill(face, LabelledFace.Missing);
        // Of a turned head one half of the jaw is seen longer: each is measured for itself.
        var line = Ordered(jaw);
        var chin = Array.IndexOf(line, line[5..^5].MinBy(p => MathF.Abs(Side(p - Mean(outerLips)))));
        Place(line[..(chin + 1)], [.. Enumerable.Range(0, 9)]);
        Place(line[chin..], [.. Enumerable.Range(8, 9)]);
        var (first, second) = Sides(brows);
        Place(Halves(first).Upper, [17, 18, 19, 20, 21]);
        Place(Halves(second).Upper, [22, 23, 24, 25, 26]);
        // Its upper half runs along the bridge.
        var (top, bottom) = (nose.Min(p => Vector2.Dot(p, down)), nose.Max(p => Vector2.Dot(p, down)));
        var below = Halves([.. nose.Where(p => Vector2.Dot(p, down) > (top + bottom) / 2)]).Lower;
        for (var i = 0; i < NoseBase.Length; i++)
            face[31 + i] = At(below, NoseBase[i]);
        (first, second) = Sides(eyes);
        PlaceBoth(first, [36, 37, 38, 39], [36, 41, 40, 39]);
        PlaceBoth(second, [42, 43, 44, 45], [42, 47, 46, 45]);
        PlaceBoth(outerLips, [48, 49, 50, 51, 52, 53, 54], [48, 59, 58, 57, 56, 55, 54]);
        PlaceBoth(innerLips, [60, 61, 62, 63, 64], [60, 67, 66, 65, 64]);
        return face;

        Vector2[] Part(int from, int count) => [.. points.Skip(from).Take(count)];

        float Side(Vector2 p) => Vector2.Dot(p, across);

        (Vector2[] First, Vector2[] Second) Sides(Vector2[][] pair) =>
            Side(Mean(pair[0])) < Side(Mean(pair[1])) ? (pair[0], pair[1]) : (pair[1], pair[0]);

        Vector2[] Ordered(Vector2[] line) => Side(line[0]) <= Side(line[^1]) ? line : [.. line.Reverse()];

        // The two ways round a contour from its end on one side to that on the other.
        (Vector2[] Upper, Vector2[] Lower) Halves(Vector2[] contour)
        {
            var (from, to) = (Array.IndexOf(contour, contour.MinBy(Side)), Array.IndexOf(contour, contour.MaxBy(Side)));
            var n = contour.Length;
            Vector2[] one = [.. Enumerable.Range(0, ((to - from + n) % n) + 1).Select(i => contour[(from + i) % n])];
            Vector2[] other = [.. Enumerable.Range(0, ((from - to + n) % n) + 1).Select(i => contour[(from - i + n) % n])];
            return Vector2.Dot(Mean(one) - Mean(other), down) < 0 ? (one, other) : (other, one);
        }

        void PlaceBoth(Vector2[] contour, int[] upper, int[] lower)
        {
            var halves = Halves(contour);
            Place(halves.Upper, upper);
            Place(halves.Lower, lower);
        }

        void Place(Vector2[] line, int[] numbers)
        {
            Vector2[] mean = [.. numbers.Select(i => HeadPose.MeanHead[i]).Select(p => new Vector2(p.X, p.Y))];
            var whole = Length(mean);
            for (var i = 0; i < numbers.Length; i++)
                face[numbers[i]] = At(line, Length(mean.AsSpan(0, i + 1)) / whole);
        }
    }

    private static Vector2 Mean(Vector2[] points) => points.Aggregate((a, b) => a + b) / points.Length;

    private static float Length(ReadOnlySpan<Vector2> line)
    {
        var length = 0f;
        for (var i = 1; i < line.Length; i++)
            length += Vector2.Distance(line[i - 1], line[i]);
        return length;
    }

    /// <summary>The point at a share of a line's length.</summary>
    private static Vector2 At(ReadOnlySpan<Vector2> line, float share)
    {
        var left = share * Length(line);
        for (var i = 1; i < line.Length; i++)
        {
            var step = Vector2.Distance(line[i - 1], line[i]);
            if (left <= step && step > 0)
                return Vector2.Lerp(line[i - 1], line[i], left / step);
            left -= step;
        }
        return line[^1];
    }
}
