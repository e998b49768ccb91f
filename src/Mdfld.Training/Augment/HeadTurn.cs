using SkiaSharp;

namespace Mdfld.Training.Augment;

/// <summary>
/// Shows the head of a photo from farther aside: its visible surface, a mesh through the 68 landmarks and some points
/// of the head whose depths are the mean head's, is turned in space and painted again, the farthest first (compare Zhu
/// et al., Face Alignment Across Large Poses, 2016). The border of the picture stays; what lies between follows.
/// </summary>
/// <remarks>
/// Jaw points of the side that turns away lie on the visible outline afterwards, as annotators put them; all others stay
/// on their places of the head, even where those are hidden.
/// </remarks>
public static class HeadTurn
{
    private const float MostYaw = 1.5f;
    private const float LeastTurn = 0.15f;
    private const float MostTurn = 1.1f;

    // Radians. Heads that are turned far are nodding and looking up, too.
    private const float PitchSpread = 0.25f;

    // Points of the right half of the head that are no landmarks, and of its middle: forehead, crown, back, cheek, neck.
    private static readonly Vector3[] HeadPoints =
    [
        new(0, -0.95f, 0.2f), new(0, -1.9f, -0.6f), new(0, 2.3f, -0.6f),
        new(0.5f, -0.9f, 0.12f), new(0.95f, -0.7f, -0.2f), new(1.15f, -0.35f, -0.7f), new(0.6f, -1.7f, -0.6f),
        new(1.1f, -1.2f, -0.75f), new(1.35f, 0, -1.25f), new(1.3f, 0.7f, -1.25f), new(0.95f, 2, -0.9f),
        new(0.62f, 0.45f, 0.02f), new(0.85f, 0.3f, -0.22f), new(0.6f, 0.8f, 0.02f), new(0.82f, 0.85f, -0.35f),
    ];

    private static readonly Vector3[] Surface =
        [.. HeadPoints, .. HeadPoints.Where(p => p.X > 0).Select(p => p with { X = -p.X })];

    /// <summary>Draws how far, and turns.</summary>
    /// <param name="picture">A photo; it may be cropped.</param>
    /// <param name="landmarks">68 points, pixels.</param>
    /// <returns>A picture of the same size and its points; null where the points are no face.</returns>
    public static (Picture Picture, Vector2[] Landmarks)? Draw(
        Random random, Picture picture, IReadOnlyList<Vector2> landmarks)
    {
        Span<Vector2> deviation = stackalloc Vector2[68];
        Vector2[] face = [.. landmarks];
        if (HeadView.Fit(face, deviation, out var scale) is not { } pose || MathF.Abs(pose.Yaw) > MostYaw)
            return null;
        var side = MathF.Abs(pose.Yaw) < 0.15f ? random.Next(2) - 0.5f : pose.Yaw;
        var target = Math.Clamp(pose.Yaw + MathF.CopySign(random.Uniform(LeastTurn, MostTurn), side), -MostYaw, MostYaw);
        return Turn(picture, face, pose, scale, target, pose.Pitch + (PitchSpread * random.Normal()));
    }

    /// <summary>Turns a head to another yaw and pitch, radians.</summary>
    /// <param name="pose">How the head is seen, see <see cref="HeadView.Fit(ReadOnlySpan{Vector2}, Span{Vector2}, out float)"/>.</param>
    /// <param name="scale">Pixels of an eye distance.</param>
    internal static (Picture Picture, Vector2[] Landmarks) Turn(
        Picture picture, Vector2[] face, HeadView pose, float scale, float yaw, float pitch)
    {
        var middle = HeadPose.MeanHead.ToArray().Aggregate(Vector3.Zero, (sum, p) => sum + p) / face.Length;
        var centre = UprightFrame.Centre(face);
        var after = new HeadView(yaw, pitch, pose.Roll);
        var (before, turned) = (new List<Vector2>(), new List<Vector3>());
        for (var i = 0; i < face.Length; i++)
        {
            // The landmark in space: where it is seen, at the depth of the mean head's; then in the head's own axes.
            var seen = HeadView.Turned((face[i] - centre) / scale, -pose.Roll);
            Add(face[i], pose.FromView(new Vector3(seen, pose.ToView(HeadPose.MeanHead[i] - middle).Z)));
        }
        foreach (var p in Surface)
            Add(centre + (scale * pose.Rolled(pose.Upright(p - middle))), p - middle);
        var head = before.Count;
        foreach (var p in Border(picture.Width, picture.Height))
            (before, turned) = ([.. before, p], [.. turned, new Vector3(p, float.MinValue / 4)]);

        var triangles = Delaunay.Triangulate([.. before]);
        var target = new Picture(picture.Width, picture.Height);
        Paint(picture, target, before, turned, triangles);
        Vector2[] points = [.. turned.Take(face.Length).Select(p => new Vector2(p.X, p.Y))];
        OnOutline(points, triangles.Where(t => t.A < head && t.B < head && t.C < head), turned, after, centre, scale);
        return (target, points);

        void Add(Vector2 at, Vector3 own)
        {
            var view = after.ToView(own);
            before.Add(at);
            turned.Add(new Vector3(centre + (scale * after.Rolled(new Vector2(view.X, view.Y))), view.Z));
        }
    }

