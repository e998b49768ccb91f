using System.Text;

namespace Mdfld;

/// <summary>
/// Faces as vector graphics: a group a face, a path of cubic curves for each lid, lip, brow and jaw. Of other schemes the
/// scheme's contours.
/// </summary>
internal static class SvgContours
{
    public static string Write(string title, int width, int height, IReadOnlyList<Landmarks> faces)
    {
        var svg = new StringBuilder();
        // Points count from the centre of a pixel, SVG from its corner.
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" "
            + $"viewBox=\"-0.5 -0.5 {width} {height}\">\n  <title>{Escaped(title)}</title>\n");
        foreach (var (i, face) in faces.Index())
        {
            var stroke = MathF.Max(0.5f, MathF.Max(face.Box.Width, face.Box.Height) / 150);
            svg.Append(CultureInfo.InvariantCulture,
                $"  <g id=\"face-{i}\" fill=\"none\" stroke=\"#222\" stroke-width=\"{stroke:0.##}\" stroke-linecap=\"round\">\n");
            foreach (var curve in CurvesOf(face.Scheme))
                svg.Append($"    <path class=\"{Escaped(curve.Name)}\" d=\"{Path(face, curve)}\"/>\n");
            svg.Append("  </g>\n");
        }
        return svg.Append("</svg>\n").ToString();
    }

    private static IEnumerable<FaceCurves.Curve> CurvesOf(LandmarkScheme scheme) =>
        scheme.Count == HeadPose.MeanHead.Length ? FaceCurves.All
            : scheme.Contours.Select(c => new FaceCurves.Curve(c.Name, [.. c.Indices], c.IsClosed));

    private static string Path(Landmarks face, FaceCurves.Curve curve)
    {
        Vector2[] points = [.. curve.Points.Select(i => face.Points[i])];
        if (curve.IsClosed)
            points = [.. points, points[0]];
        var path = new StringBuilder();
        path.Append(CultureInfo.InvariantCulture, $"M{points[0].X:0.##},{points[0].Y:0.##}");
        foreach (var (a, b, to) in FaceCurves.Bezier(points))
        {
            path.Append(CultureInfo.InvariantCulture,
                $"C{a.X:0.##},{a.Y:0.##} {b.X:0.##},{b.Y:0.##} {to.X:0.##},{to.Y:0.##}");
        }
        return path.ToString();
    }

    // Control characters have no place in XML, however they are written.
    private static string Escaped(string text) => new string([.. text.Select(c =>
            char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c)])
        .Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").Replace("\"", "&quot;");
}
