using System.Numerics;
using Mdfld.Training.Augment;
using SkiaSharp;

namespace Mdfld.Training;

/// <summary>Pictures without a face: pieces of photos, and drawn shapes, clouds, stripes.</summary>
internal sealed class Background(IEnumerable<LabelledPicture> pictures)
{
    private const float FromPictures = 0.65f;

    private readonly LabelledPicture[] _pictures = [.. pictures.Where(p => p.Complete)];

    /// <summary>Draws one, size x size.</summary>
    public Picture Draw(Random random, int size)
    {
        if (_pictures.Length > 0 && random.Chance(FromPictures) && Piece(random, size) is { } piece)
            return piece;
        return random.Next(4) switch
        {
            0 => Clouds(random, size),
            1 => Stripes(random, size),
            _ => Shapes(random, size),
        };
    }

    /// <summary>A piece of a photo that shows no known face; null where none was found.</summary>
    private Picture? Piece(Random random, int size)
    {
        for (var attempt = 0; attempt < 12; attempt++)
        {
            var picture = _pictures[random.Next(_pictures.Length)];
            var (width, height) = (picture.Picture.Width, picture.Picture.Height);
            var least = Math.Min(width, height);
            var side = MathF.Min(least, least * MathF.Exp(random.Uniform(-1.8f, 0.3f)));
            var centre = new Vector2(
                random.Uniform(side / 2, width - (side / 2)), random.Uniform(side / 2, height - (side / 2)));
            var area = new FaceBox(centre.X - (side / 2), centre.Y - (side / 2), side, side);
            if (picture.Faces.Any(f => f.Box is var box && box.Intersection(area) > 0.02f * box.Width * box.Height))
                continue;
            var middle = new Vector2((size - 1) / 2f);
            var map = Homography.Rotation(random.Next(4) * Math.PI / 2, 1, middle)
                * new FaceCrop(centre, side).ToCrop(size);
            if (random.Chance(0.5f))
                map = Homography.Mirror(size) * map;
            return picture.Picture.Warp(map, size, size, antialias: true);
        }
        return null;
    }

    private static Picture Clouds(Random random, int size)
    {
        var picture = new Picture(size, size);
        var (from, to) = (Colour(random), Colour(random));
        var waves = new (Vector2 Direction, float Phase, float Height)[random.Next(1, 7)];
        for (var i = 0; i < waves.Length; i++)
        {
            var (sin, cos) = MathF.SinCos(random.Uniform(0, MathF.Tau));
            waves[i] = (
                new Vector2(cos, sin) * (MathF.Tau * MathF.Exp(random.Uniform(-1.5f, 2.5f)) / size),
                random.Uniform(0, MathF.Tau), random.Uniform(0.2f, 1));
        }
        return Fill(picture, p =>
        {
            var sum = 0f;
            foreach (var (direction, phase, height) in waves)
                sum += height * MathF.Sin(Vector2.Dot(direction, p) + phase);
            return Vector3.Lerp(from, to, (MathF.Sin(sum) + 1) / 2);
        });
    }

    private static Picture Stripes(Random random, int size)
    {
        var (one, other) = (Colour(random), Colour(random));
        var (sin, cos) = MathF.SinCos(random.Uniform(0, MathF.PI));
        var (across, along) = (
            random.Uniform(3, size / 3f), random.Chance(0.5f) ? random.Uniform(3, size / 3f) : float.MaxValue);
        return Fill(new Picture(size, size), p =>
        {
            var i = MathF.Floor(((p.X * cos) + (p.Y * sin)) / across)
                + MathF.Floor(((p.Y * cos) - (p.X * sin)) / along);
            return ((int)i & 1) == 0 ? one : other;
        });
    }

    /// <summary>Discs, polygons and lines, as in cartoons and posters.</summary>
    private static Picture Shapes(Random random, int size)
    {
        var (from, to) = (Colour(random), Colour(random));
        var picture = Fill(new Picture(size, size), p => Vector3.Lerp(from, to, p.Y / size));
        picture.Draw(canvas =>
        {
            canvas.Translate(0.5f, 0.5f);
            using var paint = new SKPaint
            {
                IsAntialias = true,
                StrokeCap = SKStrokeCap.Round,
                StrokeJoin = SKStrokeJoin.Round,
            };
            for (var n = random.Next(1, 14); n > 0; n--)
                DrawShape(canvas, paint, random, size);
        });
        return picture;
    }

    private static void DrawShape(SKCanvas canvas, SKPaint paint, Random random, int size)
    {
        var centre = new Vector2(random.Uniform(0, size), random.Uniform(0, size));
        var reach = size * MathF.Exp(random.Uniform(-4, -1));
        if (random.Next(4) == 0)
        {
            (paint.Style, paint.Color) = (SKPaintStyle.Fill, Opaque(Colour(random)));
            canvas.DrawCircle(centre.X, centre.Y, reach, paint);
            return;
        }
        var corners = new Vector2[random.Next(3, 9)];
        var turn = random.Uniform(0, MathF.Tau);
        for (var i = 0; i < corners.Length; i++)
        {
            var (sin, cos) = MathF.SinCos(turn + (MathF.Tau * i / corners.Length));
            corners[i] = centre + (new Vector2(cos, sin) * (reach * random.Uniform(0.5f, 1.5f)));
        }
        var isSmooth = random.Chance(0.5f);
        var isFilled = isSmooth || random.Chance(0.5f);
        using var path = isSmooth ? Overlay.Contour(corners, closed: true) : Polygon(corners, isFilled);
        (paint.Style, paint.Color) = (isFilled ? SKPaintStyle.Fill : SKPaintStyle.Stroke, Opaque(Colour(random)));
        if (!isFilled)
            paint.StrokeWidth = random.Uniform(1, 6);
        canvas.DrawPath(path, paint);
    }

    private static SKPath Polygon(Vector2[] corners, bool isClosed)
    {
        using var path = new SKPathBuilder();
        path.AddPoly([.. corners.Select(p => new SKPoint(p.X, p.Y))], isClosed);
        return path.Detach();
    }

    private static SKColor Opaque(Vector3 colour) => new(
        FilterPicture.ToByte(colour.X), FilterPicture.ToByte(colour.Y), FilterPicture.ToByte(colour.Z));

    private static Picture Fill(Picture picture, Func<Vector2, Vector3> colour)
    {
        for (var y = 0; y < picture.Height; y++)
        {
            var row = picture.Row(y);
            for (var x = 0; x < picture.Width; x++)
            {
                var c = Opaque(colour(new Vector2(x, y)));
                (row[3 * x], row[(3 * x) + 1], row[(3 * x) + 2]) = (c.Red, c.Green, c.Blue);
            }
        }
        return picture;
    }

    private static Vector3 Colour(Random random) => new(random.Next(256), random.Next(256), random.Next(256));
}
