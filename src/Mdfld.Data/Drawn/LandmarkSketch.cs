using System.Numerics;

namespace Mdfld.Data;

/// <summary>
/// An illustrator's lines over the picture of a face of any scheme: outlines along the contours, flat skin, eyes and
/// mouth as shapes, some of them or all.
/// </summary>
public static class LandmarkSketch
{
    /// <summary>Draws upon a picture.</summary>
    /// <param name="picture">Drawn upon.</param>
    /// <param name="landmarks">Points of the scheme, pixels.</param>
    /// <param name="scheme">Names the contours.</param>
    /// <param name="random">All draws come from it.</param>
    public static void Draw(Picture picture, ReadOnlySpan<Vector2> landmarks, LandmarkScheme scheme, Random random)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(scheme);
        ArgumentNullException.ThrowIfNull(random);
        var points = landmarks.ToArray();
        var unit = picture.Width / 128f;
        picture.Draw(canvas =>
        {
            // Origin is the centre of the first pixel.
            canvas.Translate(0.5f, 0.5f);
            using var brush = new FaceBrush(canvas);
            var ink = random.Chance(0.6f) ? new Vector3(random.Uniform(0, 40)) : Colour(random, 0, 110);
            // Flat skin hides the photo's own features; then all of them must be drawn.
            var isFlat = Contour("jaw") is { Length: > 2 } jaw && random.Chance(0.6f)
                && FillSkin(brush, jaw, random) > 0.6f;
            if (isFlat || random.Chance(0.6f))
                FillEyes(brush, [Contour("right eye"), Contour("left eye")], ink, random);
            if (isFlat || random.Chance(0.6f))
                FillMouth(brush, Contour("outer lips"), Contour("inner lips"), random);
            var (width, taper, opacity) = (
                random.Uniform(0.8f, 3.2f) * unit, random.Uniform(0.2f, 1), random.Uniform(0.6f, 1));
            var brows = random.Chance(0.5f) ? random.Uniform(2.4f, 5.6f) * unit : 0;
            foreach (var part in scheme.Contours)
            {
                // Illustrators leave lines out.
                if (!isFlat && random.Chance(0.15f))
                    continue;
                var line = Polyline.Smooth(Contour(part.Name), part.IsClosed);
                var most = part.Name.EndsWith("brow", StringComparison.Ordinal) && brows > 0
                    ? brows
                    : width * random.Uniform(0.7f, 1.4f);
                if (part.IsClosed)
                    brush.Line([.. line, line[0]], ink, most, opacity, 1, 1);
                else
                    brush.Line(line, ink, most, opacity, taper, taper);
            }
        });

        Vector2[] Contour(string name) =>
            [.. scheme.Contours.Where(c => c.Name == name).SelectMany(c => c.Indices).Select(i => points[i])];
    }

    /// <summary>
    /// A face of one colour: the jaw line closed by an arc over the forehead. Says how opaque it is.
    /// </summary>
    private static float FillSkin(FaceBrush brush, Vector2[] jaw, Random random)
    {
        var middle = (jaw[0] + jaw[^1]) / 2;
        var up = (middle - jaw[jaw.Length / 2]) * random.Uniform(0.5f, 0.8f);
        var arc = Enumerable.Range(1, 16).Select(n => MathF.PI * n / 17)
            .Select(a => middle + ((jaw[^1] - middle) * MathF.Cos(a)) + (up * MathF.Sin(a)));
        var skin = random.Chance(0.6f)
            ? new Vector3(random.Uniform(170, 255), random.Uniform(130, 235), random.Uniform(100, 220))
            : Colour(random, 40, 255);
        var opacity = random.Uniform(0.3f, 0.95f);
        brush.Fill([.. jaw, .. arc], skin, opacity);
        return opacity;
    }

    private static void FillEyes(FaceBrush brush, Vector2[][] eyes, Vector3 ink, Random random)
    {
        var white = random.Chance(0.8f) ? new Vector3(random.Uniform(200, 255)) : Colour(random, 90, 255);
        var iris = random.Chance(0.4f) ? ink : Colour(random, 0, 190);
        var gaze = new Vector2(random.Uniform(-0.12f, 0.12f), random.Uniform(-0.12f, 0.12f));
        var (share, pupil) = (
            random.Uniform(0.16f, 0.34f), random.Chance(0.6f) ? random.Uniform(0.3f, 0.6f) : 0);
        var shine = random.Chance(0.5f) ? 0.3f : 0;
        foreach (var eye in eyes.Where(e => e.Length > 2))
        {
            var box = FaceBox.Around(eye);
            var radius = MathF.Min(share * box.Width, 0.6f * box.Height);
            var centre = box.Centre + (gaze * box.Width);
            brush.Fill(Polyline.Smooth(eye, closed: true), white, 0.95f);
            Dot(centre, 1, iris);
            Dot(centre, pupil, Vector3.Zero);
            Dot(centre + (radius * new Vector2(0.35f, -0.35f)), shine, new Vector3(255));

            void Dot(Vector2 middle, float part, Vector3 colour) =>
                brush.Fill(Polyline.Ellipse(middle, part * radius, part * radius), colour, 0.95f);
        }
    }

    private static void FillMouth(FaceBrush brush, Vector2[] outer, Vector2[] inner, Random random)
    {
        if (outer.Length < 3 || inner.Length < 3)
            return;
        var lips = random.Chance(0.6f)
            ? new Vector3(random.Uniform(120, 250), random.Uniform(20, 140), random.Uniform(30, 150))
            : Colour(random, 20, 230);
        brush.Fill(Polyline.Smooth(outer, closed: true), lips, random.Uniform(0.5f, 1));
        var inside = random.Chance(0.5f) ? new Vector3(random.Uniform(210, 255)) : Colour(random, 0, 80);
        brush.Fill(Polyline.Smooth(inner, closed: true), inside, 0.95f);
    }

    private static Vector3 Colour(Random random, float low, float high) =>
        new(random.Uniform(low, high), random.Uniform(low, high), random.Uniform(low, high));
}
