using System.Numerics;

namespace Mdfld.Training;

/// <summary>A face that was found, to learn from how far its points are off; network units.</summary>
/// <param name="Maps">Covariance of each point's heat map.</param>
/// <param name="Errors">Found less true position of each point.</param>
internal sealed record ErrorSample(PointCovariance[] Maps, Vector2[] Errors);

/// <summary>
/// How far off points are. A heat map is as wide as the bell that it was trained on (<paramref name="Floor"/>) and
/// wider where the network is in doubt; the covariance of a point's error is that of its map times exp(<paramref
/// name="Points"/> + <paramref name="Own"/> log d + <paramref name="Face"/> log D) / its mean variance, d being how far
/// the mean variance exceeds the floor, in floors, and D the mean of d over the face, both plus <see cref="Softness"/>.
/// </summary>
/// <param name="Floor">Mean variance of x and y of a map without doubt, network units squared.</param>
/// <param name="Points">A constant of each point: points along the jaw are farther off than eye corners.</param>
/// <param name="Own">Weight of the point's own doubt.</param>
/// <param name="Face">Weight of the face's doubt.</param>
internal sealed record PointErrors(double Floor, IReadOnlyList<double> Points, double Own, double Face)
{
    /// <summary>Doubt that is added to every point's, so that none is certain.</summary>
    public const double Softness = 0.1;

    // Maps of so many in a hundred points are no wider than the floor.
    private const int FloorPercent = 10;

    // Added to squared errors, in floors: far below any that labels could tell from none.
    private const double LeastError = 1e-3;

    /// <summary>Shares of points that ellipses are to hold.</summary>
    public static ReadOnlySpan<double> Shares => [0.5, 0.68, 0.95];

    /// <summary>The covariances of the errors, in the unit of the maps' squared.</summary>
    /// <param name="maps">Network units squared.</param>
    public PointCovariance[] Of(ReadOnlySpan<PointCovariance> maps)
    {
        var doubts = Doubts(maps);
        var face = Math.Log(doubts.Average() + Softness);
        var covariances = new PointCovariance[maps.Length];
        for (var i = 0; i < covariances.Length; i++)
        {
            var map = maps[i];
            var variance = Math.Exp(Points[i] + (Own * Math.Log(doubts[i] + Softness)) + (Face * face));
            var factor = (float)(variance / Mean(map));
            covariances[i] = new PointCovariance(factor * map.XX, factor * map.XY, factor * map.YY);
        }
        return covariances;
    }

    /// <summary>
    /// Fits them: the logarithms of squared errors by least squares, then one scale, with which the ellipses
    /// (<see cref="PointEllipses"/>) hold the shares of points that they should as nearly as they can, in the kind of
    /// pictures in which they fit worst: one number cannot be right in all, and no kind shall be far off.
    /// </summary>
    /// <param name="kinds">
    /// Faces that were found about right, by kind of picture: one kind, and one face of each, at least.
    /// </param>
    public static PointErrors Fit(IReadOnlyList<IReadOnlyList<ErrorSample>> kinds)
    {
        ErrorSample[] samples = [.. kinds.SelectMany(s => s)];
        var variances = samples.SelectMany(s => s.Maps).Select(Mean).Order().ToArray();
        var floor = variances[variances.Length * FloorPercent / 100];
        var count = samples[0].Maps.Length;
        var blank = new PointErrors(floor, new double[count], 0, 0);
        var (products, answers) = (new double[count + 2, count + 2], new double[count + 2]);
        foreach (var sample in samples)
        {
            var doubts = blank.Doubts(sample.Maps);
            var face = Math.Log(doubts.Average() + Softness);
            for (var i = 0; i < count; i++)
            {
                Span<(int Column, double Value)> row =
                    [(i, 1), (count, Math.Log(doubts[i] + Softness)), (count + 1, face)];
                var answer = Math.Log((sample.Errors[i].LengthSquared() / 2) + (LeastError * floor));
                foreach (var (a, x) in row)
                {
                    answers[a] += x * answer;
                    foreach (var (b, y) in row)
                        products[a, b] += x * y;
                }
            }
        }
        // Keeps the system solvable where all faces are alike.
        for (var i = 0; i < answers.Length; i++)
            products[i, i] += 1e-6;
        var weights = LinearSystem.Solve(products, answers);
        var fit = new PointErrors(floor, weights[..count], weights[count], weights[count + 1]);
        var scale = Math.Log(BestScale([.. kinds.Select(Distances)]));
        return fit with { Points = [.. fit.Points.Select(p => p + scale)] };

        double[] Distances(IReadOnlyList<ErrorSample> kind) =>
            [.. kind.SelectMany(s => fit.Of(s.Maps).Zip(s.Errors, PointEllipses.SquaredDistance)).Order()];
    }

    /// <summary>The factor of covariances with which the worst of the shares is nearest to what it should be.</summary>
    /// <param name="kinds">Squared distances in covariances, ascending, of each kind of picture.</param>
    private static double BestScale(double[][] kinds)
    {
        var (best, least) = (1.0, double.PositiveInfinity);
        for (var scale = 0.05; scale < 1000; scale *= 1.02)
        {
            var worst = 0.0;
            foreach (var distances in kinds)
            {
                foreach (var share in Shares)
                {
                    var at = Array.BinarySearch(distances, scale * PointEllipses.SquaredRadius(share));
                    worst = Math.Max(worst, Math.Abs(((at < 0 ? ~at : at) / (double)distances.Length) - share));
                }
            }
            if (worst < least)
                (best, least) = (scale, worst);
        }
        return best;
    }

    private double[] Doubts(ReadOnlySpan<PointCovariance> maps)
    {
        var doubts = new double[maps.Length];
        for (var i = 0; i < doubts.Length; i++)
            doubts[i] = Math.Max((Mean(maps[i]) / Floor) - 1, 0);
        return doubts;
    }

    private static double Mean(PointCovariance covariance) => ((double)covariance.XX + covariance.YY) / 2;
}
