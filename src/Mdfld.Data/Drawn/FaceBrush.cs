using System.Numerics;
using SkiaSharp;

namespace Mdfld.Data;

/// <summary>
/// Makes shapes and paints them, anti-aliased, in pixels of the picture. Shapes live as long as the brush; colours are
/// (r, g, b), 0 to 255.
/// </summary>
internal sealed class FaceBrush : IDisposable
{
    private const int TaperSteps = 24;

    private readonly SKCanvas _canvas;
    private readonly SKPaint _paint = new()
    {
        IsAntialias = true,
        StrokeCap = SKStrokeCap.Round,
        StrokeJoin = SKStrokeJoin.Round,
    };

    private readonly List<SKPath> _shapes = [];

    public FaceBrush(SKCanvas canvas)
    {
        _canvas = canvas;
        // Origin is the centre of the first pixel.
        canvas.Translate(0.5f, 0.5f);
    }

    /// <summary>Draws upon a picture.</summary>
    public static void Draw(Picture picture, Action<FaceBrush> draw) => picture.Draw(canvas =>
    {
        using var brush = new FaceBrush(canvas);
        draw(brush);
    });

    public void Dispose()
    {
        _shapes.ForEach(shape => shape.Dispose());
        _paint.Dispose();
    }

    /// <summary>A smooth line through points.</summary>
    /// <exception cref="ArgumentException">A point is not finite.</exception>
    public SKPath Curve(ReadOnlySpan<Vector2> points, bool closed = false)
    {
        CheckFinite(points);
        return Keep(Overlay.Contour(points, closed));
    }

    /// <summary>Straight lines between points.</summary>
    /// <exception cref="ArgumentException">A point is not finite.</exception>
    public SKPath Polygon(ReadOnlySpan<Vector2> points, bool closed = true)
    {
        CheckFinite(points);
        using var path = new SKPathBuilder();
        path.AddPoly(Array.ConvertAll(points.ToArray(), p => new SKPoint(p.X, p.Y)), closed);
        return Keep(path.Detach());
    }

    /// <summary>Lines one after the other, the end of each joined to the start of the next.</summary>
    public SKPath Joined(params ReadOnlySpan<SKPath> lines)
    {
        using var path = new SKPathBuilder(lines[0]);
        foreach (var line in lines[1..])
            path.AddPath(line, SKPathAddMode.Extend);
        return Keep(path.Detach());
    }

    /// <summary>Several shapes as one; open lines are closed.</summary>
    public SKPath United(params ReadOnlySpan<SKPath> shapes)
    {
        using var none = new SKPath();
        var all = none.Op(shapes[0], SKPathOp.Union);
        foreach (var shape in shapes[1..])
        {
            using var before = all;
            all = before.Op(shape, SKPathOp.Union);
        }
        return Keep(all);
    }

    /// <summary>An ellipse; <paramref name="angle"/> turns it clockwise as seen, radians.</summary>
    public SKPath Ellipse(Vector2 centre, float radiusX, float radiusY, float angle = 0)
    {
        using var path = new SKPathBuilder();
        path.AddOval(new SKRect(centre.X - radiusX, centre.Y - radiusY, centre.X + radiusX, centre.Y + radiusY));
        using var level = path.Detach();
        return Mapped(level, SKMatrix.CreateRotation(angle, centre.X, centre.Y));
    }

    /// <summary>The shape elsewhere.</summary>
    public SKPath Moved(SKPath shape, Vector2 by) => Mapped(shape, SKMatrix.CreateTranslation(by.X, by.Y));

    /// <summary>Part of a line, from one share of its length to another.</summary>
    public SKPath Part(SKPath line, float from, float to)
    {
        using var measure = new SKPathMeasure(line);
        using var part = new SKPathBuilder();
        measure.GetSegment(from * measure.Length, to * measure.Length, part, true);
        return Keep(part.Detach());
    }

    /// <summary>Points of a line at equal distances, its ends among them.</summary>
    public static Vector2[] Along(SKPath line, int count)
    {
        using var measure = new SKPathMeasure(line);
        var points = new Vector2[count];
        for (var i = 0; i < count; i++)
        {
            var p = measure.GetPosition(measure.Length * i / (count - 1));
            points[i] = new Vector2(p.X, p.Y);
        }
        return points;
    }

    /// <summary>The outline, with round ends, of a line whose width, pixels, changes along it.</summary>
    public SKPath Tapered(SKPath line, Func<float, float> width)
    {
        using var measure = new SKPathMeasure(line);
        if (measure.Length == 0)
            return Keep(new SKPath());
        var outline = new SKPoint[2 * (TaperSteps + 1)];
        for (var i = 0; i <= TaperSteps; i++)
        {
            var t = (float)i / TaperSteps;
            measure.GetPositionAndTangent(t * measure.Length, out var p, out var along);
            var half = width(t) / 2;
            var across = new SKPoint(-along.Y * half, along.X * half);
            (outline[i], outline[^(i + 1)]) = (p - across, p + across);
        }
        using var shape = new SKPathBuilder();
        shape.AddPoly(outline);
        // The outline runs clockwise, too: where they overlap, nothing is taken away.
        var (start, end) = (measure.GetPosition(0), measure.GetPosition(measure.Length));
        shape.AddCircle(start.X, start.Y, width(0) / 2, SKPathDirection.Clockwise);
        shape.AddCircle(end.X, end.Y, width(1) / 2, SKPathDirection.Clockwise);
        return Keep(shape.Detach());
    }

