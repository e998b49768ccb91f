using System.Numerics;

namespace Mdfld.Data;

/// <summary>What the medium adds to a drawn face: grain, brush strokes, hatching, screen dots. Nothing moves.</summary>
internal static class FaceTexture
{
    /// <summary>Treats the whole picture as the look wants.</summary>
    public static void Apply(FaceLook look, DrawingCanvas canvas, FaceGeometry face, FacePalette palette, Random random)
    {
        switch (look)
        {
            case FaceLook.Photo:
                Grain(canvas.Picture, 3, random);
                break;
            case FaceLook.Painting:
                var model = canvas.Picture.Clone();
                Brush(canvas, model, 0.05f * face.Unit, 0, random);
                Brush(canvas, model, 0.02f * face.Unit, 6, random);
                Brush(canvas, model, 0.01f * face.Unit, 22, random);
                Grain(canvas.Picture, 3, random);
                break;
            case FaceLook.Pencil:
                Hatch(canvas, face, random);
                Grain(canvas.Picture, 5, random);
                break;
            case FaceLook.Caricature:
                Grain(canvas.Picture, 4, random);
                break;
            case FaceLook.Manga:
                Screen(canvas.Picture, palette);
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

    // Strokes of the model's colours, along its edges as a painter follows a form. Where the model's brightness changes
    // by less than the contrast asked for, the coarser strokes below stay.
    private static void Brush(DrawingCanvas canvas, Picture model, float radius, float contrast, Random random)
    {
        var step = MathF.Max(radius, 1);
        var count = (int)(canvas.Width * canvas.Height / (step * step * 2.2f));
        for (var i = 0; i < count; i++)
        {
            var (x, y) = (random.Next(2, canvas.Width - 2), random.Next(2, canvas.Height - 2));
            var slope = new Vector2(
                Grey(model, x + 2, y) - Grey(model, x - 2, y), Grey(model, x, y + 2) - Grey(model, x, y - 2));
            if (slope.Length() < contrast)
                continue;
            var along = slope.Length() > 8
                ? Vector2.Normalize(new Vector2(-slope.Y, slope.X))
                : Vector2.Transform(Vector2.UnitX, Matrix3x2.CreateRotation(0.9f + (0.7f * random.NextSingle())));
            var pixel = model.Row(y).Slice(x * Picture.Channels, Picture.Channels);
            var colour = new Vector3(pixel[0], pixel[1], pixel[2]) + new Vector3(random.Next(-9, 10));
            var middle = new Vector2(x, y);
            canvas.Stroke(
                [middle - (2 * radius * along), middle + (2 * radius * along)], colour, 2 * radius, radius, 0.85f);
        }
    }

    private static void Hatch(DrawingCanvas canvas, FaceGeometry face, Random random)
    {
        // Shadow lies on one side of the face, under nose, lip and chin.
        var head = canvas.Shape(face.Outline);
        var graphite = new Vector3(70, 68, 72);
        var side = random.Next(2) == 0 ? -1f : 1f;
        Vector2[] lit = [.. face.Outline.Select(p => p - (face.Unit * 0.4f * side * face.Right))];
        var shadow = head.Without(canvas.Shape(lit));
        Vector2[] throat =
        [
            face.From(8, -0.46f, -0.5f), face.From(8, 0.46f, -0.5f),
            face.From(8, 0.5f, 0.5f), face.From(8, -0.5f, 0.5f),
        ];
        var neck = canvas.Shape([.. face.Jaw.Select(p => p + (0.3f * face.Unit * face.Down))])
            .Without(head).Within(canvas.Shape(throat));
        for (var i = -40; i < 40; i++)
        {
            var start = face.From(28, (0.055f * i) - 1.5f + (0.015f * random.NextSingle()), -1.6f);
            Vector2[] line = [start, start + (face.Unit * ((2.2f * face.Right) + (3.8f * face.Down)))];
            var mark = canvas.Line(line, 0.012f * face.Unit, 0.02f * face.Unit);
            canvas.Paint(mark.Within(shadow), graphite, 0.5f);
            canvas.Paint(mark.Within(neck), graphite, 0.7f);
        }
        foreach (var (point, x, y) in ((int, float, float)[])[(33, 0, 0.07f), (57, 0, 0.1f)])
        {
            for (var i = -4; i <= 4; i++)
            {
                var start = face.From(point, x + (0.03f * i) - 0.03f, y - 0.04f);
                var end = start + (face.Unit * ((0.05f * face.Right) + (0.08f * face.Down)));
                canvas.Stroke([start, end], graphite, 0.012f * face.Unit, opacity: 0.5f);
            }
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

    private static float Grey(Picture image, int x, int y)
    {
        var p = image.Row(y).Slice(x * Picture.Channels, Picture.Channels);
        return (0.299f * p[0]) + (0.587f * p[1]) + (0.114f * p[2]);
    }
}
