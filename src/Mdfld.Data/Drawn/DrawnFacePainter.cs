using System.Numerics;
using SkiaSharp;

namespace Mdfld.Data;

/// <summary>Paints one face from back to front: background, hair, body, head, features, fringe.</summary>
internal sealed partial class DrawnFacePainter(
    FaceBrush brush, int size, FaceGeometry face, StyleTraits style, FacePalette palette, Random random)
{
    private static readonly Vector3 White = new(255);

    private readonly float _unit = face.Unit;

    // The side the light comes from: -1 left, 1 right.
    private readonly float _light = random.Next(2) == 0 ? -1 : 1;
    private readonly bool _longHair = random.Next(2) == 0;
    private readonly int _cut = random.Next(3);

    private Vector3 Shade => palette.Skin * new Vector3(0.66f, 0.52f, 0.5f);

    private FaceLight Light => new(face, _light);

    public void Paint(bool hasBackground = true, bool hasHair = true, bool hasBody = true)
    {
        if (hasBackground)
            Background();
        if (_longHair && hasHair)
            BackHair();
        if (hasBody)
            Body();
        Ear(1, -1);
        Ear(15, 1);
        Head();
        PaintEyes();
        Nose();
        Mouth();
        // Anime shows the brows through the fringe.
        if (style.LargeIris && hasHair)
            FrontHair();
        Brow(17..22);
        Brow(22..27);
        if (!style.LargeIris && hasHair)
            FrontHair();
    }

    public void PaintEyes()
    {
        Eye([36, 37, 38, 39, 40, 41], -1);
        Eye([45, 44, 43, 42, 47, 46], 1);
    }

    private void Background()
    {
        var all = brush.Polygon([new(-1, -1), new(size, -1), new(size, size), new(-1, size)]);
        var middle = new Vector2(size * (0.5f + (0.25f * _light)), size * 0.3f);
        var depth = palette.Background == palette.Skin ? 0 : 0.45f * MathF.Max(style.Soft, 0.15f);
        brush.Fill(all, FaceBrush.Gradient(
            middle, 1.1f * palette.Background, 1.1f * size, (1.1f - (1.1f * depth)) * palette.Background));
        if (style.Soft < 0.9f)
            return;
        // Things out of focus.
        for (var i = 0; i < 7; i++)
        {
            var centre = new Vector2(random.NextSingle() * size, random.NextSingle() * size);
            var blob = brush.Ellipse(
                centre, (0.3f + random.NextSingle()) * _unit, (0.3f + random.NextSingle()) * _unit);
            brush.Fill(blob, palette.Background * (0.6f + (0.9f * random.NextSingle())), 0.4f, 0.22f * _unit);
        }
    }

    private void Body()
    {
        var neck = brush.Curve([
            At(-0.5f, 0.9f), At(-0.52f, 1.5f), At(-0.62f, 1.9f), At(-1.1f, 2.15f), At(0, 2.7f),
            At(1.1f, 2.15f), At(0.62f, 1.9f), At(0.52f, 1.5f), At(0.5f, 0.9f),
        ]);
        brush.Fill(neck, Vector3.Lerp(palette.Skin, Shade, 0.3f * MathF.Max(style.Soft, style.Cel)));
        Outline(neck, 0.8f);
        // The chin's shadow.
        var chin = brush.Moved(Line(..17), _unit * ((0.2f * face.Down) - (0.05f * _light * face.Right)));
        using (brush.Within(neck))
        {
            if (style.Soft > 0)
                brush.Fill(chin, Shade * 0.75f, 0.7f * MathF.Min(style.Soft, 1), 0.07f * _unit);
            if (style.Cel > 0)
                brush.Fill(chin, Shade, style.Cel);
        }
        var coat = brush.Curve([
            At(-2.6f, 3), At(-2.1f, 2.3f), At(-1.3f, 2.02f), At(-0.62f, 1.85f), At(-0.35f, 2.2f), At(0, 2.42f),
            At(0.35f, 2.2f), At(0.62f, 1.85f), At(1.3f, 2.02f), At(2.1f, 2.3f), At(2.6f, 3),
        ]);
        brush.Fill(coat, palette.Cloth);
        if (style.Soft > 0)
            brush.Fill(coat, Light.Shade(palette.Cloth, 0.75f, 1.05f), style.Soft);
        Outline(coat, 1);
    }

    private void Ear(int point, float side)
    {
        var ear = brush.Ellipse(
            face.From(point, 0.06f * side, -0.06f), 0.13f * _unit, 0.28f * _unit, face.Roll - (0.2f * side));
        Skin(ear);
        var inner = brush.Ellipse(
            face.From(point, 0.08f * side, -0.06f), 0.06f * _unit, 0.17f * _unit, face.Roll - (0.2f * side));
        brush.Fill(inner, Shade, 0.55f * MathF.Min(1, style.Soft + style.Cel), 0.02f * _unit);
        Outline(ear, 0.8f);
    }

    private void Head()
    {
        var head = brush.Curve(face.Outline, closed: true);
        Skin(head);
        using (brush.Within(head))
        {
            if (style.Soft > 0)
                Model();
            if (style.Cel > 0)
            {
                // A second face, moved towards the light, leaves the shadow uncovered.
                var lit = brush.Moved(head, _unit * ((0.22f * _light * face.Right) - (0.06f * face.Down)));
                using (brush.Without(lit))
                    brush.Fill(head, Shade, 0.75f * style.Cel);
            }
            foreach (var (point, side) in ((int, float)[])[(31, -0.38f), (35, 0.38f)])
            {
                var blush = 0.3f * MathF.Min(1, style.Soft + style.Cel);
                Smudge(face.From(point, side, -0.12f), 0.3f, 0.2f, palette.Lip, blush);
            }
        }
        Outline(Line(..17), 1.2f);
    }

    private void Skin(SKPath shape)
    {
        brush.Fill(shape, palette.Skin);
        if (style.Soft > 0)
        {
            var bright = Vector3.Lerp(palette.Skin, White, 0.3f);
            brush.Fill(shape, Light.Shade(Shade * 0.82f, palette.Skin, bright), MathF.Min(style.Soft, 1));
        }
    }

    // The forms of the face, as soft lights and shadows.
    private void Model()
    {
        var strength = MathF.Min(1, style.Soft);
        foreach (var (corner, side) in ((int, float)[])[(39, -1), (42, 1)])
        {
            Smudge(face.From(corner, 0.12f * side, -0.12f), 0.26f, 0.13f, Shade, 0.5f * strength);
            Smudge(face.From(corner, 0.17f * side, 0.17f), 0.2f, 0.06f, Shade, 0.25f * strength);
        }
        var far = -_light;
        var wing = far < 0 ? 31 : 35;
        var flank = brush.Polygon([
            face.Points[27], face.Points[29], face.From(30, 0.05f * far, 0), face.Points[33],
            face.From(wing, 0.03f * far, 0), face.From(28, 0.2f * far, 0),
        ]);
        brush.Fill(flank, Shade, 0.6f * strength, 0.06f * _unit);
        Smudge(face.From(33, 0, 0.055f), 0.15f, 0.04f, Shade, 0.45f * strength);
        Smudge(face.From(57, 0, 0.09f), 0.24f, 0.05f, Shade, 0.5f * strength);
        Smudge(face.From(51, 0, -0.08f), 0.05f, 0.07f, Shade, 0.25f * strength);
        Smudge(face.From(30, 0.03f * _light, -0.02f), 0.07f, 0.07f, White, 0.5f * strength);
        Smudge(face.From(28, 0.02f * _light, 0), 0.04f, 0.2f, White, 0.28f * strength);
        Smudge(face.From(27, 0.25f * _light, -0.65f), 0.4f, 0.2f, White, 0.22f * strength);
        Smudge(face.From(_light < 0 ? 41 : 46, 0.1f * _light, 0.3f), 0.22f, 0.13f, White, 0.28f * strength);
        Smudge(face.From(8, 0.05f * _light, -0.14f), 0.16f, 0.1f, White, 0.2f * strength);
    }

    private void Smudge(Vector2 centre, float radiusX, float radiusY, Vector3 colour, float opacity)
    {
        var spot = brush.Ellipse(centre, radiusX * _unit, radiusY * _unit, face.Roll);
        brush.Fill(spot, colour, opacity, 0.45f * MathF.Min(radiusX, radiusY) * _unit);
    }

    private void Outline(SKPath line, float weight)
    {
        if (style.Ink > 0)
            brush.Stroke(line, style.InkColour, style.Ink * weight * _unit);
    }

    /// <summary>The smooth line through some landmarks.</summary>
    private SKPath Line(Range range) => brush.Curve(face.Points.AsSpan(range));

    /// <summary>A line that is widest in its middle: of its ends, the shares of that width.</summary>
    private SKPath Tapered(SKPath line, float width, float start, float end) => brush.Tapered(
        line, t => width * MathF.Max(MathF.Sin(t * MathF.PI), t < 0.5f ? start : end));

    /// <summary>A point at (x, y) units from the root of the nose, along the face.</summary>
    private Vector2 At(float x, float y) => face.From(27, x, y);
}
