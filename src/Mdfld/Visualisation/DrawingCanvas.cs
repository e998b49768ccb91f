using System.Numerics;

namespace Mdfld;

/// <summary>Paints shapes on a picture. Colours are (r, g, b), 0 to 255.</summary>
public sealed class DrawingCanvas(Picture image)
{
    public Picture Picture { get; } = image;

    public int Width => Picture.Width;

    public int Height => Picture.Height;

    /// <summary>Fills a closed polygon.</summary>
    public Coverage Fill(ReadOnlySpan<Vector2> polygon, Vector3 colour, float opacity = 1)
    {
        var shape = Shape(polygon);
        Paint(shape, colour, opacity);
        return shape;
    }

    /// <summary>Draws a line whose width changes evenly from start to end.</summary>
    public void Stroke(
        ReadOnlySpan<Vector2> line, Vector3 colour, float startWidth, float? endWidth = null, float opacity = 1) =>
        Paint(Line(line, startWidth, endWidth), colour, opacity);

    /// <summary>Fills a disc.</summary>
    public void Disc(Vector2 centre, float radius, Vector3 colour, float opacity = 1) =>
        Paint(Line([centre], 2 * radius), colour, opacity);

    /// <summary>The inside of a polygon, to be painted or combined.</summary>
    public Coverage Shape(ReadOnlySpan<Vector2> polygon) => Coverage.Fill(polygon, Width, Height);

    /// <summary>A line as a shape.</summary>
    public Coverage Line(ReadOnlySpan<Vector2> line, float startWidth, float? endWidth = null) =>
        Coverage.Stroke(line, startWidth, endWidth ?? startWidth, Width, Height);

    /// <summary>A shape with soft edges.</summary>
    public Coverage Soft(Coverage shape, float sigma) => shape.Blurred(sigma, Width, Height);

    /// <summary>Lays a colour over the picture where a shape is.</summary>
    public void Paint(Coverage shape, Vector3 colour, float opacity = 1) => Paint(shape, _ => colour, opacity);

    /// <summary>Lays over the picture, where a shape is, the colour given for each pixel.</summary>
    public void Paint(Coverage shape, Func<Vector2, Vector3> colour, float opacity = 1)
    {
        for (var y = 0; y < shape.Height; y++)
        {
            var cover = shape.Row(y);
            var row = Picture.Row(y + shape.Top).Slice(shape.Left * Picture.Channels);
            for (var x = 0; x < cover.Length; x++)
            {
                var alpha = cover[x] * opacity;
                if (alpha <= 0)
                    continue;
                var at = new Vector2(x + shape.Left, y + shape.Top);
                Blend(row.Slice(x * Picture.Channels, Picture.Channels), colour(at), alpha);
            }
        }
    }

    private static void Blend(Span<byte> pixel, Vector3 colour, float alpha)
    {
        for (var c = 0; c < Picture.Channels; c++)
            pixel[c] = (byte)Math.Clamp(float.Lerp(pixel[c], colour[c], alpha) + 0.5f, 0, 255);
    }
}
