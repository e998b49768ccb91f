namespace Mdfld.Training.Finder;

/// <summary>
/// How wrong the maps are: focal loss of the scores with weakened negatives round the centres (Zhou et al. 2019), and
/// absolute errors of boxes and points in shares of the face's size, all by the number of faces.
/// </summary>
internal sealed record FinderLoss
{
    /// <summary>Weight of the boxes.</summary>
    public double BoxWeight { get; init; } = 2;

    /// <summary>Weight of the five points.</summary>
    public double PointWeight { get; init; } = 2;

    /// <summary>The loss of a batch, a scalar.</summary>
    /// <param name="maps">Of each stride (N, 15, h, w), as <see cref="FinderNetwork.Forward"/> gives them.</param>
    /// <param name="targets">Of each stride (N, 19, h, w), see <see cref="FinderTargets"/>.</param>
    public Tensor Forward(IReadOnlyList<Tensor> maps, IReadOnlyList<Tensor> targets)
    {
        Tensor? score = null, box = null, points = null, faces = null, weight = null, known = null;
        for (var i = 0; i < maps.Count; i++)
        {
            var (map, target) = (maps[i], targets[i]);
            score = Sum(
                score, Focal(map.slice(1, 0, 1, 1), Part(FinderTargets.Positive), Part(FinderTargets.NegativeWeight)));
            var error = (map.slice(1, 1, FinderNetwork.Outputs, 1)
                - target.slice(1, FinderTargets.Box, FinderTargets.Channels, 1)).abs();
            box = Sum(box, (
                (error.slice(1, 0, 2, 1) * Part(FinderTargets.PlaceWeight))
                + (error.slice(1, 2, 4, 1) * Part(FinderTargets.SizeWeight))).sum());
            points = Sum(points, (error.slice(1, 4, 14, 1) * Part(FinderTargets.PointWeight)).sum());
            faces = Sum(faces, Part(FinderTargets.Positive).sum());
            weight = Sum(weight, Part(FinderTargets.SizeWeight).sum());
            known = Sum(known, (
                Part(FinderTargets.SizeWeight)
                * Part(FinderTargets.PointWeight).gt(0).to(ScalarType.Float32)).sum());

            Tensor Part(int channel) => target.slice(1, channel, channel + 1, 1);
        }
        // Four numbers a box, ten a face's points; pictures without a face must not divide by nothing.
        return (score! / (faces! + 1))
            + (box! / ((weight! * 4) + 1) * BoxWeight)
            + (points! / ((known! * 10) + 1) * PointWeight);
    }

    private static Tensor Focal(Tensor logits, Tensor positive, Tensor negativeWeight)
    {
        var p = logits.sigmoid();
        var missed = (1 - p) * (1 - p) * logits.log_sigmoid() * positive;
        var invented = p * p * (-logits).log_sigmoid() * negativeWeight;
        return -(missed + invented).sum();
    }

    private static Tensor Sum(Tensor? sum, Tensor more) => sum is null ? more : sum + more;
}
