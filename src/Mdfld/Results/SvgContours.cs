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
            foreach (var curve in FaceCurves.Of(face.Scheme))
                svg.Append($"    <path class=\"{Escaped(curve.Name)}\" d=\"{Path(face, curve)}\"/>\n");
            svg.Append("  </g>\n");
        }
        return svg.Append("</svg>\n").ToString();
    }

    private static string Path(Landmarks face, FaceCurves.Curve curve)
    {
        var path = new StringBuilder();
        foreach (var (i, p) in curve.Through(face.Points).Index())
        {
            var before = i == 0 ? "M" : i % 3 == 1 ? "C" : " ";
            path.Append(CultureInfo.InvariantCulture, $"{before}{p.X:0.##},{p.Y:0.##}");
        }
        return path.ToString();
    }

    // Control characters have no place in XML, however they are written.
    private static string Escaped(string text) => new string([.. text.Select(c =>
            char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c)])
        .Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").Replace("\"", "&quot;");
}
