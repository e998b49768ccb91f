using System.Numerics;

namespace Mdfld.Data;

internal sealed partial class DrawnFacePainter
{
    // Points from the outer corner over the upper lid to the inner corner and back below.
    private void Eye(ReadOnlySpan<int> points, float side)
    {
        var p = face.Points;
        var upper = Curve.Through([p[points[0]], p[points[1]], p[points[2]], p[points[3]]]);
        var lower = Curve.Through([p[points[3]], p[points[4]], p[points[5]], p[points[0]]]);
        var width = Vector2.Distance(p[points[0]], p[points[3]]);
        var height = Vector2.Distance(p[points[1]] + p[points[2]], p[points[4]] + p[points[5]]) / 2;
        var eye = canvas.Fill([.. upper, .. lower], Vector3.Lerp(White, palette.Skin, style.LargeIris ? 0 : 0.12f));

        var centre = (p[points[1]] + p[points[2]] + p[points[4]] + p[points[5]]) / 4;
        var radiusX = style.LargeIris ? 0.33f * width : MathF.Max(0.21f * width, 0.42f * height);
        var radiusY = style.LargeIris ? 0.5f * height : radiusX;
        Iris(eye, centre, radiusX, radiusY);

        // The lid's shadow on the ball.
        Vector2[] lid = [.. upper.Select(q => q + (0.1f * height * face.Down))];
        var shadow = canvas.Soft(canvas.Line(lid, 0.25f * height), 0.06f * height).Within(eye);
        canvas.Paint(shadow, Shade * 0.6f, style.Ink > 0.015f ? 0.25f : 0.4f);

        var lash = style.InkColour * (style.Soft > 0.5f ? 0.8f : 1);
        var weight = style.LargeIris ? 0.042f : MathF.Max(0.028f, 1.1f * style.Ink);
        canvas.Fill(Curve.Tapered(upper, 2 * weight * _unit, 0.7f, 0.3f), lash, 0.92f);
        canvas.Stroke(lower, lash, 0.35f * weight * _unit, opacity: 0.6f);
        if (style.LargeIris)
        {
            var wing = p[points[0]] + (_unit * ((0.07f * side * face.Right) - (0.05f * face.Down)));
            canvas.Stroke([p[points[0]], wing], lash, weight * _unit, 0.1f * weight * _unit);
        }
        Vector2[] crease = [.. upper[3..^3].Select(q => q - ((0.055f + (0.02f * height / _unit)) * _unit * face.Down))];
        canvas.Stroke(crease, style.Soft > 0.5f ? Shade * 0.8f : style.InkColour, 0.02f * _unit, opacity: 0.55f);
    }

    private void Iris(Coverage eye, Vector2 centre, float radiusX, float radiusY)
    {
        var iris = canvas.Shape(Curve.Ellipse(centre, radiusX, radiusY, face.Roll)).Within(eye);
        canvas.Paint(iris, q =>
        {
            var down = 0.5f + (Vector2.Dot(q - centre, face.Down) / (2 * radiusY));
            return palette.Iris * (0.7f + (0.75f * Math.Clamp(down, 0, 1)));
        });
        var ring = canvas.Shape(Curve.Ellipse(centre, 0.84f * radiusX, 0.86f * radiusY, face.Roll));
        canvas.Paint(iris.Without(canvas.Soft(ring, 0.08f * radiusX)), palette.Iris * 0.3f, 0.85f);
        var pupil = canvas.Shape(Curve.Ellipse(centre, 0.42f * radiusX, 0.44f * radiusY, face.Roll)).Within(eye);
        canvas.Paint(pupil, new Vector3(16, 12, 14));
        var glint = centre + (0.34f * ((radiusX * _light * face.Right) - (radiusY * face.Down)));
        var size = style.LargeIris ? 0.3f : 0.2f;
        canvas.Paint(
            canvas.Shape(Curve.Ellipse(glint, size * radiusX, size * radiusY, face.Roll)).Within(eye), White, 0.95f);
        if (style.LargeIris)
        {
            var second = centre - (0.42f * ((radiusX * _light * face.Right) - (radiusY * face.Down)));
            canvas.Paint(
                canvas.Shape(Curve.Ellipse(second, 0.14f * radiusX, 0.12f * radiusY)).Within(eye), White, 0.7f);
        }
    }

