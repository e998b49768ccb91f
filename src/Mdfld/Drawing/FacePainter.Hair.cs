using System.Numerics;

namespace Mdfld.Drawing;

internal sealed partial class FacePainter
{
    private void BackHair()
    {
        Vector2[] mass = [
            .. face.Crown,
            .. Curve.Through([face.Crown[^1], At(-1.24f, 0.7f), At(-1.3f, 1.5f), At(-1.22f, 2.3f), At(-0.7f, 2.45f)]),
            .. Curve.Through([At(0.7f, 2.45f), At(1.22f, 2.3f), At(1.3f, 1.5f), At(1.24f, 0.7f), face.Crown[0]]),
        ];
        var hair = canvas.Fill(mass, palette.Hair * 0.8f);
        Strands(hair, 90, i => (At(-1.2f + (2.4f * i), -0.3f), At(-1.3f + (2.6f * i), 2.4f)));
        Outline([.. mass, mass[0]], 1);
    }

    private void FrontHair()
    {
        var crown = Curve.Through(face.Crown);
        var line = HairLine();
        Vector2[] mass = [.. crown, .. line];
        var hair = canvas.Fill(mass, palette.Hair);
        if (style.Soft > 0)
            canvas.Paint(hair, p => palette.Hair * (0.55f + (0.75f * Light(p))), MathF.Min(style.Soft, 1));
        var top = crown[crown.Length / 2];
        Strands(hair, style.Simple ? 14 : 150, i =>
        {
            var root = Vector2.Lerp(crown[(int)(i * (crown.Length - 1))], top, 0.4f);
            return (root, line[(int)((1 - i) * (line.Length - 1))]);
        });
        if (style.Cel > 0)
            Shine(hair, crown, line);
        Outline([.. mass, mass[0]], 1);
    }

    // From the left temple to the right one, where the hair ends on the forehead.
    private Vector2[] HairLine()
    {
        var brows = (face.Points[21] + face.Points[22]) / 2;
        var forehead = face.Forehead.Reverse().ToArray();
        var line = new Vector2[forehead.Length];
        for (var i = 0; i < line.Length; i++)
        {
            var t = i / (line.Length - 1f);
            var arch = MathF.Sin(t * MathF.PI);
            var pull = (style.LargeIris, _cut) switch
            {
                (true, _) => i % 2 == 0 ? 0.2f : 0.62f,
                (_, 0) => 0.1f + (0.1f * arch),
                (_, 1) => 0.08f + (0.42f * arch),
                _ => 0.08f + (0.5f * MathF.Sin(MathF.Pow(t, _light < 0 ? 0.5f : 2) * MathF.PI)),
            };
            line[i] = Vector2.Lerp(forehead[i], brows, pull);
        }
        // Locks of drawn hair end in points, other hair in a soft edge.
        Vector2[] shaped = style.LargeIris ? line : Curve.Through(line);
        return [face.From(0, 0.02f, -0.02f), .. shaped, face.From(16, -0.02f, -0.02f)];
    }

    private void Strands(Coverage hair, int count, Func<float, (Vector2 From, Vector2 To)> strand)
    {
        for (var i = 0; i < count; i++)
        {
            var (from, to) = strand(random.NextSingle());
            var bend = Vector2.Lerp(from, to, 0.5f) + (_unit * 0.16f * (random.NextSingle() - 0.5f) * face.Right) - (0.06f * _unit * face.Down);
            var colour = style.Simple ? palette.Hair * 0.7f : palette.Hair * (0.5f + (0.95f * random.NextSingle()));
            if (palette.Hair.X is > 100 and < 120 && style.Soft == 0)
                colour = style.InkColour;
            canvas.Paint(canvas.Line(Curve.Through([from, bend, to]), 0.026f * _unit, 0.01f * _unit).Within(hair), colour, style.Simple ? 0.7f : 0.4f);
        }
    }

    // A band of light across the hair.
    private void Shine(Coverage hair, Vector2[] crown, Vector2[] line)
    {
        var band = new Vector2[9];
        for (var i = 0; i < band.Length; i++)
        {
            var t = 0.25f + (0.5f * i / (band.Length - 1));
            band[i] = Vector2.Lerp(crown[(int)(t * (crown.Length - 1))], line[(int)((1 - t) * (line.Length - 1))], i % 2 == 0 ? 0.36f : 0.5f);
        }
        canvas.Paint(canvas.Shape(Curve.Tapered(Curve.Through(band), 0.1f * _unit, 0, 0)).Within(hair), Vector3.Lerp(palette.Hair, White, 0.6f), 0.7f);
    }
}
