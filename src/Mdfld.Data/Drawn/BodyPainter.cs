using System.Numerics;

namespace Mdfld.Data;

/// <summary>
/// Draws what is about a face: ground, neck, clothes, ears, and what people wear on the head and hold before it.
/// </summary>
internal static class BodyPainter
{
    public static void Ground(FaceScene scene)
    {
        var (r, brush, ground) = (scene.Random, scene.Brush, scene.Colours.Ground);
        Vector2[] all = [new(-9, -9), new(9, -9), new(9, 9), new(-9, 9)];
        brush.Fill(all, ground);
        var other = scene.Colours.Trim;
        switch (r.Next(5))
        {
            case 0:
                brush.Fill(all, (new(0, -1.5f), ground), (new(0, 1.5f), Vector3.Lerp(ground, other, 0.7f)));
                break;
            case 1:
                for (var i = r.Next(4, 14); i > 0; i--)
                    brush.Fill(
                        Polyline.Ellipse(new(r.Uniform(-1.4f, 1.4f), r.Uniform(-1.5f, 1.2f)), r.Uniform(0.1f, 0.5f),
                            r.Uniform(0.1f, 0.5f)),
                        Vector3.Lerp(ground, r.Pick(other, scene.Colours.Cloth, new Vector3(255)), 0.6f),
                            r.Uniform(0.3f, 1), r.Chance(0.6f) ? 0.08f : 0);
                break;
            case 2:
                var count = r.Next(6, 30);
                for (var i = 0; i < count; i++)
                {
                    var (sin, cos) = MathF.SinCos(MathF.Tau * (i + r.NextSingle()) / count);
                    brush.Line([new(3 * cos, 3 * sin), new(0.9f * cos, 0.9f * sin)], Vector3.Lerp(ground, other, 0.8f),
                        r.Uniform(0.01f, 0.12f), 1, 1, 0.05f);
                }
                break;
        }
    }

    public static void Body(FaceScene scene)
    {
        var (r, brush, head) = (scene.Random, scene.Brush, scene.Head);
        var (skin, shade, cloth, trim) = (scene.Colours.Skin, scene.Colours.SkinShadow, scene.Colours.Cloth,
            scene.Colours.Trim);
        var half = r.Uniform(0.13f, 0.18f) * (scene.Face.IsAnime ? 1 : 1.3f);
        var x = (0.35f * head.Axis) - 0.02f;
        var (top, bottom) = (head.Chin - 0.25f, head.Chin + r.Uniform(0.04f, 0.24f));
        var slope = r.Uniform(0.6f, 1);
        Vector2[] body =
        [
            new(x - half, top),
                .. Polyline.Smooth([new(x - half, top + 0.1f), new(x - half - 0.02f, bottom - 0.04f),
                    new(x - (half * 2), bottom + 0.08f), new(x - slope, bottom + 0.28f), new(x - slope - 0.15f, 3)]),
            .. Polyline.Smooth([new(x + slope + 0.15f, 3), new(x + slope, bottom + 0.28f),
                new(x + (half * 2), bottom + 0.08f), new(x + half + 0.02f, bottom - 0.04f),
                    new(x + half, top + 0.1f)]), new(x + half, top),
        ];
        brush.Fill(body, skin);
        if (scene.Medium.Shadow > 0)
        {
            // The chin's shadow on the neck.
            using (brush.Within(body))
                brush.Fill(Polyline.Moved(head.Outline, new(0.03f * r.Normal(), r.Uniform(0.1f, 0.2f))), shade,
                    scene.Medium.Shadow, scene.Medium.IsSoft ? 0.02f : 0);
        }
        scene.Outline(body, skin);
        var neck = bottom + r.Uniform(-0.12f, 0.3f);
        var deep = r.Uniform(0.02f, 0.5f);
        var wide = r.Uniform(1.2f, 2.2f) * half;
        Vector2[] dress = [new(x - wide, neck - 0.05f), new(x, neck + deep), new(x + wide, neck - 0.05f),
            new(x + slope + 0.05f, bottom + 0.26f), new(x + slope + 0.2f, 3), new(x - slope - 0.2f, 3),
                new(x - slope - 0.05f, bottom + 0.26f)];
        brush.Fill(dress, cloth);
        scene.Border(dress, cloth);
        if (r.Chance(0.55f))
        {
            foreach (var side in (float[])[-1, 1])
            {
                Vector2[] collar = [new(x + (side * wide), neck - 0.08f), new(x + (side * 0.02f), neck + deep + 0.02f),
                    new(x + (side * (wide + 0.16f)), neck + 0.3f)];
                brush.Fill(collar, trim);
                scene.Border(collar, trim);
            }
        }
        var folds = Enumerable.Range(0, r.Next(0, 7)).Select(_ =>
        {
            var start = new Vector2(x + r.Uniform(-slope, slope), bottom + r.Uniform(0.15f, 0.4f));
            return FaceBrush.Tapered([start, start + new Vector2(r.Uniform(-0.3f, 0.3f), r.Uniform(0.3f, 0.9f))],
                r.Uniform(0.01f, 0.1f), 0.2f, 0);
        });
        using (brush.Within(dress))
            brush.Fill(folds, r.Chance(0.6f) ? cloth * 0.72f : trim, 0.8f, 0);
        if (r.Chance(0.3f))
            Bow(scene, new(x, neck + deep + 0.05f), 0.2f, 0);
        else if (r.Chance(0.1f))
            brush.Line(Polyline.Smooth([new(x - half, bottom - 0.12f), new(x, bottom - 0.06f),
                new(x + half, bottom - 0.12f)]), trim * 0.7f, 0.07f, 1, 1, 1);
    }