    /// <summary>Paints nothing outside a shape, until the result is disposed.</summary>
    public IDisposable Within(SKPath shape) => Clipped(shape, SKClipOperation.Intersect);

    /// <summary>Paints nothing inside a shape, until the result is disposed.</summary>
    public IDisposable Without(SKPath shape) => Clipped(shape, SKClipOperation.Difference);

    /// <summary>Fills a shape. Opacity is 0 to 1, blur the standard deviation of the edge in pixels.</summary>
    public void Fill(SKPath shape, Vector3 colour, float opacity = 1, float blur = 0) =>
        Paint(shape, SKPaintStyle.Fill, ColourOf(colour, opacity), blur);

    /// <summary>Fills a shape with changing colours; the shader is used up.</summary>
    public void Fill(SKPath shape, SKShader colours, float opacity = 1, float blur = 0)
    {
        using (colours)
        {
            _paint.Shader = colours;
            Paint(shape, SKPaintStyle.Fill, ColourOf(Vector3.Zero, opacity), blur);
            _paint.Shader = null;
        }
    }

    /// <summary>Draws a line.</summary>
    public void Stroke(SKPath line, Vector3 colour, float width, float opacity = 1, float blur = 0)
    {
        _paint.StrokeWidth = width;
        Paint(line, SKPaintStyle.Stroke, ColourOf(colour, opacity), blur);
    }

    /// <summary>Draws a straight line.</summary>
    public void Stroke(Vector2 from, Vector2 to, Vector3 colour, float width, float opacity = 1)
    {
        _paint.StrokeWidth = width;
        (_paint.Style, _paint.Color) = (SKPaintStyle.Stroke, ColourOf(colour, opacity));
        _canvas.DrawLine(from.X, from.Y, to.X, to.Y, _paint);
    }

    /// <summary>Draws a line of evenly changing width.</summary>
    public void Stroke(SKPath line, Vector3 colour, (float Start, float End) width, float opacity = 1) =>
        Fill(Tapered(line, t => float.Lerp(width.Start, width.End, t)), colour, opacity);

    /// <summary>Colours that change evenly from one point to another.</summary>
    public static SKShader Gradient(Vector2 from, Vector3 first, Vector2 to, Vector3 last) =>
        SKShader.CreateLinearGradient(
            new SKPoint(from.X, from.Y), new SKPoint(to.X, to.Y), [ColourOf(first), ColourOf(last)],
            SKShaderTileMode.Clamp);

    /// <summary>Colours that change evenly from a point outwards.</summary>
    public static SKShader Gradient(Vector2 centre, Vector3 first, float radius, Vector3 last) =>
        SKShader.CreateRadialGradient(
            new SKPoint(centre.X, centre.Y), radius, [ColourOf(first), ColourOf(last)], SKShaderTileMode.Clamp);

    // Skia leaves out, in silence, a shape that is not finite.
    private static void CheckFinite(ReadOnlySpan<Vector2> points)
    {
        foreach (var p in points)
        {
            if (!float.IsFinite(p.X + p.Y))
                throw new ArgumentException($"a shape's point is at {p}, which is not finite", nameof(points));
        }
    }

    private static SKColor ColourOf(Vector3 colour, float opacity = 1)
    {
        var c = Vector3.Clamp(colour + new Vector3(0.5f), Vector3.Zero, new Vector3(255));
        return new SKColor((byte)c.X, (byte)c.Y, (byte)c.Z, (byte)((255 * Math.Clamp(opacity, 0, 1)) + 0.5f));
    }

    private void Paint(SKPath shape, SKPaintStyle style, SKColor colour, float blur)
    {
        using var softness = blur > 0 ? SKMaskFilter.CreateBlur(SKBlurStyle.Normal, blur) : null;
        (_paint.Style, _paint.Color, _paint.MaskFilter) = (style, colour, softness);
        _canvas.DrawPath(shape, _paint);
        _paint.MaskFilter = null;
    }

    private SKAutoCanvasRestore Clipped(SKPath shape, SKClipOperation operation)
    {
        var restore = new SKAutoCanvasRestore(_canvas, true);
        _canvas.ClipPath(shape, operation, antialias: true);
        return restore;
    }

    private SKPath Mapped(SKPath shape, SKMatrix map)
    {
        var mapped = new SKPath();
        shape.Transform(in map, mapped);
        return Keep(mapped);
    }

    private SKPath Keep(SKPath shape)
    {
        _shapes.Add(shape);
        return shape;
    }
}
