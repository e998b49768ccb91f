namespace Mdfld.Training.Star;

/// <summary>The parts of the loss of one stack, not yet weighted.</summary>
public sealed record StackLoss(Tensor Star, Tensor PointMaps, Tensor EdgeMaps);

/// <summary>
/// STAR's whole loss: over the stacks i of S the sum of 2^(i - S + 1) (STAR(fused maps) + 10 AWing(point maps) + 10
/// AWing(edge maps)).
/// </summary>
/// <param name="Landmarks">The loss of the landmarks.</param>
public sealed record StarCriterion(StarLoss Landmarks)
{
    private const double MapWeight = 10;

    /// <summary>The unweighted parts, stack by stack.</summary>
    public IReadOnlyList<StackLoss> Parts(IReadOnlyList<StarOutput> outputs, StarTargets targets) =>
    [
        .. outputs.Select(output => new StackLoss(
            Landmarks.Forward(output.FusedMaps, targets.Landmarks),
            AdaptiveWingLoss.Forward(output.PointMaps, targets.PointMaps),
            AdaptiveWingLoss.Forward(output.EdgeMaps, targets.EdgeMaps))),
    ];

    /// <summary>The weighted sum of the parts, a scalar.</summary>
    public static Tensor Total(IReadOnlyList<StackLoss> parts)
    {
        Tensor? total = null;
        for (var i = 0; i < parts.Count; i++)
        {
            var weight = Math.ScaleB(1, i - parts.Count + 1);
            var stack = parts[i].Star + ((parts[i].PointMaps + parts[i].EdgeMaps) * MapWeight);
            total = total is null ? stack * weight : total + (stack * weight);
        }

        return total ?? throw new ArgumentException("a network without stacks has no loss", nameof(parts));
    }

    /// <summary>The loss of a batch, a scalar.</summary>
    public Tensor Forward(IReadOnlyList<StarOutput> outputs, StarTargets targets) => Total(Parts(outputs, targets));
}
