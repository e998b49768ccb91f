using Mdfld.Torch;

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
                score, Focal(map.Slice(1, 0, 1), Part(FinderTargets.Positive), Part(FinderTargets.NegativeWeight)));
            var error = (map.Slice(1, 1, FinderNetwork.Outputs)
                - target.Slice(1, FinderTargets.Box, FinderTargets.Channels)).Abs();
            box = Sum(box, (
                (error.Slice(1, 0, 2) * Part(FinderTargets.PlaceWeight))
                + (error.Slice(1, 2, 4) * Part(FinderTargets.SizeWeight))).Sum());
            points = Sum(points, (error.Slice(1, 4, 14) * Part(FinderTargets.PointWeight)).Sum());
            faces = Sum(faces, Part(FinderTargets.Positive).Sum());
            weight = Sum(weight, Part(FinderTargets.SizeWeight).Sum());
            known = Sum(known, (
                Part(FinderTargets.SizeWeight)
                * Part(FinderTargets.PointWeight).Greater(0).To(ScalarType.Float32)).Sum());

            Tensor Part(int channel) => target.Slice(1, channel, channel + 1);
        }
        // Four numbers a box, ten a face's points; pictures without a face must not divide by nothing.
        return (score! / (faces! + 1))
            + (box! / ((weight! * 4) + 1) * BoxWeight)
            + (points! / ((known! * 10) + 1) * PointWeight);
    }

    private static Tensor Focal(Tensor logits, Tensor positive, Tensor negativeWeight)
    {
        var p = logits.Sigmoid();
        var missed = (1 - p) * (1 - p) * logits.LogSigmoid() * positive;
        var invented = p * p * (-logits).LogSigmoid() * negativeWeight;
        return -(missed + invented).Sum();
    }

    private static Tensor Sum(Tensor? sum, Tensor more) => sum is null ? more : sum + more;
}