    public static void Ears(FaceScene scene)
    {
        var (r, head, skin) = (scene.Random, scene.Head, scene.Colours.Skin);
        if (scene.Face.Kind == FaceKind.Dot)
            return;
        var pointed = scene.Face.IsAnime && r.Chance(0.04f) ? 0.2f : 0;
        foreach (var side in head.Turn > 0.3f ? [-1] : (float[])[-1, 1])
        {
            var edge = side < 0 ? head.Near : head.Far;
            var y = head.EyeLine + 0.1f;
            var ear = Polyline.Smooth([
                new(edge - (0.02f * side), y - 0.1f), new(edge + (side * (0.06f + pointed)), y - 0.13f - pointed),
                    new(edge + (side * 0.09f), y), new(edge + (side * 0.03f), y + 0.15f),
                        new(edge - (side * 0.04f), y + 0.16f),
            ]);
            scene.Brush.Fill(ear, skin);
            scene.Outline(ear, skin);
            scene.Outline(Polyline.Smooth([new(edge + (0.06f * side), y - 0.07f), new(edge + (0.035f * side), y),
                new(edge + (0.02f * side), y + 0.07f)]), skin, 0.7f);
        }
    }

    public static void Worn(FaceScene scene)
    {
        var (r, brush, head) = (scene.Random, scene.Brush, scene.Head);
        var (trim, cloth) = (scene.Colours.Trim, scene.Colours.Cloth);
        var (middle, half) = ((head.Far + head.Near) / 2 - (0.07f * head.Turn), (head.Far - head.Near) / 2);
        switch (r.Next(scene.Face.IsAnime ? 24 : 32))
        {
            case 0 or 1:
                Bow(scene, new(middle + (r.Pick(-1, 1) * r.Uniform(0.2f, 0.5f)), r.Uniform(-0.95f, -0.65f)),
                    r.Uniform(0.15f, 0.35f), r.Uniform(-0.6f, 0.6f));
                break;
            case 2:
                // A hair band or the band of headphones.
                var band = Polyline.Of(20, t => new Vector2(middle - ((half + 0.12f) * MathF.Cos(MathF.PI * t)), 0.05f
                    - (0.95f * MathF.Sin(MathF.PI * t))));
                brush.Line(band, trim, r.Uniform(0.05f, 0.11f), 1, 1, 1);
                if (r.Chance(0.5f))
                {
                    foreach (var x in (float[])[band[0].X, band[^1].X])
                    {
                        var cup = Polyline.Ellipse(new(x, 0.1f), 0.11f, 0.19f);
                        brush.Fill(cup, cloth);
                        scene.Border(cup, cloth);
                        scene.Cover(cup);
                    }
                }
                break;
            case 3:
                var brim = r.Uniform(-0.62f, -0.45f);
                Vector2[] hat = [.. Polyline.Of(16, t => new Vector2(middle
                    - ((half + 0.2f) * MathF.Cos(MathF.PI * t)), brim
                        - (0.7f * MathF.Pow(MathF.Max(0, MathF.Sin(MathF.PI * t)), 0.6f))))];
                brush.Fill(hat, cloth);
                scene.Border(hat, cloth);
                var edge = Polyline.Smooth([new(middle - half - (r.Uniform(0.2f, 0.5f)), brim + 0.08f),
                    new(middle, brim - 0.03f), new(middle + half + r.Uniform(0.2f, 0.5f), brim + 0.08f)]);
                brush.Line(edge, trim, r.Uniform(0.08f, 0.16f), 1, 0.5f, 0.5f);
                break;
            case 4 when scene.Face.IsAnime:
                foreach (var side in (float[])[-1, 1])
                {
                    var root = new Vector2(middle + (side * 0.38f), -0.78f);
                    Vector2[] ear = [root + new Vector2(-0.2f, 0.08f), root + new Vector2(0.12f * side, -0.4f), root
                        + new Vector2(0.2f, 0.12f)];
                    brush.Fill(ear, scene.Colours.Hair);
                    scene.Border(ear, scene.Colours.Hair);
                    brush.Fill([Vector2.Lerp(ear[0], root, 0.4f), Vector2.Lerp(ear[1], root, 0.3f),
                        Vector2.Lerp(ear[2], root, 0.4f)], new(238, 176, 170), 0.8f);
                }
                break;
            case 5 or 6:
                var clip = new Vector2(middle + (r.Pick(-1, 1) * r.Uniform(0.25f, 0.42f)), r.Uniform(-0.6f, -0.4f));
                for (var i = 0; i < 5; i++)
                    brush.Fill(Polyline.Ellipse(clip
                        + (0.07f * new Vector2(MathF.Cos(1.257f * i), MathF.Sin(1.257f * i))), 0.055f, 0.055f), trim);
                brush.Fill(Polyline.Ellipse(clip, 0.035f, 0.035f), new(250, 220, 110));
                break;
        }
    }

