using System.Numerics;

namespace Mdfld.Data;

/// <summary>
/// Draws mouths. A shut one is a line: all points are on it. Of an open one the outer points are on the middle of the
/// line, the inner ones on its inside; lips have an outline of their own.
/// </summary>
internal static class MouthPainter
{
    // Where 300-W has the points along the arc of a lip.
    // The same above and below: of a line mouth they must not cross.
    private static readonly float[] OuterShares = [0, 0.195f, 0.373f, 0.5f, 0.627f, 0.805f, 1];
    private static readonly float[] InnerShares = [0, 0.343f, 0.5f, 0.657f, 1];
    private static readonly float[] InnerLowerShares = [0.343f, 0.5f, 0.657f];

    public static void Draw(FaceScene scene)
    {
        var (r, face) = (scene.Random, scene.Face);
        var width = face.MouthWidth;
        if (scene.Movement?.Mouth is { } mouth)
            Moved(scene, width, mouth);
        else if (!face.IsAnime && r.Chance(0.5f) || face.Kind == FaceKind.Lean && r.Chance(0.15f))
            Lips(scene, width);
        else if (r.Chance(0.58f))
            Shut(scene, width);
        else
            Open(scene, width);
    }

    /// <summary>
    /// A mouth that is opened so far. Its draws are its own: as many as it may take, the rest of the face stays the same.
    /// </summary>
    private static void Moved(FaceScene scene, float width, float open)
    {
        var random = new Random(scene.Random.Next());
        var hasLips = random.Chance(scene.Face.IsAnime ? 0 : 0.5f);
        var opening = open * MathF.Min(0.22f, 0.8f * (scene.Face.Chin - scene.Face.Mouth));
        scene = scene with { Random = random };
        if (hasLips)
            Lips(scene, width, opening);
        else if (opening < 0.01f)
            Shut(scene, width);
        else
            Open(scene, width, opening);
    }

    private static void Shut(FaceScene scene, float width)
    {
        var r = scene.Random;
        var smile = r.Weighted<float>((3, 0), (5, r.Uniform(0.05f, 0.2f)), (2, r.Uniform(-0.15f, -0.05f))) * width;
        var (wave, cat, slope) = (r.Chance(0.1f) ? 0.08f * width : 0, scene.Face.IsAnime && r.Chance(0.06f)
            ? 0.14f * width : 0, r.Chance(0.25f) ? 0.05f * r.Normal() : 0);
        var line = Line(scene, u => new Vector2(
            (u - 0.5f) * width,
            (smile * (0.5f - Square((2 * u) - 1))) + (wave * MathF.Sin(6.3f * u))
                + (cat * MathF.Abs(MathF.Sin(6.283f * u))) + (slope * (u - 0.5f))));
        var weight = r.Uniform(0.9f, 1.4f) * MathF.Max(scene.Medium.Line, 0.009f);
        var ink = scene.Medium.Ink(scene.Colours.Skin);
        if (width > 0.12f && r.Chance(0.25f))
        {
            scene.Brush.Line(Polyline.Part(line, 0, r.Uniform(0.3f, 0.45f)), ink, weight, 0.9f);
            scene.Brush.Line(Polyline.Part(line, r.Uniform(0.55f, 0.65f), 1), ink, weight, 0.9f);
        }
        else
        {
            scene.Brush.Line(line, ink, weight, 0.95f);
        }
        if (r.Chance(0.3f))
            scene.Outline(Line(scene, u => new Vector2((u - 0.5f) * 0.35f * width, 0.05f + (0.01f * u * (1 - u)))),
                scene.Colours.Skin, 0.6f, 0.1f, 0.1f);
        Mark(scene, line, line, line, line);
    }

    private static void Open(FaceScene scene, float width, float? asked = null)
    {
        var (r, brush) = (scene.Random, scene.Brush);
        var opening = r.Uniform(0.05f, MathF.Min(0.25f, 0.9f * (scene.Face.Chin - scene.Face.Mouth)));
        var (top, topPower, bottomPower, bottomRoot) = r.Weighted<(float, float, float, float)>(
            (3, (0.5f, 2, 2, 2)), (4, (-0.06f, 2, 1.4f, 1)), (5, (0.05f, 2, 2.4f, 1.6f)), (3, (-0.1f, 2, 3.2f, 2)),
                (1, (0.2f, 4, 4, 3)));
        if (top > 0.3f)
            (width, opening) = (MathF.Min(width, r.Uniform(0.06f, 0.15f)), r.Uniform(0.05f, 0.17f));
        opening = asked ?? opening;
        var (rise, slope) = (r.Uniform(0, 0.12f) * width, r.Chance(0.2f) ? 0.05f * r.Normal() : 0);
        var weight = MathF.Max(scene.Medium.Line, 0.008f);
        Vector2 Upper(float u, float inset) => new(
            (u - 0.5f) * (width - (2 * inset)),
            (-(top * opening) * Arc(u, topPower, top > 0.3f ? 2 : 1)) + (inset * Arc(u, 2, 2)) + (slope * (u - 0.5f))
                - (rise * Square((2 * u) - 1)));
        Vector2 Lower(float u, float inset) => new(
            (u - 0.5f) * (width - (2 * inset)),
            (opening * (1 - MathF.Max(top, 0)) * Arc(u, bottomPower, bottomRoot)) - (inset * Arc(u, 2, 2))
                + (slope * (u - 0.5f)) - (rise * Square((2 * u) - 1)));
        var (upper, lower) = (Line(scene, u => Upper(u, 0)), Line(scene, u => Lower(u, 0)));
        var (innerUpper, innerLower) = (Line(scene, u => Upper(u, weight / 2)),
            Line(scene, u => Lower(u, weight / 2)));
        Vector2[] gap = [.. upper, .. Polyline.Reversed(lower)];
        Inside(scene, gap, upper, lower, opening);
        var ink = scene.Medium.Ink(scene.Colours.Skin);
        brush.Line(upper, ink, 1.1f * weight, 0.95f, 0.6f, 0.6f);
        brush.Line(lower, ink, r.Uniform(0.7f, 1) * weight, 0.9f, 0.6f, 0.6f);
        Mark(scene, upper, lower, innerUpper, innerLower);
    }

