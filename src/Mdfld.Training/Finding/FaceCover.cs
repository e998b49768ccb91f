using System.Numerics;
using Mdfld.Training.Augment;
using SkiaSharp;

namespace Mdfld.Training;

/// <summary>Draws what people wear or hold before their faces: masks, sunglasses, scarves, hats, helmets, fingers.</summary>
internal static class FaceCover
{
    /// <summary>Draws one over a face of 68 landmarks, pixels of the picture; over another nothing.</summary>
    public static void Draw(Picture picture, Vector2[] landmarks, Random random)
    {
        if (landmarks.Length != LandmarkScheme.Ibug68.Count)
            return;
        var frame = UprightFrame.Of(landmarks);
        picture.Draw(canvas =>
        {
            canvas.Translate(0.5f, 0.5f);
            using var paint = new SKPaint
            {
                IsAntialias = true,
                StrokeCap = SKStrokeCap.Round,
                StrokeJoin = SKStrokeJoin.Round,
            };
            switch (random.Next(5))
            {
                case 0:
                    Mask(canvas, paint, landmarks, frame, random);
                    break;
                case 1:
                    Sunglasses(canvas, paint, landmarks, frame, random);
                    break;
                case 2:
                    Scarf(canvas, paint, landmarks, frame, random);
                    break;
                case 3:
                    Hat(canvas, paint, landmarks, frame, random);
                    break;
                default:
                    Fingers(canvas, paint, SkinOf(picture, landmarks), frame, random);
                    break;
            }
        });
    }

    /// <summary>From the bridge of the nose along the jaw, with folds and ear loops.</summary>
    private static void Mask(SKCanvas canvas, SKPaint paint, Vector2[] face, UprightFrame frame, Random random)
    {
        var top = random.Uniform(0.25f, 0.55f);
        Vector2[] edge =
        [
            .. face[3..14], frame.FromLocal(new Vector2(0.55f, top + 0.15f)), Vector2.Lerp(face[28], face[29], top),
            frame.FromLocal(new Vector2(-0.55f, top + 0.15f)),
        ];
        paint.Color = random.Pick(
            new SKColor(235, 238, 240), new SKColor(150, 200, 220), new SKColor(25, 25, 30), Any(random));
        Fill(canvas, paint, edge);
        (paint.Style, paint.StrokeWidth) = (SKPaintStyle.Stroke, 0.03f * frame.Unit);
        Line(canvas, paint, face[3], face[1]);
        Line(canvas, paint, face[13], face[15]);
        paint.Color = Shade(paint.Color, 0.8f);
        for (var y = 0.75f; y < 1.4f; y += 0.22f)
            Line(canvas, paint, frame.FromLocal(new(-0.7f, y)), frame.FromLocal(new(0.7f, y)));
    }

    private static void Sunglasses(SKCanvas canvas, SKPaint paint, Vector2[] face, UprightFrame frame, Random random)
    {
        var colour = random.Chance(0.7f) ? new SKColor(15, 15, 20) : Any(random);
        var (half, low) = (random.Uniform(0.34f, 0.45f), random.Uniform(0.24f, 0.4f));
        paint.Color = colour.WithAlpha((byte)random.Next(190, 256));
        foreach (var eye in (Range[])[36..42, 42..48])
        {
            var centre = frame.ToLocal(UprightFrame.Centre(face[eye]));
            Fill(canvas, paint, [.. Corners(half, 0.25f, low).Select(c => frame.FromLocal(centre + c))]);
        }
        (paint.Color, paint.Style, paint.StrokeWidth) = (colour, SKPaintStyle.Stroke, 0.07f * frame.Unit);
        Line(canvas, paint, face[39], face[42]);
        Line(canvas, paint, face[36], face[0]);
        Line(canvas, paint, face[45], face[16]);
    }

    /// <summary>Over mouth and chin, wider than the face, with stripes.</summary>
    private static void Scarf(SKCanvas canvas, SKPaint paint, Vector2[] face, UprightFrame frame, Random random)
    {
        var (top, wide) = (random.Uniform(0.55f, 1.0f), random.Uniform(1.15f, 1.5f));
        Vector2[] edge =
        [
            new(-wide, top), new(0, top + 0.12f), new(wide, top), new(wide * 1.1f, 2.4f), new(-wide * 1.1f, 2.4f),
        ];
        paint.Color = Any(random);
        Fill(canvas, paint, [.. edge.Select(frame.FromLocal)]);
        (paint.Color, paint.Style, paint.StrokeWidth) = (Any(random), SKPaintStyle.Stroke, 0.08f * frame.Unit);
        for (var y = top + 0.25f; y < 2.3f; y += 0.3f)
            Line(canvas, paint, frame.FromLocal(new(-wide, y)), frame.FromLocal(new(wide, y + 0.1f)));
    }