    public static void Glasses(FaceScene scene)
    {
        var (r, brush, face, head) = (scene.Random, scene.Brush, scene.Face, scene.Head);
        if (!r.Chance(face.IsAnime ? 0.035f : 0.15f))
            return;
        var frame = r.Pick(new(30, 26, 30), new(170, 50, 50), scene.Colours.Trim * 0.5f);
        var rx = MathF.Max(face.EyeWidth * 0.56f, 0.12f);
        var ry = r.Uniform(0.6f, 1) * rx;
        var drop = r.Uniform(0, 0.06f);
        var inner = new Vector2[2];
        foreach (var side in (float[])[-1, 1])
        {
            var x = head.EyeX(side);
            var at = new Vector2(x, head.Down(x - head.Axis, 0) + drop);
            var n = head.Narrowed(side);
            var lens = Polyline.Of(28, t =>
            {
                var (sin, cos) = MathF.SinCos(MathF.Tau * t);
                return at + new Vector2(rx * n * MathF.CopySign(MathF.Pow(MathF.Abs(cos), 0.7f), cos),
                    ry * MathF.CopySign(MathF.Pow(MathF.Abs(sin), 0.7f), sin));
            });
            brush.Fill(lens, new(255), r.Uniform(0, 0.25f));
            brush.Line(lens, frame, r.Uniform(0.012f, 0.03f), 1, 1, 1);
            inner[side < 0 ? 0 : 1] = at - new Vector2(side * rx * n, 0);
            var edge = side < 0 ? head.Near : head.Far;
            brush.Line([at + new Vector2(side * rx * n, -0.02f), new(edge, at.Y - 0.04f)], frame, 0.016f, 1, 1, 1);
        }
        brush.Line(Polyline.Smooth([inner[0], (inner[0] + inner[1]) / 2 - new Vector2(0, 0.025f), inner[1]]), frame,
            0.016f, 1, 1, 1);
    }

