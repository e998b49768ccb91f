using System.Numerics;
using SkiaSharp;

namespace Mdfld.Data;

internal sealed partial class DrawnFacePainter
{
    // Points from the outer corner over the upper lid to the inner corner and back below.
    private void Eye(ReadOnlySpan<int> points, float side)
    {
        var p = face.Points;
        var upper = brush.Curve([p[points[0]], p[points[1]], p[points[2]], p[points[3]]]);
        var lower = brush.Curve([p[points[3]], p[points[4]], p[points[5]], p[points[0]]]);
        var width = Vector2.Distance(p[points[0]], p[points[3]]);
        var height = Vector2.Distance(p[points[1]] + p[points[2]], p[points[4]] + p[points[5]]) / 2;
        var eye = brush.Joined(upper, lower);
        brush.Fill(eye, Vector3.Lerp(White, palette.Skin, style.LargeIris ? 0 : 0.12f));
        using (brush.Within(eye))
        {
            var centre = (p[points[1]] + p[points[2]] + p[points[4]] + p[points[5]]) / 4;
            var radiusX = style.LargeIris ? 0.33f * width : MathF.Max(0.21f * width, 0.42f * height);
            Iris(centre, radiusX, style.LargeIris ? 0.5f * height : radiusX);
            // The lid's shadow on the ball.
            var lid = brush.Moved(upper, 0.1f * height * face.Down);
            brush.Stroke(lid, Shade * 0.6f, 0.25f * height, style.Ink > 0.015f ? 0.25f : 0.4f, 0.06f * height);
        }

        var lash = style.InkColour * (style.Soft > 0.5f ? 0.8f : 1);
        var weight = style.LargeIris ? 0.042f : MathF.Max(0.028f, 1.1f * style.Ink);
        brush.Fill(Tapered(upper, 2 * weight * _unit, 0.7f, 0.3f), lash, 0.92f);
        brush.Stroke(lower, lash, 0.35f * weight * _unit, 0.6f);
        if (style.LargeIris)
        {
            var wing = p[points[0]] + (_unit * ((0.07f * side * face.Right) - (0.05f * face.Down)));
            brush.Stroke(brush.Curve([p[points[0]], wing]), lash, (weight * _unit, 0.1f * weight * _unit));
        }
        var crease = brush.Moved(
            brush.Part(upper, 0.1f, 0.9f), -(0.055f + (0.02f * height / _unit)) * _unit * face.Down);
        brush.Stroke(crease, style.Soft > 0.5f ? Shade * 0.8f : style.InkColour, 0.02f * _unit, 0.55f);
    }

    private void Iris(Vector2 centre, float radiusX, float radiusY)
    {
        var iris = brush.Ellipse(centre, radiusX, radiusY, face.Roll);
        brush.Fill(iris, FaceBrush.Gradient(
            centre - (radiusY * face.Down), 0.7f * palette.Iris, centre + (radiusY * face.Down), 1.45f * palette.Iris));
        using (brush.Within(iris))
            brush.Stroke(iris, palette.Iris * 0.3f, 0.3f * radiusX, 0.85f, 0.08f * radiusX);
        brush.Fill(brush.Ellipse(centre, 0.42f * radiusX, 0.44f * radiusY, face.Roll), new Vector3(16, 12, 14));
        var shine = (radiusX * _light * face.Right) - (radiusY * face.Down);
        var size = style.LargeIris ? 0.3f : 0.2f;
        brush.Fill(brush.Ellipse(centre + (0.34f * shine), size * radiusX, size * radiusY, face.Roll), White, 0.95f);
        if (style.LargeIris)
            brush.Fill(brush.Ellipse(centre - (0.42f * shine), 0.14f * radiusX, 0.12f * radiusY), White, 0.7f);
    }

    private void Brow(Range range)
    {
        // The first point of the left brow is its outer end; of the right brow, its inner end.
        var left = range.Start.Value == 17;
        var line = Line(range);
        var width = style.LargeIris ? 0.055f : style.Simple ? 0.1f : 0.115f;
        var brow = Tapered(line, width * _unit, left ? 0.15f : 0.75f, left ? 0.75f : 0.15f);
        var colour = style.Lines || palette.Hair.X > 245 ? style.InkColour : palette.Hair * 0.75f;
        if (style.Simple)
        {
            brush.Fill(brow, Vector3.Lerp(colour, style.InkColour, 0.4f));
            return;
        }
        brush.Fill(brow, colour, style.Soft > 0 ? 0.65f : 0.2f, 0.012f * _unit);
        var roots = FaceBrush.Along(line, 64);
        for (var i = 0; i < 46; i++)
        {
            var t = random.NextSingle();
            var root = roots[(int)(t * (roots.Length - 1))]
                + (_unit * width * (0.35f - (0.5f * random.NextSingle())) * face.Down);
            var outward = (left ? -1 : 1) * (0.05f + (0.05f * random.NextSingle()));
            var tip = root + (_unit * ((outward * face.Right) - ((0.05f - (0.06f * (left ? 1 - t : t))) * face.Down)));
            brush.Stroke(
                brush.Curve([root, tip]), colour * (0.6f + (0.5f * random.NextSingle())),
                (0.016f * _unit, 0.004f * _unit), 0.8f);
        }
    }

