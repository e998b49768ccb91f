namespace Mdfld.Generation.Dataset;

/// <summary>Whether 68 points draw a face: no contour crosses itself or another, and the parts are in order.</summary>
internal static class ContourCheck
{
    /// <summary>Upper and lower points of the lids and lips, outermost pairs of a part first.</summary>
    private static readonly (int Upper, int Lower)[] Lids =
    [
        (37, 41), (38, 40), (43, 47), (44, 46),
        (50, 61), (51, 62), (52, 63), (58, 67), (57, 66), (56, 65),
        (61, 67), (62, 66), (63, 65),
    ];

    /// <summary>Lines that may touch: the bridge and tip of the nose, the lips.</summary>
    private static readonly (string, string)[] Neighbours =
        [("nose bridge", "nose tip"), ("outer lips", "inner lips")];

    private static readonly (string Line, int From, int To)[] Segments =
    [
        .. LandmarkScheme.Ibug68.Contours.SelectMany(line => line.Indices
            .Take(line.IsClosed ? line.Indices.Length : line.Indices.Length - 1)
            .Select((from, i) => (line.Name, from, line.Indices[(i + 1) % line.Indices.Length]))),
    ];

    /// <summary>
    /// Closes eyes and lips that are labelled as less than closed: where an upper lid or lip lies below its lower one, by
    /// the noise of labelling, both move to their middle.
    /// </summary>
    public static void Untangle(Span<Vector2> face)
    {
        var frame = UprightFrame.Of(face);
        var down = Vector2.Normalize(frame.FromLocal(Vector2.UnitY) - frame.Origin);
        foreach (var (upper, lower) in Lids)
        {
            // The lower lip's outer contour lies below its inner one.
            var (above, below) = upper is >= 56 and <= 58 ? (lower, upper) : (upper, lower);
            var gap = Vector2.Dot(face[below] - face[above], down);
            if (gap >= 0)
                continue;
            if (upper < 48)
            {
                // Beside each other, the points of a closed eye could still cross its corner's lines.
                face[above] = face[below] = (face[above] + face[below]) / 2;
                continue;
            }
            face[above] += down * (gap / 2);
            face[below] -= down * (gap / 2);
        }
    }

    /// <summary>What is wrong, in words; null where it is a face.</summary>
    public static string? Problem(ReadOnlySpan<Vector2> face)
    {
        foreach (var p in face)
        {
            if (!float.IsFinite(p.X) || !float.IsFinite(p.Y))
                return "a point is not finite";
        }
        return OutOfOrder(face) ?? Crossing(face);
    }

    /// <summary>As above, of a face that must lie within a square picture of that side.</summary>
    public static string? Problem(Vector2[] face, int size)
    {
        var outside = face.Count(p => !(MathF.Min(p.X, p.Y) >= 0 && MathF.Max(p.X, p.Y) <= size - 1));
        return outside > 0 ? $"{outside} landmarks lie outside the picture" : Problem(face);
    }

    private static string? OutOfOrder(ReadOnlySpan<Vector2> face)
    {
        var frame = UprightFrame.Of(face);
        Span<Vector2> p = stackalloc Vector2[68];
        for (var i = 0; i < p.Length; i++)
            p[i] = frame.ToLocal(face[i]);
        var (leftEye, rightEye, mouth) = (Mean(p[36..42]), Mean(p[42..48]), Mean(p[48..68]));
        if (leftEye.X >= rightEye.X || p[36].X >= p[39].X || p[42].X >= p[45].X)
            return "the eyes have changed sides";
        if (Mean(p[17..22]).Y >= leftEye.Y || Mean(p[22..27]).Y >= rightEye.Y
            || p[17].X >= p[21].X || p[22].X >= p[26].X)
            return "a brow is not above its eye";
        if (p[33].Y <= MathF.Max(leftEye.Y, rightEye.Y) || p[27].Y >= p[30].Y || p[31].X >= p[35].X)
            return "the nose is not below the eyes";
        if (mouth.Y <= p[33].Y || p[48].X >= p[54].X)
            return "the mouth is not below the nose";
        return p[57].Y >= p[8].Y || p[0].X >= p[16].X ? "the chin is not below the mouth" : null;
    }

    private static string? Crossing(ReadOnlySpan<Vector2> face)
    {
        for (var i = 0; i < Segments.Length; i++)
        {
            var (line, p, q) = Segments[i];
            for (var j = i + 1; j < Segments.Length; j++)
            {
                var (other, r, s) = Segments[j];
                if (Cross(face[p], face[q], face[r], face[s]) && !Neighbours.Contains((line, other)))
                    return line == other ? $"the {line} cross itself" : $"{line} and {other} cross";
            }
        }
        return null;
    }

    /// <summary>Whether two segments cross properly; those that share an end or touch do not.</summary>
    private static bool Cross(Vector2 p, Vector2 q, Vector2 r, Vector2 s)
    {
        // Less than a thousandth of a pixel's side to a line is on it.
        const float Touch = 1e-3f;
        return Opposite(Side(p, q, r), Side(p, q, s)) && Opposite(Side(r, s, p), Side(r, s, q));

        static bool Opposite(float a, float b) => (a > Touch && b < -Touch) || (a < -Touch && b > Touch);

        static float Side(Vector2 from, Vector2 to, Vector2 p)
        {
            var along = to - from;
            var length = along.Length();
            return length > 0 ? ((along.X * (p.Y - from.Y)) - (along.Y * (p.X - from.X))) / length : 0;
        }
    }

    private static Vector2 Mean(ReadOnlySpan<Vector2> points) => UprightFrame.Centre(points);
}