    private static void Paint(
        Picture picture, Picture target, List<Vector2> before, List<Vector3> turned, IReadOnlyList<Triangle> triangles)
    {
        var corners = triangles.OrderBy(t => turned[t.A].Z + turned[t.B].Z + turned[t.C].Z)
            .SelectMany(t => new[] { t.A, t.B, t.C }).ToArray();
        using var image = SKImage.FromBitmap(picture.ToBitmap());
        using var shader = image.ToShader(
            SKShaderTileMode.Clamp, SKShaderTileMode.Clamp, new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.None));
        using var paint = new SKPaint { Shader = shader };
        using var vertices = SKVertices.CreateCopy(
            SKVertexMode.Triangles,
            [.. corners.Select(i => new SKPoint(turned[i].X + 0.5f, turned[i].Y + 0.5f))],
            [.. corners.Select(i => new SKPoint(before[i].X + 0.5f, before[i].Y + 0.5f))], null);
        target.Draw(canvas => canvas.DrawVertices(vertices, SKBlendMode.Src, paint));
    }

    /// <summary>Moves the jaw of the side that turns away to the outermost surface at its height.</summary>
    private static void OnOutline(
        Vector2[] points, IEnumerable<Triangle> surface, List<Vector3> turned, HeadView pose, Vector2 centre, float scale)
    {
        var sign = MathF.Sign(pose.Yaw);
        Vector2 Upright(Vector2 p) => HeadView.Turned((p - centre) / scale, -pose.Roll);
        // Hair and neck are no outline of the face: only what lies between the landmarks and the cheeks counts.
        (Vector2 A, Vector2 B)[] edges =
        [
            .. surface.Where(t => IsFace(t.A) && IsFace(t.B) && IsFace(t.C))
                .SelectMany(t => new[] { (t.A, t.B), (t.B, t.C), (t.C, t.A) })
                .Select(e => (Upright(Flat(e.Item1)), Upright(Flat(e.Item2)))),
        ];
        for (var i = 0; i < 17; i++)
        {
            // A head that turns to the right of the picture (yaw > 0) hides its side at the picture's right.
            if ((sign > 0 && i <= 8) || (sign < 0 && i >= 8))
                continue;
            var p = Upright(points[i]);
            foreach (var (a, b) in edges)
            {
                if ((a.Y - p.Y) * (b.Y - p.Y) > 0 || a.Y == b.Y)
                    continue;
                var x = float.Lerp(a.X, b.X, (p.Y - a.Y) / (b.Y - a.Y));
                if (sign * (x - p.X) > 0)
                    p.X = x;
            }
            points[i] = centre + (scale * pose.Rolled(p));
        }

        bool IsFace(int i) => i < 68 || Surface[i - 68] is { Y: > 0 and < 1.5f, Z: > -0.5f };

        Vector2 Flat(int i) => new(turned[i].X, turned[i].Y);
    }

    private static IEnumerable<Vector2> Border(int width, int height)
    {
        const int Parts = 4;
        for (var i = 0; i < Parts; i++)
        {
            var t = i / (float)Parts;
            yield return new Vector2(t * (width - 1), 0);
            yield return new Vector2(width - 1, t * (height - 1));
            yield return new Vector2((1 - t) * (width - 1), height - 1);
            yield return new Vector2(0, (1 - t) * (height - 1));
        }
    }
}

/// <summary>Three numbers of points.</summary>
internal readonly record struct Triangle(int A, int B, int C);

/// <summary>Delaunay's triangulation by Bowyer's and Watson's rule (1981): no point lies in a triangle's circle.</summary>
internal static class Delaunay
{
    /// <summary>Triangles of points; those that coincide with another are in none.</summary>
    public static IReadOnlyList<Triangle> Triangulate(Vector2[] points)
    {
        var count = points.Length;
        var reach = 16 * (1 + points.Max(p => MathF.Max(MathF.Abs(p.X), MathF.Abs(p.Y))));
        Vector2[] all = [.. points, new(-reach, -reach), new(reach, -reach), new(0, 2 * reach)];
        var triangles = new List<Circled> { new(new Triangle(count, count + 1, count + 2), all) };
        var edges = new HashSet<(int, int)>();
        for (var i = 0; i < count; i++)
        {
            edges.Clear();
            for (var k = triangles.Count - 1; k >= 0; k--)
            {
                if (!triangles[k].Holds(all[i]))
                    continue;
                var t = triangles[k].Corners;
                triangles.RemoveAt(k);
                foreach (var (a, b) in ((int, int)[])[(t.A, t.B), (t.B, t.C), (t.C, t.A)])
                {
                    // An edge of two triangles that go is inside the hole.
                    if (!edges.Remove((b, a)))
                        edges.Add((a, b));
                }
            }
            foreach (var (a, b) in edges)
                triangles.Add(new Circled(new Triangle(a, b, i), all));
        }
        return [.. triangles.Select(t => t.Corners).Where(t => t.A < count && t.B < count && t.C < count)];
    }

    private readonly struct Circled
    {
        private readonly double _x;
        private readonly double _y;
        private readonly double _square;

        public Circled(Triangle corners, Vector2[] points)
        {
            Corners = corners;
            var (a, b, c) = (points[corners.A], points[corners.B], points[corners.C]);
            double bx = b.X - (double)a.X, by = b.Y - (double)a.Y, cx = c.X - (double)a.X, cy = c.Y - (double)a.Y;
            var d = 2 * ((bx * cy) - (by * cx));
            var (bb, cc) = ((bx * bx) + (by * by), (cx * cx) + (cy * cy));
            var (x, y) = (((cy * bb) - (by * cc)) / d, ((bx * cc) - (cx * bb)) / d);
            (_x, _y, _square) = (a.X + x, a.Y + y, (x * x) + (y * y));
        }

        public Triangle Corners { get; }

        public bool Holds(Vector2 p) => ((p.X - _x) * (p.X - _x)) + ((p.Y - _y) * (p.Y - _y)) < _square;
    }
}
