using System.Numerics;

namespace Mdfld.Data;

/// <summary>Paints one face from back to front: background, hair, body, head, features, fringe.</summary>
internal sealed partial class DrawnFacePainter(
    DrawingCanvas canvas, FaceGeometry face, FaceStyle style, FacePalette palette, Random random)
{
    private static readonly Vector3 White = new(255);

    private readonly float _unit = face.Unit;

    // The side the light comes from: -1 left, 1 right.
    private readonly float _light = random.Next(2) == 0 ? -1 : 1;
    private readonly bool _longHair = random.Next(2) == 0;
    private readonly int _cut = random.Next(3);

    private Vector3 Shade => palette.Skin * new Vector3(0.66f, 0.52f, 0.5f);

    public void Paint()
    {
        Background();
        if (_longHair)
            BackHair();
        Body();
        Ear(1, -1);
        Ear(15, 1);
        Head();
        Eye([36, 37, 38, 39, 40, 41], -1);
        Eye([45, 44, 43, 42, 47, 46], 1);
        Nose();
        Mouth();
        // Anime shows the brows through the fringe.
        if (style.LargeIris)
            FrontHair();
        Brow(17..22);
        Brow(22..27);
        if (!style.LargeIris)
            FrontHair();
    }

    private void Background()
    {
        var all = canvas.Shape(Corners());
        var middle = new Vector2(canvas.Width * (0.5f + (0.25f * _light)), canvas.Height * 0.3f);
        var depth = 0.45f * MathF.Max(style.Soft, 0.15f);
        if (palette.Background == palette.Skin)
            depth = 0;
        canvas.Paint(all, p => palette.Background * (1.1f - (depth * Vector2.Distance(p, middle) / canvas.Width)));
        if (style.Soft < 0.9f)
            return;
        // Things out of focus.
        for (var i = 0; i < 7; i++)
        {
            var centre = new Vector2(random.NextSingle() * canvas.Width, random.NextSingle() * canvas.Height);
            var blob = canvas.Shape(
                Curve.Ellipse(centre, (0.3f + random.NextSingle()) * _unit, (0.3f + random.NextSingle()) * _unit));
            canvas.Paint(
                canvas.Soft(blob, 0.22f * _unit), palette.Background * (0.6f + (0.9f * random.NextSingle())), 0.4f);
        }
    }

    private void Body()
    {
        var neck = Curve.Through([
            At(-0.5f, 0.9f), At(-0.52f, 1.5f), At(-0.62f, 1.9f), At(-1.1f, 2.15f), At(0, 2.7f),
            At(1.1f, 2.15f), At(0.62f, 1.9f), At(0.52f, 1.5f), At(0.5f, 0.9f),
        ]);
        var skin = canvas.Fill(neck, Vector3.Lerp(palette.Skin, Shade, 0.3f * MathF.Max(style.Soft, style.Cel)));
        Outline(neck, 0.8f);
        Vector2[] coat = [
            .. Curve.Through(
                [At(-2.6f, 3), At(-2.1f, 2.3f), At(-1.3f, 2.02f), At(-0.62f, 1.85f), At(-0.35f, 2.2f), At(0, 2.42f),
                At(0.35f, 2.2f), At(0.62f, 1.85f), At(1.3f, 2.02f), At(2.1f, 2.3f), At(2.6f, 3)]),
        ];
        var cloth = canvas.Fill(coat, palette.Cloth);
        if (style.Soft > 0)
            canvas.Paint(cloth, p => palette.Cloth * (0.75f + (0.3f * Light(p))), style.Soft);
        Outline(coat, 1);
        // The chin's shadow on the neck.
        Vector2[] chin = [.. face.Jaw.Select(p => p + (_unit * ((0.2f * face.Down) - (0.05f * _light * face.Right))))];
        if (style.Soft > 0)
        {
            var shadow = canvas.Soft(canvas.Shape(chin), 0.07f * _unit).Within(skin);
            canvas.Paint(shadow, Shade * 0.75f, 0.7f * MathF.Min(style.Soft, 1));
        }
        if (style.Cel > 0)
            canvas.Paint(canvas.Shape(chin).Within(skin), Shade, style.Cel);
    }

    private void Ear(int point, float side)
    {
        var ear = Curve.Ellipse(
            face.From(point, 0.06f * side, -0.06f), 0.13f * _unit, 0.28f * _unit, face.Roll - (0.2f * side));
        var shape = canvas.Fill(ear, palette.Skin);
        if (style.Soft > 0)
            canvas.Paint(shape, p => SkinAt(p), MathF.Min(style.Soft, 1));
        var inner = Curve.Ellipse(
            face.From(point, 0.08f * side, -0.06f), 0.06f * _unit, 0.17f * _unit, face.Roll - (0.2f * side));
        canvas.Paint(
            canvas.Soft(canvas.Shape(inner), 0.02f * _unit), Shade, 0.55f * MathF.Min(1, style.Soft + style.Cel));
        Outline([.. ear, ear[0]], 0.8f);
    }

    private void Head()
    {
        var outline = face.Outline;
        var head = canvas.Fill(outline, palette.Skin);
        if (style.Soft > 0)
        {
            canvas.Paint(head, p => SkinAt(p), MathF.Min(style.Soft, 1));
            Model(head);
        }
        if (style.Cel > 0)
        {
            // A second face, moved towards the light, leaves the shadow uncovered.
            var move = _unit * ((0.22f * _light * face.Right) - (0.06f * face.Down));
            Vector2[] lit = [.. outline.Select(p => p + move)];
            canvas.Paint(head.Without(canvas.Shape(lit)), Shade, 0.75f * style.Cel);
        }
        foreach (var (point, side) in ((int, float)[])[(31, -0.38f), (35, 0.38f)])
        {
            var blush = 0.3f * MathF.Min(1, style.Soft + style.Cel);
            Smudge(head, face.From(point, side, -0.12f), 0.3f, 0.2f, palette.Lip, blush);
        }
        Outline(face.Jaw, 1.2f);
    }

    // The forms of the face, as soft lights and shadows.
    private void Model(Coverage head)
    {
        var strength = MathF.Min(1, style.Soft);
        foreach (var (corner, side) in ((int, float)[])[(39, -1), (42, 1)])
        {
            Smudge(head, face.From(corner, 0.12f * side, -0.12f), 0.26f, 0.13f, Shade, 0.5f * strength);
            Smudge(head, face.From(corner, 0.17f * side, 0.17f), 0.2f, 0.06f, Shade, 0.25f * strength);
        }
        var far = -_light;
        var wing = far < 0 ? 31 : 35;
        Vector2[] flank =
        [
            face.Points[27], face.Points[29], face.From(30, 0.05f * far, 0), face.Points[33],
            face.From(wing, 0.03f * far, 0), face.From(28, 0.2f * far, 0),
        ];
        canvas.Paint(canvas.Soft(canvas.Shape(flank), 0.06f * _unit).Within(head), Shade, 0.6f * strength);
        Smudge(head, face.From(33, 0, 0.055f), 0.15f, 0.04f, Shade, 0.45f * strength);
        Smudge(head, face.From(57, 0, 0.09f), 0.24f, 0.05f, Shade, 0.5f * strength);
        Smudge(head, face.From(51, 0, -0.08f), 0.05f, 0.07f, Shade, 0.25f * strength);
        Smudge(head, face.From(30, 0.03f * _light, -0.02f), 0.07f, 0.07f, White, 0.5f * strength);
        Smudge(head, face.From(28, 0.02f * _light, 0), 0.04f, 0.2f, White, 0.28f * strength);
        Smudge(head, face.From(27, 0.25f * _light, -0.65f), 0.4f, 0.2f, White, 0.22f * strength);
        Smudge(head, face.From(_light < 0 ? 41 : 46, 0.1f * _light, 0.3f), 0.22f, 0.13f, White, 0.28f * strength);
        Smudge(head, face.From(8, 0.05f * _light, -0.14f), 0.16f, 0.1f, White, 0.2f * strength);
    }

    private Vector3 SkinAt(Vector2 p)
    {
        var light = Light(p);
        return light < 0.5f
            ? Vector3.Lerp(Shade * 0.82f, palette.Skin, 2 * light)
            : Vector3.Lerp(palette.Skin, White, 0.3f * ((2 * light) - 1));
    }

    // 0 in full shadow, 1 in full light, as on an egg as large as the head.
    private float Light(Vector2 p)
    {
        var q = p - face.From(28, 0, 0.2f);
        var across = new Vector2(Vector2.Dot(q, face.Right), Vector2.Dot(q, face.Down));
        var normal = across / (_unit * new Vector2(1.25f, 1.75f));
        var depth = MathF.Sqrt(MathF.Max(0.02f, 1 - normal.LengthSquared()));
        var towards = Vector3.Dot(
            new Vector3(normal, depth), Vector3.Normalize(new Vector3(0.55f * _light, -0.35f, 0.8f)));
        return Math.Clamp(0.12f + (0.8f * towards), 0, 1);
    }

    private void Smudge(Coverage within, Vector2 centre, float radiusX, float radiusY, Vector3 colour, float opacity)
    {
        if (opacity <= 0)
            return;
        var spot = canvas.Shape(Curve.Ellipse(centre, radiusX * _unit, radiusY * _unit, face.Roll));
        canvas.Paint(canvas.Soft(spot, 0.45f * MathF.Min(radiusX, radiusY) * _unit).Within(within), colour, opacity);
    }

    private void Outline(ReadOnlySpan<Vector2> line, float weight)
    {
        if (style.Ink > 0)
            canvas.Stroke(line, style.InkColour, style.Ink * weight * _unit);
    }

    /// <summary>A point at (x, y) units from the root of the nose, along the face.</summary>
    private Vector2 At(float x, float y) => face.From(27, x, y);

    private Vector2[] Corners() =>
        [new(-1, -1), new(canvas.Width, -1), new(canvas.Width, canvas.Height), new(-1, canvas.Height)];
}
