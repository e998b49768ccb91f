using System.Numerics;

namespace Mdfld.Data;

/// <summary>The texture of a medium on a drawn face: grain, brush strokes, hatching, screen dots.</summary>
internal static class FaceTexture
{
    /// <summary>Treats all of the picture as the style does.</summary>
    public static void Apply(DrawingStyle style, Picture picture, FaceGeometry face, FacePalette palette, Random random)
    {
        switch (style)
        {
            case DrawingStyle.Photo:
                Grain(picture, 3, random);
                break;
            case DrawingStyle.Painting:
                var model = picture.Clone();
                Strokes(picture, model, 0.05f * face.Unit, -1, random);
                Strokes(picture, model, 0.02f * face.Unit, 14, random);
                Strokes(picture, model, 0.01f * face.Unit, 28, random);
                Strokes(picture, model, 0.01f * face.Unit, 28, random);
                Grain(picture, 3, random);
                break;
            case DrawingStyle.Pencil:
                FaceBrush.Draw(picture, brush => Hatch(brush, face, random));
                Grain(picture, 5, random);
                break;
            case DrawingStyle.Caricature:
                Grain(picture, 4, random);
                break;
            case DrawingStyle.Manga:
                Screen(picture, palette);
                break;
        }
    }

    private static void Grain(Picture image, float strength, Random random)
    {
        var data = image.Data;
        for (var i = 0; i < data.Length; i += Picture.Channels)
        {
            // The sum of three even numbers is nearly normal.
            var noise = (random.NextSingle() + random.NextSingle() + random.NextSingle() - 1.5f) * 2 * strength;
            for (var c = 0; c < Picture.Channels; c++)
                data[i + c] = (byte)Math.Clamp(data[i + c] + noise + 0.5f, 0, 255);
        }
    }

    // Strokes of the model's colours, along its edges as a painter follows a form. Where the picture differs from the
    // model by no more than is tolerated, the coarser strokes below stay.
    private static void Strokes(Picture picture, Picture model, float radius, int tolerance, Random random) =>
        FaceBrush.Draw(picture, brush =>
        {
            var step = MathF.Max(radius, 1);
            var count = (int)(model.Width * model.Height / (step * step * 2.2f));
            for (var i = 0; i < count; i++)
            {
                var (x, y) = (random.Next(2, model.Width - 2), random.Next(2, model.Height - 2));
                var (pixel, painted) = (Pixel(model, x, y), Pixel(picture, x, y));
                var difference = Vector3.Abs(pixel - painted);
                if (MathF.Max(difference.X, MathF.Max(difference.Y, difference.Z)) <= tolerance)
                    continue;
                var slope = new Vector2(
                    Grey(model, x + 2, y) - Grey(model, x - 2, y), Grey(model, x, y + 2) - Grey(model, x, y - 2));
                var along = slope.Length() > 8
                    ? Vector2.Normalize(new Vector2(-slope.Y, slope.X))
                    : Vector2.Transform(Vector2.UnitX, Matrix3x2.CreateRotation(0.9f + (0.7f * random.NextSingle())));
                var colour = pixel + new Vector3(random.Next(-9, 10));
                var (middle, half) = (new Vector2(x, y), 2 * radius * along);
                brush.Stroke(middle - half, middle + half, colour, 1.6f * radius, 0.85f);
            }
        });

    private static void Hatch(FaceBrush brush, FaceGeometry face, Random random)
    {
        // Shadow lies on one side of the face, under nose, lip and chin.
        var head = brush.Curve(face.Outline, closed: true);
        var graphite = new Vector3(70, 68, 72);
        var side = random.Next(2) == 0 ? -1f : 1f;
        var lit = brush.Moved(head, -face.Unit * 0.4f * side * face.Right);
        var jaw = brush.Moved(brush.Curve(face.Points.AsSpan(0, 17)), 0.3f * face.Unit * face.Down);
        var throat = brush.Polygon([
            face.From(8, -0.46f, -0.5f), face.From(8, 0.46f, -0.5f),
            face.From(8, 0.5f, 0.5f), face.From(8, -0.5f, 0.5f),
        ]);
        var marks = Enumerable.Range(-40, 80).Select(i =>
        {
            var start = face.From(28, (0.055f * i) - 1.5f + (0.015f * random.NextSingle()), -1.6f);
            return brush.Curve([start, start + (face.Unit * ((2.2f * face.Right) + (3.8f * face.Down)))]);
        }).ToArray();
        using (brush.Within(head))
        using (brush.Without(lit))
            Draw(0.5f);
        using (brush.Within(jaw))
        using (brush.Within(throat))
        using (brush.Without(head))
            Draw(0.7f);
        foreach (var (point, x, y) in ((int, float, float)[])[(33, 0, 0.07f), (57, 0, 0.1f)])
        {
            for (var i = -4; i <= 4; i++)
            {
                var start = face.From(point, x + (0.03f * i) - 0.03f, y - 0.04f);
                var end = start + (face.Unit * ((0.05f * face.Right) + (0.08f * face.Down)));
                brush.Stroke(start, end, graphite, 0.012f * face.Unit, 0.5f);
            }
        }

        void Draw(float opacity)
        {
            foreach (var mark in marks)
                brush.Stroke(mark, graphite, (0.012f * face.Unit, 0.02f * face.Unit), opacity);
        }
    }

    // Greys become black dots on a screen turned by 45 degrees; black and white stay.
    private static void Screen(Picture image, FacePalette palette)
    {
        var pitch = image.Width / 110f;
        var skin = palette.Skin.X;
        for (var y = 0; y < image.Height; y++)
        {
            var row = image.Row(y);
            for (var x = 0; x < image.Width; x++)
            {
                var grey = Grey(image, x, y);
                if (grey > 60 && grey < skin - 12)
                {
                    var (u, v) = ((x + y) / pitch / 1.41421356f, (x - y) / pitch / 1.41421356f);
                    var wave = (MathF.Cos(u * MathF.PI * 2) + MathF.Cos(v * MathF.PI * 2) + 2) / 4;
                    grey = 255 * Math.Clamp(((grey / 255) - wave) * 4 + 0.5f, 0, 1);
                }
                row.Slice(x * Picture.Channels, Picture.Channels).Fill((byte)grey);
            }
        }
    }

    private static float Grey(Picture picture, int x, int y) =>
        Vector3.Dot(Pixel(picture, x, y), new Vector3(0.299f, 0.587f, 0.114f));

    private static Vector3 Pixel(Picture picture, int x, int y)
    {
        var p = picture.Row(y).Slice(x * Picture.Channels, Picture.Channels);
        return new Vector3(p[0], p[1], p[2]);
    }
}