    /// <summary>A crown with its brim; by a chance a helmet, with guards or a strap along the jaw.</summary>
    private static void Hat(SKCanvas canvas, SKPaint paint, Vector2[] face, UprightFrame frame, Random random)
    {
        var (brim, wide) = (random.Uniform(-0.55f, -0.1f), random.Uniform(1.1f, 1.5f));
        Vector2[] crown = [new(-wide, brim), new(-0.9f * wide, -1.5f), new(0.9f * wide, -1.5f), new(wide, brim)];
        paint.Color = Any(random);
        Fill(canvas, paint, [.. crown.Select(frame.FromLocal)]);
        (paint.Color, paint.Style, paint.StrokeWidth) =
            (Shade(paint.Color, 0.6f), SKPaintStyle.Stroke, random.Uniform(0.08f, 0.25f) * frame.Unit);
        var reach = wide * random.Uniform(1, 1.3f);
        Line(canvas, paint, frame.FromLocal(new(-reach, brim)), frame.FromLocal(new(reach, brim)));
        if (random.Chance(0.5f))
            return;
        paint.StrokeWidth = random.Uniform(0.05f, 0.3f) * frame.Unit;
        for (var i = 0; i < 16; i += 2)
            Line(canvas, paint, face[i], face[i + 2]);
    }

    /// <summary>Fingers of the face's own colour from a side, over mouth, cheek or eye.</summary>
    private static void Fingers(SKCanvas canvas, SKPaint paint, SKColor skin, UprightFrame frame, Random random)
    {
        var (angle, width) = (random.Uniform(0, MathF.Tau), random.Uniform(0.2f, 0.32f));
        var tip = new Vector2(random.Uniform(-0.6f, 0.6f), random.Uniform(0, 1.3f));
        var (sin, cos) = MathF.SinCos(angle);
        Vector2 along = new(cos, sin), beside = new(-sin, cos);
        paint.Style = SKPaintStyle.Stroke;
        var count = random.Next(2, 5);
        for (var n = 0; n < count; n++)
        {
            var from = tip + (beside * (width * 1.05f * (n - (count / 2f)))) + (along * random.Uniform(-0.1f, 0.1f));
            var (a, b) = (frame.FromLocal(from), frame.FromLocal(from + (along * 2)));
            (paint.Color, paint.StrokeWidth) = (Shade(skin, 0.7f), width * frame.Unit);
            Line(canvas, paint, a, b);
            (paint.Color, paint.StrokeWidth) = (Shade(skin, random.Uniform(0.9f, 1.05f)), 0.85f * width * frame.Unit);
            Line(canvas, paint, a, b);
        }
    }

    private static Vector2[] Corners(float half, float high, float low) =>
        [new(-half, -high), new(half, -high), new(0.85f * half, low), new(-0.85f * half, low)];

    private static void Fill(SKCanvas canvas, SKPaint paint, Vector2[] edge)
    {
        paint.Style = SKPaintStyle.Fill;
        using var path = new SKPathBuilder();
        path.AddPoly([.. edge.Select(p => new SKPoint(p.X, p.Y))], true);
        using var shape = path.Detach();
        canvas.DrawPath(shape, paint);
    }

    private static void Line(SKCanvas canvas, SKPaint paint, Vector2 from, Vector2 to) =>
        canvas.DrawLine(from.X, from.Y, to.X, to.Y, paint);

    /// <summary>The colour beside the nose.</summary>
    private static SKColor SkinOf(Picture picture, Vector2[] face)
    {
        var at = (face[31] + face[2]) / 2;
        var (x, y) = (
            Math.Clamp((int)at.X, 0, picture.Width - 1), Math.Clamp((int)at.Y, 0, picture.Height - 1));
        var pixel = picture.Row(y).Slice(x * Picture.Channels, Picture.Channels);
        return new SKColor(pixel[0], pixel[1], pixel[2]);
    }

    private static SKColor Any(Random random) =>
        new((byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256));

    private static SKColor Shade(SKColor colour, float factor) => new(
        FilterPicture.ToByte(colour.Red * factor), FilterPicture.ToByte(colour.Green * factor),
        FilterPicture.ToByte(colour.Blue * factor));
}
