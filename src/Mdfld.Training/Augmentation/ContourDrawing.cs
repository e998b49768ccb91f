using System.Numerics;

namespace Mdfld.Training.Augmentation;

/// <summary>
/// Draws over a photo what an illustrator would: outlines along the contours, flat skin, eyes and mouth as shapes. The
/// label says where they are, so a photo becomes a drawing whose landmarks are known.
/// </summary>
internal sealed class ContourDrawing(LandmarkScheme scheme, Canvas canvas)
{
    private readonly FaceFeatures? _features = FaceFeatures.For(scheme.Count);
    private readonly Pen _pen = new(canvas);
    private readonly Vector2[] _line = new Vector2[scheme.Count];
    private readonly Vector2[] _outline = new Vector2[(2 * scheme.Count) + 16];

    /// <summary>Draws on the canvas whose landmarks are given.</summary>
    public void Draw(ReadOnlySpan<Vector2> points, Random random)
    {
        var unit = canvas.Unit;
        var ink = random.Chance(0.6f) ? new Vector3(random.Uniform(0, 40)) : Colour(random, 0, 110);
        var radius = random.Uniform(0.4f, 1.6f) * unit;
        // Flat skin hides the photo's own features; then all of them must be drawn.
        var flat = false;
        if (_features is { } features)
        {
            if (features.Jaw.Length > 0 && random.Chance(0.6f))
                flat = FillSkin(points, features, random) > 0.6f;
            if (flat || random.Chance(0.6f))
                DrawEyes(points, features, ink, random);
            if (flat || random.Chance(0.6f))
                DrawMouth(points, features, random);
        }
        var taper = random.Uniform(0.2f, 1);
        var opacity = random.Uniform(0.6f, 1);
        foreach (var edge in scheme.Contours)
        {
            // Illustrators leave lines out.
            if (!flat && random.Chance(0.15f))
                continue;
            Take(points, edge.Indices.AsSpan());
            var width = radius * random.Uniform(0.7f, 1.4f);
            _pen.Stroke(_line.AsSpan(0, edge.Indices.Length), edge.IsClosed, width, taper, ink, opacity);
        }
        if (_features is { Jaw.Length: > 0 } && random.Chance(0.5f))
            ThickenBrows(points, scheme.Groups.First(group => group.Name == "brows"), ink, random);
    }

    /// <summary>
    /// A flat (or half flat) face: the jaw line closed by an arc over the forehead. Says how opaque it is.
    /// </summary>
    private float FillSkin(ReadOnlySpan<Vector2> points, FaceFeatures features, Random random)
    {
        Take(points, features.Jaw);
        var jaw = _line.AsSpan(0, features.Jaw.Length);
        jaw.CopyTo(_outline);
        var (from, to) = (jaw[^1], jaw[0]);
        var middle = (from + to) / 2;
        var up = middle - points[features.Chin];
        up *= random.Uniform(0.5f, 0.8f);
        const int Arc = 16;
        for (var n = 0; n < Arc; n++)
        {
            var (sin, cos) = MathF.SinCos((n + 1f) / (Arc + 1) * MathF.PI);
            _outline[jaw.Length + n] = middle + ((from - middle) * cos) + (up * sin);
        }
        var skin = random.Chance(0.6f)
            ? new Vector3(random.Uniform(170, 255), random.Uniform(130, 235), random.Uniform(100, 220))
            : Colour(random, 40, 255);
        var opacity = random.Uniform(0.3f, 0.95f);
        _pen.Fill(_outline.AsSpan(0, jaw.Length + Arc), skin, opacity);
        return opacity;
    }

    private void DrawEyes(ReadOnlySpan<Vector2> points, FaceFeatures features, Vector3 ink, Random random)
    {
        var white = random.Chance(0.8f) ? new Vector3(random.Uniform(200, 255)) : Colour(random, 90, 255);
        var iris = random.Chance(0.4f) ? ink : Colour(random, 0, 190);
        var gaze = new Vector2(random.Normal(), random.Normal()) * 0.06f;
        var share = random.Uniform(0.16f, 0.34f);
        var pupil = random.Chance(0.6f) ? random.Uniform(0.3f, 0.6f) : 0;
        var shine = random.Chance(0.5f);
        foreach (var eye in (ReadOnlySpan<int[]>)[features.LeftEye, features.RightEye])
        {
            Take(points, eye);
            var contour = _line.AsSpan(0, eye.Length);
            var centre = FaceFeatures.Centre(points, eye);
            var width = Vector2.Distance(contour[0], contour[eye.Length / 2]);
            _pen.Fill(contour, white, 0.95f);
            var height = Vector2.Distance(contour[eye.Length / 4], contour[^(eye.Length / 4)]);
            var radius = MathF.Min(share * width, 0.6f * height);
            var place = centre + (gaze * width);
            _pen.Dab(place, radius, iris, 0.95f);
            if (pupil > 0)
                _pen.Dab(place, radius * pupil, Vector3.Zero, 1);
            if (shine)
                _pen.Dab(place + new Vector2(radius * 0.35f, -radius * 0.35f), radius * 0.3f, new Vector3(255), 0.9f);
        }
    }

    private void DrawMouth(ReadOnlySpan<Vector2> points, FaceFeatures features, Random random)
    {
        var lips = random.Chance(0.6f)
            ? new Vector3(random.Uniform(120, 250), random.Uniform(20, 140), random.Uniform(30, 150))
            : Colour(random, 20, 230);
        Take(points, features.OuterLip);
        _pen.Fill(_line.AsSpan(0, features.OuterLip.Length), lips, random.Uniform(0.5f, 1));
        Take(points, features.InnerLip);
        var inside = random.Chance(0.5f) ? new Vector3(random.Uniform(210, 255)) : Colour(random, 0, 80);
        _pen.Fill(_line.AsSpan(0, features.InnerLip.Length), inside, 0.95f);
    }

    private void ThickenBrows(ReadOnlySpan<Vector2> points, LandmarkPart brows, Vector3 ink, Random random)
    {
        var half = brows.Indices.Length / 2;
        var radius = random.Uniform(1.2f, 2.8f) * canvas.Unit;
        var taper = random.Uniform(0.3f, 0.9f);
        foreach (var side in (ReadOnlySpan<int>)[0, half])
        {
            Take(points, brows.Indices.AsSpan().Slice(side, half));
            _pen.Stroke(_line.AsSpan(0, half), false, radius, taper, ink, 0.9f);
        }
    }

    private void Take(ReadOnlySpan<Vector2> points, ReadOnlySpan<int> indices)
    {
        for (var i = 0; i < indices.Length; i++)
            _line[i] = points[indices[i]];
    }

    private static Vector3 Colour(Random random, float low, float high) =>
        new(random.Uniform(low, high), random.Uniform(low, high), random.Uniform(low, high));
}