    private void Brow(Range range)
    {
        // The first point of the left brow is its outer end; of the right brow, its inner end.
        var left = range.Start.Value == 17;
        var line = face.Line(range);
        var width = style.LargeIris ? 0.055f : style.Simple ? 0.1f : 0.115f;
        var brow = canvas.Shape(Curve.Tapered(line, width * _unit, left ? 0.15f : 0.75f, left ? 0.75f : 0.15f));
        var colour = style.Lines || palette.Hair.X > 245 ? style.InkColour : palette.Hair * 0.75f;
        if (style.Simple)
        {
            canvas.Paint(brow, Vector3.Lerp(colour, style.InkColour, 0.4f));
            return;
        }
        canvas.Paint(canvas.Soft(brow, 0.012f * _unit), colour, style.Soft > 0 ? 0.65f : 0.2f);
        for (var i = 0; i < 46; i++)
        {
            var t = random.NextSingle();
            var root = line[(int)(t * (line.Length - 1))]
                + (_unit * width * (0.35f - (0.5f * random.NextSingle())) * face.Down);
            var outward = (left ? -1 : 1) * (0.05f + (0.05f * random.NextSingle()));
            var tip = root + (_unit * ((outward * face.Right) - ((0.05f - (0.06f * (left ? 1 - t : t))) * face.Down)));
            canvas.Stroke(
                [root, tip], colour * (0.6f + (0.5f * random.NextSingle())), 0.016f * _unit, 0.004f * _unit, 0.8f);
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
            canvas.Fill([p[30], p[inner], p[33]], Shade, 0.6f);
            canvas.Stroke(Curve.Through([p[31], p[33], p[35]]), ink, weight, opacity: 0.85f);
            canvas.Stroke(
                [face.From(29, 0.02f * far, 0.06f), face.From(30, 0.02f * far, 0)], ink, 0.2f * weight, weight, 0.6f);
            return;
        }
        foreach (var (nostril, side) in ((int, float)[])[(32, -1), (34, 1)])
        {
            var hole = Curve.Ellipse(
                face.From(nostril, 0.012f * side, -0.03f), 0.068f * _unit, 0.03f * _unit, face.Roll + (0.35f * side));
            canvas.Paint(canvas.Soft(canvas.Shape(hole), 0.012f * _unit), ink * 0.6f, style.Simple ? 0 : 0.85f);
        }
        canvas.Stroke(face.Line(31..36), ink, 0.8f * weight, opacity: style.Soft > 0.9f ? 0.3f : 0.9f);
        foreach (var (end, side) in ((int, float)[])[(31, -1), (35, 1)])
        {
            Vector2[] curl = Curve.Through([
                face.From(end, 0.015f * side, -0.15f), face.From(end, 0.055f * side, -0.07f),
                face.From(end, 0.035f * side, 0.01f), p[end],
            ]);
            canvas.Stroke(curl, ink, 0.3f * weight, weight, style.Soft > 0.9f ? 0.45f : 0.9f);
        }
        if (style.Ink > 0.015f)
        {
            Vector2[] bridge = Curve.Through([
                face.From(27, 0.07f * far, 0.05f), face.From(28, 0.06f * far, 0),
                face.From(29, 0.05f * far, 0.05f), face.From(wing, 0.06f * -far, -0.2f),
            ]);
            canvas.Stroke(bridge, ink, 0.2f * weight, weight, 0.7f);
        }
    }

    private void Mouth()
    {
        var p = face.Points;
        var top = face.Line(48..55);
        Vector2[] bottom = Curve.Through([p[54], p[55], p[56], p[57], p[58], p[59], p[48]]);
        Vector2[] innerTop = Curve.Through([p[60], p[61], p[62], p[63], p[64]]);
        Vector2[] innerBottom = Curve.Through([p[64], p[65], p[66], p[67], p[60]]);
        Vector2[] reversedTop = [.. innerTop.Reverse()];
        Vector2[] reversedBottom = [.. innerBottom.Reverse()];
        var lips = style.LargeIris ? 0.35f : style.Ink is > 0 and < 0.021f && style.Soft == 0 ? 0.5f : 1;

        var upper = canvas.Shape([.. top, .. reversedTop]);
        var lower = canvas.Shape([.. bottom, .. reversedBottom]);
        var edge = style.Soft > 0.9f ? 0.014f * _unit : 0;
        canvas.Paint(edge > 0 ? canvas.Soft(upper, edge) : upper, palette.Lip * 0.86f, lips);
        canvas.Paint(edge > 0 ? canvas.Soft(lower, edge) : lower, palette.Lip, lips);
        var gap = canvas.Fill([.. innerTop, .. innerBottom], new Vector3(64, 22, 26));
        var opening = Vector2.Distance(p[62], p[66]);
        if (opening > 0.09f * _unit)
        {
            Vector2[] teeth = [
                .. innerTop, .. reversedTop.Select(q => q + (MathF.Min(0.45f * opening, 0.13f * _unit) * face.Down))];
            canvas.Paint(canvas.Shape(teeth).Within(gap), new Vector3(242, 238, 230));
        }
        if (style.Soft > 0.5f)
            Smudge(lower, face.From(57, 0.05f * _light, -0.08f), 0.12f, 0.03f, White, 0.4f);
        var ink = style.Soft > 0.5f ? palette.Lip * 0.45f : style.InkColour;
        var weight = MathF.Max(style.Ink, 0.016f) * _unit;
        canvas.Stroke(innerTop, ink, weight, opacity: 0.9f);
        canvas.Stroke([face.From(48, 0.01f, 0), p[60]], ink, weight, opacity: 0.8f);
        canvas.Stroke([face.From(54, -0.01f, 0), p[64]], ink, weight, opacity: 0.8f);
        if (style.Ink > 0.015f && !style.LargeIris)
        {
            canvas.Stroke(top, ink, 0.6f * weight, opacity: 0.75f);
            canvas.Stroke(bottom, ink, 0.8f * weight, opacity: 0.8f);
        }
        else if (style.LargeIris)
        {
            canvas.Stroke(innerBottom, ink, 0.7f * weight, opacity: 0.8f);
            canvas.Stroke(bottom[18..^18], ink, 0.6f * weight, opacity: 0.6f);
        }
    }
}
