using System.Numerics;

namespace Mdfld.Data;

/// <summary>Drawings over photos of labelled faces.</summary>
public static partial class FaceDrawing
{
    /// <summary>Replaces a face by a drawn one on its landmarks; hair, neck and background now and then.</summary>
    /// <param name="picture">Drawn upon.</param>
    /// <param name="landmarks">68 points of a face that is not seen from the side, pixels.</param>
    /// <param name="style">The style; its ink and colours vary.</param>
    /// <param name="random">All draws come from it.</param>
    public static void DrawOver(
        Picture picture, ReadOnlySpan<Vector2> landmarks, DrawingStyle style, Random random)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(random);
        var traits = StyleTraits.Of(style);
        traits = traits with
        {
            Ink = traits.Ink * Between(random, 0.5f, 1.5f),
            InkColour = Chance(random, 0.25f) ? Colour(random, 0, 110) : traits.InkColour,
        };
        var palette = FacePalette.For(style, random);
        if (Chance(random, 0.4f))
        {
            palette = palette with
            {
                Skin = random.Next(3) switch
                {
                    0 => new Vector3(Between(random, 235, 255)),
                    1 => Colour(random, 60, 255),
                    _ => new(Between(random, 215, 255), Between(random, 185, 245), Between(random, 150, 235)),
                },
                Hair = Colour(random, 0, 255),
                Lip = Colour(random, 20, 230),
                Background = Colour(random, 30, 255),
            };
        }
        var face = FaceGeometry.Of(landmarks, Between(random, 0.8f, 1.2f));
        var (hasBackground, hasHair, hasBody) = (
            Chance(random, 0.4f), Chance(random, 0.7f), Chance(random, 0.6f));
        FaceBrush.Draw(picture, brush => new DrawnFacePainter(brush, picture.Width, face, traits, palette, random)
            .Paint(hasBackground, hasHair, hasBody));
    }

    /// <summary>Draws eyes between the lids of a face, as animation does. Landmarks: 68 points, pixels.</summary>
    public static void DrawEyes(
        Picture picture, ReadOnlySpan<Vector2> landmarks, DrawingStyle style, Random random)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(random);
        var face = FaceGeometry.Of(landmarks, 1);
        var palette = FacePalette.For(style, random);
        FaceBrush.Draw(picture, brush => new DrawnFacePainter(
            brush, picture.Width, face, StyleTraits.Of(style), palette, random).PaintEyes());
    }

    /// <summary>
    /// Draws an illustrator's lines over a face: outlines along the contours, flat skin, eyes and mouth as shapes, some
    /// of them or all. Landmarks: points of the scheme, pixels.
    /// </summary>
    public static void Sketch(
        Picture picture, ReadOnlySpan<Vector2> landmarks, LandmarkScheme scheme, Random random)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(scheme);
        ArgumentNullException.ThrowIfNull(random);
        var points = landmarks.ToArray();
        var unit = picture.Width / 128f;
        FaceBrush.Draw(picture, brush =>
        {
            var ink = Chance(random, 0.6f) ? new Vector3(Between(random, 0, 40)) : Colour(random, 0, 110);
            // Flat skin hides the photo's own features; then all of them must be drawn.
            var isFlat = Contour("jaw") is { Length: > 2 } jaw && Chance(random, 0.6f)
                && FillSkin(brush, jaw, random) > 0.6f;
            if (isFlat || Chance(random, 0.6f))
                FillEyes(brush, [Contour("right eye"), Contour("left eye")], ink, random);
            if (isFlat || Chance(random, 0.6f))
                FillMouth(brush, Contour("outer lips"), Contour("inner lips"), random);
            var (width, taper, opacity) = (
                Between(random, 0.8f, 3.2f) * unit, Between(random, 0.2f, 1), Between(random, 0.6f, 1));
            var brows = Chance(random, 0.5f) ? Between(random, 2.4f, 5.6f) * unit : 0;
            foreach (var part in scheme.Contours)
            {
                // Illustrators leave lines out.
                if (!isFlat && Chance(random, 0.15f))
                    continue;
                var line = brush.Curve(Contour(part.Name), part.IsClosed);
                var most = part.Name.EndsWith("brow", StringComparison.Ordinal) && brows > 0
                    ? brows
                    : width * Between(random, 0.7f, 1.4f);
                if (part.IsClosed)
                    brush.Stroke(line, ink, most, opacity);
                else
                    brush.Fill(
                        brush.Tapered(line, t => most * float.Lerp(taper, 1, MathF.Sin(t * MathF.PI))), ink, opacity);
            }
        });

        Vector2[] Contour(string name) =>
            [.. scheme.Contours.Where(c => c.Name == name).SelectMany(c => c.Indices).Select(i => points[i])];
    }

    /// <summary>A face of one colour: the jaw line closed by an arc over the forehead. Says how opaque it is.</summary>
    private static float FillSkin(FaceBrush brush, Vector2[] jaw, Random random)
    {
        var middle = (jaw[0] + jaw[^1]) / 2;
        var up = (middle - jaw[jaw.Length / 2]) * Between(random, 0.5f, 0.8f);
        var arc = Enumerable.Range(1, 16).Select(n => MathF.PI * n / 17)
            .Select(a => middle + ((jaw[^1] - middle) * MathF.Cos(a)) + (up * MathF.Sin(a)));
        var skin = Chance(random, 0.6f)
            ? new Vector3(Between(random, 170, 255), Between(random, 130, 235), Between(random, 100, 220))
            : Colour(random, 40, 255);
        var opacity = Between(random, 0.3f, 0.95f);
        brush.Fill(brush.Polygon([.. jaw, .. arc]), skin, opacity);
        return opacity;
    }

    private static void FillEyes(FaceBrush brush, Vector2[][] eyes, Vector3 ink, Random random)
    {
        var white = Chance(random, 0.8f) ? new Vector3(Between(random, 200, 255)) : Colour(random, 90, 255);
        var iris = Chance(random, 0.4f) ? ink : Colour(random, 0, 190);
        var gaze = new Vector2(Spread(random, 0.12f), Spread(random, 0.12f));
        var (share, pupil) = (Between(random, 0.16f, 0.34f), Chance(random, 0.6f) ? Between(random, 0.3f, 0.6f) : 0);
        var shine = Chance(random, 0.5f) ? 0.3f : 0;
        foreach (var eye in eyes.Where(e => e.Length > 2))
        {
            var box = FaceBox.Around(eye);
            var radius = MathF.Min(share * box.Width, 0.6f * box.Height);
            var centre = box.Centre + (gaze * box.Width);
            brush.Fill(brush.Curve(eye, closed: true), white, 0.95f);
            Dot(centre, 1, iris);
            Dot(centre, pupil, Vector3.Zero);
            Dot(centre + (radius * new Vector2(0.35f, -0.35f)), shine, new Vector3(255));

            void Dot(Vector2 middle, float part, Vector3 colour) =>
                brush.Fill(brush.Ellipse(middle, part * radius, part * radius), colour, 0.95f);
        }
    }

    private static void FillMouth(FaceBrush brush, Vector2[] outer, Vector2[] inner, Random random)
    {
        var lips = Chance(random, 0.6f)
            ? new Vector3(Between(random, 120, 250), Between(random, 20, 140), Between(random, 30, 150))
            : Colour(random, 20, 230);
        brush.Fill(brush.Curve(outer, closed: true), lips, Between(random, 0.5f, 1));
        var inside = Chance(random, 0.5f) ? new Vector3(Between(random, 210, 255)) : Colour(random, 0, 80);
        brush.Fill(brush.Curve(inner, closed: true), inside, 0.95f);
    }

    private static bool Chance(Random random, float probability) => random.NextSingle() < probability;

    private static float Between(Random random, float low, float high) => float.Lerp(low, high, random.NextSingle());

    private static Vector3 Colour(Random random, float low, float high) =>
        new(Between(random, low, high), Between(random, low, high), Between(random, low, high));
}