    private void Nose()
    {
        var p = face.Points;
        var far = -_light;
        var (wing, inner) = far < 0 ? (31, 32) : (35, 34);
        var ink = style.Soft > 0.5f ? Shade * 0.6f : style.InkColour;
        var weight = MathF.Max(style.Ink, 0.018f) * _unit;
        if (style.LargeIris)
        {
            brush.Fill(brush.Polygon([p[30], p[inner], p[33]]), Shade, 0.6f);
            brush.Stroke(brush.Curve([p[31], p[33], p[35]]), ink, weight, 0.85f);
            brush.Stroke(
                brush.Curve([face.From(29, 0.02f * far, 0.06f), face.From(30, 0.02f * far, 0)]),
                ink, (0.2f * weight, weight), 0.6f);
            return;
        }
        foreach (var (nostril, side) in ((int, float)[])[(32, -1), (34, 1)])
        {
            var hole = brush.Ellipse(
                face.From(nostril, 0.012f * side, -0.03f), 0.068f * _unit, 0.03f * _unit, face.Roll + (0.35f * side));
            brush.Fill(hole, ink * 0.6f, style.Simple ? 0 : 0.85f, 0.012f * _unit);
        }
        brush.Stroke(Line(31..36), ink, 0.8f * weight, style.Soft > 0.9f ? 0.3f : 0.9f);
        foreach (var (end, side) in ((int, float)[])[(31, -1), (35, 1)])
        {
            var curl = brush.Curve([
                face.From(end, 0.015f * side, -0.15f), face.From(end, 0.055f * side, -0.07f),
                face.From(end, 0.035f * side, 0.01f), p[end],
            ]);
            brush.Stroke(curl, ink, (0.3f * weight, weight), style.Soft > 0.9f ? 0.45f : 0.9f);
        }
        if (style.Ink > 0.015f)
        {
            var bridge = brush.Curve([
                face.From(27, 0.07f * far, 0.05f), face.From(28, 0.06f * far, 0),
                face.From(29, 0.05f * far, 0.05f), face.From(wing, 0.06f * -far, -0.2f),
            ]);
            brush.Stroke(bridge, ink, (0.2f * weight, weight), 0.7f);
        }
    }

    private void Mouth()
    {
        var p = face.Points;
        var top = Line(48..55);
        var bottom = brush.Curve([p[54], p[55], p[56], p[57], p[58], p[59], p[48]]);
        var innerTop = Line(60..65);
        var innerBottom = brush.Curve([p[64], p[65], p[66], p[67], p[60]]);
        var backAlongTop = brush.Curve([p[64], p[63], p[62], p[61], p[60]]);
        var backAlongBottom = brush.Curve([p[60], p[67], p[66], p[65], p[64]]);
        var lips = style.LargeIris ? 0.35f : style.Ink is > 0 and < 0.021f && style.Soft == 0 ? 0.5f : 1;

        var lower = brush.Joined(bottom, backAlongBottom);
        var edge = style.Soft > 0.9f ? 0.014f * _unit : 0;
        brush.Fill(brush.Joined(top, backAlongTop), palette.Lip * 0.86f, lips, edge);
        brush.Fill(lower, palette.Lip, lips, edge);
        var gap = brush.Joined(innerTop, innerBottom);
        brush.Fill(gap, style.Lines ? style.InkColour : new Vector3(64, 22, 26));
        var opening = Vector2.Distance(p[62], p[66]);
        if (opening > 0.09f * _unit)
        {
            var teeth = MathF.Min(0.45f * opening, 0.13f * _unit);
            using (brush.Within(gap))
                brush.Fill(
                    brush.Joined(innerTop, brush.Moved(backAlongTop, teeth * face.Down)), new Vector3(242, 238, 230));
        }
        if (style.Soft > 0.5f)
        {
            using (brush.Within(lower))
                Smudge(face.From(57, 0.05f * _light, -0.08f), 0.12f, 0.03f, White, 0.4f);
        }
        var ink = style.Soft > 0.5f ? palette.Lip * 0.45f : style.InkColour;
        var weight = MathF.Max(style.Ink, 0.016f) * _unit;
        brush.Stroke(innerTop, ink, weight, 0.9f);
        brush.Stroke(face.From(48, 0.01f, 0), p[60], ink, weight, 0.8f);
        brush.Stroke(face.From(54, -0.01f, 0), p[64], ink, weight, 0.8f);
        if (style.Ink > 0.015f && !style.LargeIris)
        {
            brush.Stroke(top, ink, 0.6f * weight, 0.75f);
            brush.Stroke(bottom, ink, 0.8f * weight, 0.8f);
        }
        else if (style.LargeIris)
        {
            brush.Stroke(innerBottom, ink, 0.7f * weight, 0.8f);
            brush.Stroke(brush.Part(bottom, 0.3f, 0.7f), ink, 0.6f * weight, 0.6f);
        }
    }
}