    private static void Lips(FaceScene scene, float width, float? asked = null)
    {
        var (r, brush) = (scene.Random, scene.Brush);
        var opening = r.Chance(0.5f) ? 0 : r.Uniform(0.02f, 0.14f);
        opening = asked ?? opening;
        var full = r.Uniform(0.03f, 0.07f);
        var smile = r.Uniform(-0.03f, 0.14f) * width;
        var rise = r.Uniform(0.5f, 0.9f);
        Vector2 At(float u, float y, float narrow = 1) =>
            new((u - 0.5f) * width * narrow, y + (smile * (0.4f - Square((2 * u) - 1))));
        var upper = Line(scene, u =>
            At(u, -rise * full * Arc(u, 1.6f, 1) * (1 - (0.3f * MathF.Exp(-Square((u - 0.5f) / 0.07f))))));
        var lower = Line(scene, u => At(u, (opening * Arc(u, 2, 1.5f)) + (full * Arc(u, 2.2f, 1.4f))));
        var innerUpper = Line(scene, u => At(u, -0.1f * opening * Arc(u, 2, 1), 0.88f));
        var innerLower = Line(scene, u => At(u, opening * Arc(u, 2, 1.5f), 0.88f));
        var skin = scene.Colours.Skin;
        var lip = scene.Medium.IsColoured ? Vector3.Lerp(skin * new Vector3(0.9f, 0.66f, 0.64f), new(186, 44, 60),
            r.Uniform(0, 0.6f)) : skin * 0.8f;
        Vector2[] gap = [.. innerUpper, .. Polyline.Reversed(innerLower)];
        brush.Fill([.. upper, .. Polyline.Reversed(lower)], lip, r.Uniform(0.5f, 1));
        if (opening > 0)
            Inside(scene, gap, innerUpper, innerLower, opening);
        var ink = scene.Medium.Ink(lip);
        brush.Line(innerUpper, ink, 1.1f * MathF.Max(scene.Medium.Line, 0.009f), 0.95f, 0.5f, 0.5f);
        if (r.Chance(0.5f))
        {
            scene.Outline(upper, lip, 0.7f);
            scene.Outline(lower, lip, 0.8f);
        }
        Mark(scene, upper, lower, innerUpper, opening > 0 ? innerLower : innerUpper);
    }

    private static void Inside(FaceScene scene, Vector2[] gap, Vector2[] upper, Vector2[] lower, float opening)
    {
        var (r, brush) = (scene.Random, scene.Brush);
        var coloured = scene.Medium.IsColoured;
        brush.Fill(gap, coloured ? r.Pick(new(136, 50, 52), new(196, 96, 92), new(92, 36, 44),
            new Vector3(224, 134, 126)) : new(r.Pick(20, 120, 235)));
        using (brush.Within(gap))
        {
            var middle = lower[upper.Length / 2];
            if (opening > 0.06f && r.Chance(0.5f))
                brush.Fill(
                    Polyline.Ellipse(middle, 0.3f * Vector2.Distance(upper[0], upper[^1]), 0.42f * opening),
                    coloured ? new(236, 142, 138) : new(190));
            var teeth = r.NextSingle();
            if (teeth < 0.3f)
                brush.Fill([.. upper,
                    .. Polyline.Reversed(Polyline.Moved(upper, new(0, MathF.Min(0.3f * opening, 0.045f))))], new(252));
            else if (teeth < 0.4f)
            {
                brush.Fill(gap, new(250));
                brush.Line([.. upper.Zip(lower, (a, b) => (a + b) / 2)], scene.Medium.Ink(scene.Colours.Skin), 0.007f,
                    0.7f);
            }
        }
    }

    private static void Mark(FaceScene scene, Vector2[] upper, Vector2[] lower, Vector2[] innerUpper,
        Vector2[] innerLower)
    {
        var p = scene.Points;
        Polyline.At(upper, OuterShares).CopyTo(p, 48);
        Polyline.At(Polyline.Reversed(lower), OuterShares[1..^1]).CopyTo(p, 55);
        Polyline.At(innerUpper, InnerShares).CopyTo(p, 60);
        Polyline.At(Polyline.Reversed(innerLower), InnerLowerShares).CopyTo(p, 65);
    }

    // A line about the mouth's centre, from the near side's corner.
    private static Vector2[] Line(FaceScene scene, Func<float, Vector2> curve) => Polyline.Of(24, u =>
    {
        var p = curve(u);
        return scene.Head.At(p.X, scene.Face.Mouth + p.Y, 0.06f);
    });

    private static float Arc(float u, float power, float root) =>
        MathF.Pow(MathF.Max(0, 1 - MathF.Pow(MathF.Abs((2 * u) - 1), power)), 1 / root);

    private static float Square(float x) => x * x;
}
