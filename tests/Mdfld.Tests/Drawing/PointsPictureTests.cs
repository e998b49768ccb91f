using System.Globalization;
using System.Numerics;
using System.Text;

namespace Mdfld.Tests.Drawing;

/// <summary>
/// docs/points.svg: the 68 points with their numbers on the mean head, readable on light and on dark pages.
/// </summary>
public sealed class PointsPictureTests
{
    private const float Scale = 300;
    private const float Away = 15;

    private static readonly Vector2 Origin = new(400, 150);

    /// <summary>As the program draws it; MDFLD_UPDATE=1 draws it anew.</summary>
    [Fact]
    public void ThePictureOfTheDocumentsIsThis()
    {
        var path = Path.Combine(TestFiles.RepositoryRoot, "docs", "points.svg");
        if (Environment.GetEnvironmentVariable("MDFLD_UPDATE") == "1")
            File.WriteAllText(path, Svg());
        Assert.Equal(Svg(), File.ReadAllText(path));
    }

    private static string Svg()
    {
        var points = Points();
        var svg = new StringBuilder(
            """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 820" width="800" height="820" role="img">
            <title>The 68 iBUG points and their numbers, from 0; the person's right side is on the left</title>
            <style>
              path { fill: none; stroke: #8a93a0; stroke-width: 1.5 }
              circle { fill: #d0342c }
              text { font: 13px sans-serif; text-anchor: middle; dominant-baseline: central; fill: #20242a }
              .part { font-style: italic; fill: #5b6470 }
              @media (prefers-color-scheme: dark) {
                path { stroke: #79818d } circle { fill: #ff8a80 } text { fill: #eceff4 } .part { fill: #aab2bf }
              }
            </style>

            """);
        foreach (var contour in LandmarkScheme.Ibug68.Contours)
        {
            var way = string.Join(" L", contour.Indices.Select(i => Text(points[i])));
            svg.Append($"<path d=\"M{way}{(contour.IsClosed ? " Z" : "")}\"/>\n");
            foreach (var i in contour.Indices)
            {
                var number = NumberAt(i, contour, points);
                svg.Append($"<circle {Place("c", points[i])} r=\"3\"/><text {Place("", number)}>{i}</text>\n");
            }
        }
        foreach (var (part, at) in Names())
            svg.Append($"<text class=\"part\" {Place("", at)}>{part}</text>\n");
        return svg.Append("</svg>\n").ToString();
    }

    /// <summary>
    /// The mean head from the front, its mouth open: else the numbers of the lips would lie on each other.
    /// </summary>
    private static Vector2[] Points()
    {
        Vector2[] points = [.. HeadPose.MeanHead.ToArray().Select(p => Origin + (Scale * new Vector2(p.X, p.Y)))];
        foreach (var i in (int[])[55, 56, 57, 58, 59, 65, 66, 67])
            points[i].Y += 75;
        foreach (var i in (int[])[48, 54, 60, 64])
            points[i].Y += 25;
        foreach (var (i, down) in ((int, float)[])[(4, 10), (5, 30), (6, 50), (7, 65), (8, 70)])
        {
            points[i].Y += down;
            if (i < 8)
                points[16 - i].Y += down;
        }
        return points;
    }

    /// <summary>Off the contour: away from its middle, towards it inside the lips; beside the nose's bridge.</summary>
    private static Vector2 NumberAt(int i, LandmarkPart contour, Vector2[] points)
    {
        if (contour.Name == "nose bridge")
            return points[i] + new Vector2(Away, 0);
        if (contour.Name == "nose tip")
            return points[i] + new Vector2(0, Away);
        if (contour.Name.EndsWith("brow", StringComparison.Ordinal))
            return points[i] - new Vector2(0, Away);
        var middle = contour.Name == "jaw" ? Origin + new Vector2(0, 200) : contour.Middle(points);
        var away = Vector2.Normalize(points[i] - middle);
        return points[i] + ((contour.Name == "inner lips" ? -Away : Away) * away);
    }

    private static (string Part, Vector2 At)[] Names() =>
    [
        ("right brow", new(235, 85)), ("left brow", new(565, 85)), ("right eye", new(250, 192)),
        ("left eye", new(550, 192)), ("nose", new(340, 250)), ("mouth", new(400, 520)), ("jaw", new(130, 560)),
    ];

    private static string Place(string prefix, Vector2 at) =>
        string.Create(CultureInfo.InvariantCulture, $"{prefix}x=\"{at.X:0.0}\" {prefix}y=\"{at.Y:0.0}\"");

    private static string Text(Vector2 at) => string.Create(CultureInfo.InvariantCulture, $"{at.X:0.0} {at.Y:0.0}");
}
