using System.Numerics;
using SkiaSharp;

namespace Mdfld.Data;

internal sealed partial class DrawnFacePainter
{
    private const int LinePoints = 200;

    private void BackHair()
    {
        var crown = face.Crown;
        var hair = brush.Joined(
            brush.Polygon(crown, closed: false),
            brush.Curve(
                [crown[^1], Side(-1, 0.3f, 0.7f), Side(-1, 0.36f, 1.5f), Side(-1, 0.26f, 2.3f), At(-0.7f, 2.5f)]),
            brush.Curve(
                [At(0.7f, 2.5f), Side(1, 0.26f, 2.3f), Side(1, 0.36f, 1.5f), Side(1, 0.3f, 0.7f), crown[0]]));
        brush.Fill(hair, palette.Hair * (style.Lines ? 0.94f : 0.72f));
        Strands(hair, 110, i => (At(-1.2f + (2.4f * i), -0.3f), At(-1.35f + (2.7f * i), 2.4f)));
        Outline(hair, 1);
    }

    private void FrontHair()
    {
        var (crown, line) = (Crown(), HairLine());
        var top = brush.Joined(crown, line);
        // Long hair falls before the ears and is one with that of the head.
        SKPath[] locks = _longHair ? [SideLock(-1), SideLock(1)] : [];
        var hair = brush.United([top, .. locks]);
        Hair(hair);
        var (above, below) = (FaceBrush.Along(crown, LinePoints), FaceBrush.Along(line, LinePoints));
        var parting = above[LinePoints / 2];
        Strands(top, style.Simple ? 12 : 170, i => (
            Vector2.Lerp(above[(int)(i * (LinePoints - 1))], parting, 0.35f),
            below[(int)((1 - i) * (LinePoints - 1))]));
        foreach (var (shape, side) in locks.Zip((float[])[-1, 1]))
        {
            Strands(shape, style.Simple ? 4 : 50, i =>
                (Side(side, 0.2f * i, -0.5f), Side(side, -0.05f + (0.35f * i), 2.4f)));
        }
        if (style.Cel > 0)
            Shine(hair, above, below);
        Outline(hair, 1);
    }

    private void Hair(SKPath shape)
    {
        var edge = style.Soft > 0.9f ? 0.02f * _unit : 0;
        brush.Fill(shape, palette.Hair, 1, edge);
        if (style.Soft > 0)
            brush.Fill(shape, Light.Shade(palette.Hair, 0.5f, 1.3f), MathF.Min(style.Soft, 1), edge);
    }

    private SKPath SideLock(float side) => brush.Curve([
        Side(side, 0.02f, -0.55f), Side(side, -0.01f, 0.2f), Side(side, 0.02f, 1), Side(side, -0.08f, 1.9f),
        Side(side, -0.02f, 2.5f),
        Side(side, 0.3f, 2.3f), Side(side, 0.37f, 1.3f), Side(side, 0.28f, 0.2f), Side(side, 0.14f, -0.4f),
    ], closed: true);

    // Beside the jaw's first point on one side of the face: x outwards.
    private Vector2 Side(float side, float x, float y) => face.From(side < 0 ? 0 : 16, x * side, y);

    // Not quite round, so that it is no cap.
    private SKPath Crown()
    {
        var middle = At(0, -0.2f);
        var points = face.Crown.ToArray();
        for (var i = 1; i < points.Length - 1; i++)
            points[i] = middle + ((points[i] - middle) * (1 + (0.07f * (random.NextSingle() - 0.4f))));
        return brush.Curve(points);
    }

    // From the left temple to the right one, where the hair ends on the forehead.
    private SKPath HairLine()
    {
        var forehead = face.Forehead.Reverse().ToArray();
        var line = new List<Vector2>();
        for (var i = 0; i < forehead.Length; i++)
        {
            var t = i / (forehead.Length - 1f);
            // A sine of pi may be less than nothing, and its root no number.
            var arch = MathF.Max(0, MathF.Sin(t * MathF.PI));
            if (style.LargeIris)
            {
                line.Add(Fall(forehead[i], i % 2 == 0 ? 0.35f : 0.5f));
                if (i % 2 == 1)
                {
                    var tip = forehead[i] + (0.1f * _light * _unit * face.Right);
                    line.Add(Fall(tip, 0.86f + (0.2f * random.NextSingle())));
                }
                continue;
            }
            line.Add(Fall(forehead[i], _cut switch
            {
                0 => 0.16f + (0.06f * MathF.Cos(9 * t)),
                1 => 0.12f + (0.6f * MathF.Sqrt(arch)),
                _ => 0.12f + (0.5f * MathF.Sin(MathF.Pow(t, _light < 0 ? 0.5f : 2) * MathF.PI)),
            }));
        }
        // Locks end in points.
        var shaped = style.LargeIris
            ? brush.Polygon([.. line], closed: false)
            : brush.Curve([.. line]);
        return brush.Joined(
            brush.Polygon([face.From(0, -0.06f, 0.12f), face.From(0, 0.05f, -0.05f)], closed: false),
            shaped,
            brush.Polygon([face.From(16, -0.05f, -0.05f), face.From(16, 0.06f, 0.12f)], closed: false));
    }

    // A share of the way from the edge of the forehead straight down to the brows.
    private Vector2 Fall(Vector2 from, float share)
    {
        var height = Vector2.Dot(face.From(27, 0, -0.36f) - from, face.Down);
        return from + (MathF.Max(height, 0) * share * face.Down);
    }

    private void Strands(SKPath hair, int count, Func<float, (Vector2 From, Vector2 To)> strand)
    {
        using var inside = brush.Within(hair);
        var (width, opacity) = style.Lines ? (0.01f, 0.7f) : (0.026f, style.Simple ? 0.65f : 0.4f);
        for (var i = 0; i < count; i++)
        {
            var (from, to) = strand(random.NextSingle());
            var bend = Vector2.Lerp(from, to, 0.5f)
                + (_unit * 0.2f * (random.NextSingle() - 0.5f) * face.Right) - (0.08f * _unit * face.Down);
            var tone = style.Simple ? 0.7f : 0.5f + (0.95f * random.NextSingle());
            var colour = style.Lines ? style.InkColour : palette.Hair * tone;
            brush.Stroke(brush.Curve([from, bend, to]), colour, (width * _unit, 0.3f * width * _unit), opacity);
        }
    }

    // A band of light across the hair.
    private void Shine(SKPath hair, Vector2[] crown, Vector2[] line)
    {
        var band = new Vector2[9];
        for (var i = 0; i < band.Length; i++)
        {
            var t = 0.25f + (0.5f * i / (band.Length - 1));
            var (above, below) = (crown[(int)(t * (crown.Length - 1))], line[(int)((1 - t) * (line.Length - 1))]);
            band[i] = Vector2.Lerp(above, below, i % 2 == 0 ? 0.36f : 0.46f);
        }
        using var inside = brush.Within(hair);
        brush.Fill(
            Tapered(brush.Curve(band), 0.1f * _unit, 0, 0), Vector3.Lerp(palette.Hair, White, 0.6f), 0.7f);
    }
}