    public static void Blush(FaceScene scene)
    {
        var (r, brush, face, head) = (scene.Random, scene.Brush, scene.Face, scene.Head);
        if (!scene.Medium.IsColoured || !r.Chance(0.45f))
            return;
        var (strength, hatched) = (r.Uniform(0.2f, 0.7f), r.Chance(0.3f));
        var y = (face.EyeHeight / 2) + r.Uniform(0.02f, 0.08f);
        foreach (var side in (float[])[-1, 1])
        {
            var at = head.At(side * (face.EyeDistance / 2 + 0.03f), y);
            brush.Fill(Polyline.Ellipse(at, 0.11f * head.Narrowed(side), 0.06f), new(240, 120, 112), strength, 0.04f);
            if (!hatched)
                continue;
            for (var i = -1; i <= 1; i++)
                brush.Line([at + new Vector2((0.05f * i) - 0.015f, 0.025f), at
                    + new Vector2((0.05f * i) + 0.015f, -0.025f)], new(214, 90, 84), 0.011f, 0.8f);
        }
    }

    /// <summary>A hand, a scarf or a thing before the lower face.</summary>
    public static void Held(FaceScene scene)
    {
        var (r, brush, head) = (scene.Random, scene.Brush, scene.Head);
        if (!r.Chance(0.11f))
            return;
        var (skin, cloth) = (scene.Colours.Skin, scene.Colours.Cloth);
        var side = r.Pick(-1, 1);
        var chin = new Vector2(head.Axis, head.Chin);
        switch (r.Next(4))
        {
            case 0 or 1:
                var at = chin + new Vector2(side * r.Uniform(0, 0.35f), r.Uniform(-0.12f, 0.1f));
                var hand = Polyline.Ellipse(at + new Vector2(0.1f * side, 0.2f), 0.2f, 0.24f);
                brush.Fill(hand, skin);
                scene.Border(hand, skin);
                for (var i = 0; i < 4; i++)
                {
                    var finger = Polyline.Ellipse(at + new Vector2(side * ((0.09f * i) - 0.1f), 0.02f * i * i), 0.05f,
                        0.14f, side * (0.5f + (0.1f * i)));
                    brush.Fill(finger, skin);
                    scene.Border(finger, skin);
                    scene.Cover(finger);
                }
                scene.Cover(hand);
                break;
            case 2:
                Vector2[] scarf = [.. Polyline.Smooth([new(head.Near - 0.15f, head.Chin - 0.1f), chin
                    - new Vector2(0, r.Uniform(0.02f, 0.22f)), new(head.Far + 0.15f, head.Chin - 0.1f)]),
                        new(head.Far + 0.1f, head.Chin + 0.4f), new(head.Near - 0.1f, head.Chin + 0.4f)];
                brush.Fill(scarf, cloth);
                scene.Border(scarf, cloth);
                scene.Cover(scarf);
                break;
            default:
                var thing = Polyline.Ellipse(chin + new Vector2(side * r.Uniform(0.05f, 0.4f),
                    r.Uniform(-0.15f, 0.15f)), r.Uniform(0.08f, 0.2f), r.Uniform(0.08f, 0.25f), r.Uniform(0, 3));
                brush.Fill(thing, scene.Colours.Trim);
                scene.Border(thing, scene.Colours.Trim);
                scene.Cover(thing);
                break;
        }
    }

    private static void Bow(FaceScene scene, Vector2 at, float size, float angle)
    {
        var colour = scene.Random.Chance(0.5f) ? scene.Colours.Trim : scene.Medium.IsColoured ? new(206, 50, 58)
            : scene.Colours.Cloth;
        foreach (var side in (float[])[-1, 1])
        {
            var wing = new Vector2[4];
            foreach (var (i, p) in ((int, Vector2)[])[(0, new(0, 0)), (1, new(side, -0.6f)),
                (2, new(side * 1.1f, 0.1f)), (3, new(side * 0.9f, 0.5f))])
                wing[i] = at + (size * Vector2.Transform(p, Matrix3x2.CreateRotation(angle)));
            var shape = Polyline.Smooth(wing, closed: true);
            scene.Brush.Fill(shape, colour);
            scene.Border(shape, colour);
        }
        scene.Brush.Fill(Polyline.Ellipse(at, 0.2f * size, 0.22f * size), colour * 0.8f);
    }
}
