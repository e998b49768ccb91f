using System.Numerics;

namespace Mdfld.Data;

internal sealed partial class DrawnFacePainter
{
    private void BackHair()
    {
        Vector2[] mass = [
            .. face.Crown,
            .. Curve.Through(
                [face.Crown[^1], Side(-1, 0.3f, 0.7f), Side(-1, 0.36f, 1.5f), Side(-1, 0.26f, 2.3f), At(-0.7f, 2.5f)]),
            .. Curve.Through(
                [At(0.7f, 2.5f), Side(1, 0.26f, 2.3f), Side(1, 0.36f, 1.5f), Side(1, 0.3f, 0.7f), face.Crown[0]]),
        ];
        var hair = canvas.Fill(mass, palette.Hair * (style.Lines ? 0.94f : 0.72f));
        Strands(hair, 110, i => (At(-1.2f + (2.4f * i), -0.3f), At(-1.35f + (2.7f * i), 2.4f)));
        Outline([.. mass, mass[0]], 1);
    }

    private void FrontHair()
    {
        var crown = Crown();
        var line = HairLine();
        Vector2[] mass = [.. crown, .. line];
        var hair = Hair(mass);
        var top = crown[crown.Length / 2];
        Strands(hair, style.Simple ? 12 : 170, i =>
        {
            var root = Vector2.Lerp(crown[(int)(i * (crown.Length - 1))], top, 0.35f);
            return (root, line[(int)((1 - i) * (line.Length - 1))]);
        });
        if (style.Cel > 0)
            Shine(hair, crown, line);
        Outline([.. mass, mass[0]], 1);
        if (_longHair)
        {
            SideLock(-1);
            SideLock(1);
        }
    }

    private Coverage Hair(Vector2[] mass)
    {
        var shape = canvas.Shape(mass);
        var hair = style.Soft > 0.9f ? canvas.Soft(shape, 0.02f * _unit) : shape;
        canvas.Paint(hair, palette.Hair);
        if (style.Soft > 0)
            canvas.Paint(hair, p => palette.Hair * (0.5f + (0.8f * Light(p))), MathF.Min(style.Soft, 1));
        return hair;
    }

    // Long hair falls before the ear.
    private void SideLock(float side)
    {
        Vector2[] mass = Curve.Through([
            Side(side, 0.02f, -0.55f), Side(side, -0.01f, 0.2f), Side(side, 0.02f, 1), Side(side, -0.08f, 1.9f),
            Side(side, -0.02f, 2.5f),
            Side(side, 0.3f, 2.3f), Side(side, 0.37f, 1.3f), Side(side, 0.28f, 0.2f), Side(side, 0.14f, -0.4f),
        ], closed: true);
        var hair = Hair(mass);
        Strands(hair, style.Simple ? 4 : 50, i =>
            (Side(side, 0.2f * i, -0.5f), Side(side, -0.05f + (0.35f * i), 2.4f)));
        Outline(mass, 1);
    }

    // Beside the jaw's first point on one side of the face: x outwards.
    private Vector2 Side(float side, float x, float y) => face.From(side < 0 ? 0 : 16, x * side, y);

    // Not quite round, so that it is no cap.
    private Vector2[] Crown()
    {
        var middle = At(0, -0.2f);
        var points = face.Crown.ToArray();
        for (var i = 1; i < points.Length - 1; i++)
            points[i] = middle + ((points[i] - middle) * (1 + (0.07f * (random.NextSingle() - 0.4f))));
        return Curve.Through(points);
    }

    // From the left temple to the right one, where the hair ends on the forehead.
    private Vector2[] HairLine()
    {
        var forehead = face.Forehead.Reverse().ToArray();
        var line = new List<Vector2>();
        for (var i = 0; i < forehead.Length; i++)
        {
            var t = i / (forehead.Length - 1f);
            var arch = MathF.Sin(t * MathF.PI);
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
        Vector2[] shaped = style.LargeIris ? [.. line] : Curve.Through([.. line]);
        return
        [
            face.From(0, -0.06f, 0.12f), face.From(0, 0.05f, -0.05f), .. shaped,
            face.From(16, -0.05f, -0.05f), face.From(16, 0.06f, 0.12f),
        ];
    }

    // A share of the way from the edge of the forehead straight down to the brows.
    private Vector2 Fall(Vector2 from, float share)
    {
        var height = Vector2.Dot(face.From(27, 0, -0.36f) - from, face.Down);
        return from + (MathF.Max(height, 0) * share * face.Down);
    }

    private void Strands(Coverage hair, int count, Func<float, (Vector2 From, Vector2 To)> strand)
    {
        for (var i = 0; i < count; i++)
        {
            var (from, to) = strand(random.NextSingle());
            var bend = Vector2.Lerp(from, to, 0.5f)
                + (_unit * 0.2f * (random.NextSingle() - 0.5f) * face.Right) - (0.08f * _unit * face.Down);
            var tone = style.Simple ? 0.7f : 0.5f + (0.95f * random.NextSingle());
            var colour = style.Lines ? style.InkColour : palette.Hair * tone;
            var strandShape = canvas.Line(Curve.Through([from, bend, to]), 0.026f * _unit, 0.008f * _unit);
            canvas.Paint(strandShape.Within(hair), colour, style.Simple || style.Lines ? 0.65f : 0.4f);
        }
    }

    // A band of light across the hair.
    private void Shine(Coverage hair, Vector2[] crown, Vector2[] line)
    {
        var band = new Vector2[9];
        for (var i = 0; i < band.Length; i++)
        {
            var t = 0.25f + (0.5f * i / (band.Length - 1));
            var (above, below) = (crown[(int)(t * (crown.Length - 1))], line[(int)((1 - t) * (line.Length - 1))]);
            band[i] = Vector2.Lerp(above, below, i % 2 == 0 ? 0.36f : 0.46f);
        }
        var shine = canvas.Shape(Curve.Tapered(Curve.Through(band), 0.1f * _unit, 0, 0)).Within(hair);
        canvas.Paint(shine, Vector3.Lerp(palette.Hair, White, 0.6f), 0.7f);
    }
}
