using System.Numerics;

namespace Mdfld.Data;

/// <summary>How the covariances of points fit their errors, over all points of some faces. Fractions, not %.</summary>
/// <param name="In50">Share of points within their ellipse of 50 %; of a good model that is 0.5.</param>
/// <param name="In68">Share within the ellipse of 68 %.</param>
/// <param name="In95">Share within the ellipse of 95 %.</param>
/// <param name="RankCorrelation">Spearman's, of a point's standard deviation and its error, both in pixels.</param>
public sealed record PointEllipses(double In50, double In68, double In95, double RankCorrelation)
{
    /// <summary>Measures; null without points.</summary>
    /// <param name="points">The covariance of each point and its error, found less true.</param>
    public static PointEllipses? Of(IReadOnlyList<(PointCovariance Covariance, Vector2 Error)> points)
    {
        if (points.Count == 0)
            return null;
        var distances = points.Select(p => SquaredDistance(p.Covariance, p.Error)).ToArray();
        return new PointEllipses(
            Within(0.5), Within(0.68), Within(0.95),
            Correlation(
                Ranks([.. points.Select(p => (double)p.Covariance.Deviation)]),
                Ranks([.. points.Select(p => (double)p.Error.Length())])));

        double Within(double share) => (double)distances.Count(d => d <= SquaredRadius(share)) / distances.Length;
    }

    /// <summary>
    /// The squared Mahalanobis distance up to which the ellipse of a share reaches, of normal errors: -2 log(1 - share).
    /// </summary>
    public static double SquaredRadius(double share) => -2 * Math.Log(1 - share);

    /// <summary>The squared Mahalanobis distance of an error; infinite where the covariance is none.</summary>
    public static double SquaredDistance(PointCovariance covariance, Vector2 error)
    {
        var (xx, xy, yy) = ((double)covariance.XX, (double)covariance.XY, (double)covariance.YY);
        var (x, y, determinant) = ((double)error.X, (double)error.Y, (xx * yy) - (xy * xy));
        return determinant > 0 && xx > 0
            ? ((yy * x * x) - (2 * xy * x * y) + (xx * y * y)) / determinant : double.PositiveInfinity;
    }

    /// <summary>Ranks from 0; equal numbers share the mean of theirs.</summary>
    private static double[] Ranks(double[] values)
    {
        var order = Enumerable.Range(0, values.Length).ToArray();
        Array.Sort(values.ToArray(), order);
        var ranks = new double[values.Length];
        for (var start = 0; start < order.Length;)
        {
            var end = start;
            while (end < order.Length && values[order[end]] == values[order[start]])
                end++;
            for (var i = start; i < end; i++)
                ranks[order[i]] = (start + end - 1) / 2.0;
            start = end;
        }
        return ranks;
    }

    private static double Correlation(double[] a, double[] b)
    {
        var (meanA, meanB) = (a.Average(), b.Average());
        var (product, squaresA, squaresB) = (0.0, 0.0, 0.0);
        foreach (var (x, y) in a.Zip(b, (x, y) => (x - meanA, y - meanB)))
            (product, squaresA, squaresB) = (product + (x * y), squaresA + (x * x), squaresB + (y * y));
        return squaresA * squaresB > 0 ? product / Math.Sqrt(squaresA * squaresB) : 0;
    }
}
