using System.Numerics;

namespace Mdfld.Data;

/// <summary>Draws noses, from none to the comic's; 27-30 run down the middle to the tip, 31-35 under it.</summary>
internal static class NosePainter
{
    private enum Form
    {
        None,
        Tick,
        Wedge,
        Light,
        Bridge,
        Wings,
        Bulb,
    }

    public static void Draw(FaceScene scene)
    {
        var (r, face, head, brush) = (scene.Random, scene.Face, scene.Head, scene.Brush);
        var form = face.Kind switch
        {
            FaceKind.Chibi => r.Weighted<Form>((6, Form.None), (3, Form.Tick)),
            FaceKind.Modern => r.Weighted<Form>((22, Form.None), (45, Form.Tick), (8, Form.Wedge), (5, Form.Light),
                (12, Form.Bridge)),
            FaceKind.Lean => r.Weighted<Form>((3, Form.Tick), (3, Form.Wedge), (7, Form.Bridge), (2, Form.Wings)),
            FaceKind.Comic => r.Weighted<Form>((1, Form.Wedge), (2, Form.Bridge), (4, Form.Wings)),
            FaceKind.Ball or FaceKind.Dot => r.Weighted<Form>((1, Form.Tick), (3, Form.Bulb)),
            _ => r.Weighted<Form>((2, Form.Wings), (3, Form.Bulb)),
        };
        var depth = face.Kind == FaceKind.Caricature ? r.Uniform(0.12f, 0.3f) : form == Form.Bulb ? 0.14f
            : r.Uniform(0.06f, 0.11f);
        var half = form switch
        {
            Form.Wings => r.Uniform(0.09f, face.Kind == FaceKind.Caricature ? 0.19f : 0.13f),
            Form.Bulb => r.Uniform(0.07f, face.Kind == FaceKind.Caricature ? 0.2f : 0.14f),
            _ => r.Uniform(0.03f, 0.06f),
        };
        if (form is Form.Wings or Form.Bulb)
            half = MathF.Min(half, 0.75f * (face.Mouth - face.Nose));
        // The bridge leaves the middle of the face as it rises towards the tip.
        for (var i = 0; i < 4; i++)
            scene.Points[27 + i] = head.At(0, face.Nose * (0.02f + (0.98f * i / 3)), depth * (0.25f + (0.25f * i)));
        var (tip, base_) = (scene.Points[30], 0.035f + (form is Form.Wings or Form.Bulb ? 0.35f * half : 0));
        var arc = Polyline.Of(12, t =>
        {
            var x = ((2 * t) - 1) * half;
            return head.At(x, face.Nose + (base_ * (1 - (0.6f * MathF.Pow((2 * t) - 1, 2)))),
                depth * (0.75f - (0.35f * MathF.Abs((2 * t) - 1))));
        });
        Polyline.Even(arc, 5).CopyTo(scene.Points, 31);
        var (skin, shade) = (scene.Colours.Skin, scene.Colours.SkinShadow);
        var side = head.Turn > 0.15f ? 1 : r.Pick(-1, 1);
        var top = scene.Points[28];
        switch (form)
        {
            case Form.Tick:
                var size = r.Uniform(0.015f, 0.04f);
                var slant = r.Pick(new(0.3f, 1), new(1, 0.1f), new Vector2(-0.6f, 1));
                scene.Outline([tip - (size / 2 * slant), tip + (size / 2 * slant)], skin, 0.9f);
                break;
            case Form.Wedge:
                brush.Fill([tip + new Vector2(0, -0.01f), arc[side > 0 ? 2 : 10], arc[6]], shade);
                break;
            case Form.Light:
                brush.Fill(Polyline.Ellipse(tip, 0.014f, 0.018f), new(255), 0.8f, 0.006f);
                brush.Fill(Polyline.Ellipse(arc[6], 0.03f, 0.01f), shade, 0.8f, 0.008f);
                break;
            case Form.Bridge:
                scene.Outline(
                    Polyline.Smooth([Vector2.Lerp(top, tip, r.Uniform(0, 0.6f)) + new Vector2(0.02f * side, 0), tip
                        + new Vector2(0.012f * side, 0), arc[6]]),
                    skin, 1, 0.1f, 0.6f);
                if (scene.Medium.Shadow > 0.5f && r.Chance(0.5f))
                    brush.Fill([top, tip, arc[6], arc[side > 0 ? 1 : 11]], shade, 0.7f);
                break;
            case Form.Wings:
                if (scene.Medium.Shadow > 0.3f)
                    brush.Fill([top, tip, arc[6], arc[side > 0 ? 0 : 12]], shade, 0.6f, scene.Medium.IsSoft ? 0.02f
                        : 0);
                scene.Outline(Polyline.Part(arc, 0.2f, 0.8f), skin);
                foreach (var (end, s) in ((int, float)[])[(0, -1), (12, 1)])
                {
                    var a = arc[end];
                    scene.Outline(
                        Polyline.Smooth([a + (half * new Vector2(0.05f * s, -0.75f)), a
                            + (half * new Vector2(0.2f * s, -0.3f)), a]), skin, 0.9f, 0.1f, 0.6f);
                }
                if (r.Chance(0.6f))
                    scene.Outline(Polyline.Smooth([top + new Vector2(0.03f * side, 0), scene.Points[29]
                        + new Vector2(0.025f * side, 0), tip + new Vector2(0.4f * half * side, -0.01f)]), skin, 0.8f,
                            0.1f, 0.3f);
                break;
            case Form.Bulb:
                var bulb = Polyline.Ellipse((arc[6] + tip) / 2 - new Vector2(0, 0.25f * half), half, 0.72f * half
                    + (base_ / 2));
                brush.Fill(bulb, Vector3.Lerp(skin, new(232, 120, 100), r.Uniform(0, 0.35f)));
                brush.Fill(Polyline.Ellipse(bulb[18], 0.25f * half, 0.18f * half), new(255), 0.5f, 0.03f);
                scene.Border(bulb, skin);
                // Under the ball runs the contour.
                Polyline.Even(Polyline.Reversed(Polyline.Part(bulb, 0.02f, 0.48f)), 5).CopyTo(scene.Points, 31);
                break;
        }
    }
}
