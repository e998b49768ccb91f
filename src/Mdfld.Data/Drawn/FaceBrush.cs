using System.Numerics;
using System.Runtime.InteropServices;
using SkiaSharp;

namespace Mdfld.Data;

/// <summary>
/// Paints shapes and lines, anti-aliased, in the coordinates of the canvas. Colours are (r, g, b), 0 to 255; opacity
/// is 0 to 1, blur the standard deviation of an edge.
/// </summary>
internal sealed class FaceBrush(SKCanvas canvas) : IDisposable
{
    private readonly SKPaint _paint = new() { IsAntialias = true };

    public void Dispose() => _paint.Dispose();

    /// <summary>Fills a shape, closed by itself.</summary>
    public void Fill(ReadOnlySpan<Vector2> shape, Vector3 colour, float opacity = 1, float blur = 0)
    {
        using var path = PathOf(shape);
        Fill(path, colour, opacity, blur);
    }

    /// <summary>Fills several shapes as one: where they overlap, they are no darker.</summary>
    public void Fill(IEnumerable<Vector2[]> shapes, Vector3 colour, float opacity, float blur)
    {
        using var path = PathOf([.. shapes]);
        Fill(path, colour, opacity, blur);
    }

    private void Fill(SKPath path, Vector3 colour, float opacity, float blur)
    {
        using var softness = blur > 0 ? SKMaskFilter.CreateBlur(SKBlurStyle.Normal, blur) : null;
        (_paint.Color, _paint.MaskFilter) = (ColourOf(colour, opacity), softness);
        canvas.DrawPath(path, _paint);
        _paint.MaskFilter = null;
    }

    /// <summary>Fills a shape with a colour that changes evenly from one point to another.</summary>
    public void Fill(
        ReadOnlySpan<Vector2> shape, (Vector2 At, Vector3 Colour) from, (Vector2 At, Vector3 Colour) to,
        float opacity = 1)
    {
        using var path = PathOf(shape);
        using var shader = SKShader.CreateLinearGradient(
            new SKPoint(from.At.X, from.At.Y), new SKPoint(to.At.X, to.At.Y),
            [ColourOf(from.Colour, 1), ColourOf(to.Colour, 1)], SKShaderTileMode.Clamp);
        (_paint.Shader, _paint.Color) = (shader, ColourOf(Vector3.Zero, opacity));
        canvas.DrawPath(path, _paint);
        _paint.Shader = null;
    }

    /// <summary>A line that is thinner at its ends.</summary>
    /// <param name="line">A polyline.</param>
    /// <param name="colour">Its colour.</param>
    /// <param name="width">The greatest width.</param>
    /// <param name="opacity">0 to 1.</param>
    /// <param name="start">Width at the start / the greatest width.</param>
    /// <param name="end">Width at the end / the greatest width.</param>
    public void Line(
        ReadOnlySpan<Vector2> line, Vector3 colour, float width, float opacity = 1, float start = 0.3f,
        float end = 0.3f) =>
        Fill(Tapered(line, width, start, end), colour, opacity);

    /// <summary>The outline of a line that is thinner at its ends.</summary>
    public static Vector2[] Tapered(ReadOnlySpan<Vector2> line, float width, float start, float end) =>
        Polyline.Widened(line, t => width * MathF.Min(1, MathF.Min(
            start + ((1 - start) * 4 * t), end + ((1 - end) * 4 * (1 - t)))));

    /// <summary>Paints nothing outside (or inside) a shape, until the result is disposed.</summary>
    public IDisposable Within(Vector2[] shape, bool outside = false) => Within([shape], outside);

    /// <summary>The same with several shapes.</summary>
    public IDisposable Within(IEnumerable<Vector2[]> shapes, bool outside = false)
    {
        var restore = new SKAutoCanvasRestore(canvas, true);
        using var path = PathOf([.. shapes]);
        canvas.ClipPath(path, outside ? SKClipOperation.Difference : SKClipOperation.Intersect, antialias: true);
        return restore;
    }

    // Skia leaves out, in silence, a shape that is not finite.
    private static SKPath PathOf(Vector2[][] shapes)
    {
        using var path = new SKPathBuilder();
        foreach (var shape in shapes)
            Add(path, shape);
        return path.Detach();
    }

    private static SKPath PathOf(ReadOnlySpan<Vector2> shape)
    {
        using var path = new SKPathBuilder();
        Add(path, shape);
        return path.Detach();
    }

    private static void Add(SKPathBuilder path, ReadOnlySpan<Vector2> shape)
    {
        foreach (var p in shape)
        {
            if (!float.IsFinite(p.X + p.Y))
                throw new ArgumentException($"a shape's point is at {p}, which is not finite", nameof(shape));
        }
        path.AddPoly(MemoryMarshal.Cast<Vector2, SKPoint>(shape).ToArray(), true);
    }

    private static SKColor ColourOf(Vector3 colour, float opacity)
    {
        var c = Vector3.Clamp(colour + new Vector3(0.5f), Vector3.Zero, new Vector3(255));
        return new SKColor((byte)c.X, (byte)c.Y, (byte)c.Z, (byte)((255 * Math.Clamp(opacity, 0, 1)) + 0.5f));
    }
}
