namespace Mdfld.Training;

/// <summary>Batches in which every face is followed by its mirror image.</summary>
internal static class MirrorPairs
{
    /// <summary>
    /// Halfway between what is found in each look of a pair and what is found in the other. What they differ by as a
    /// whole along x stays: photos are labelled a little to the right of the points, mirrored or not, see
    /// <see cref="DataRecipe.LabelShift"/>.
    /// </summary>
    /// <param name="found">(N, P, 2), network units; N even, each odd face the mirror image of the one before.</param>
    /// <param name="scheme">Which points change places.</param>
    /// <returns>(N, P, 2), network units.</returns>
    public static Tensor Agreed(Tensor found, LandmarkScheme scheme)
    {
        var shape = found.shape;
        var pairs = found.reshape(-1, 2, scheme.Count, 2);
        var (first, second) = (pairs.slice(1, 0, 1, 1), pairs.slice(1, 1, 2, 1));
        var other = Permutation(scheme, found.device).matmul(cat([second, first], 1)) * Row(-1, 1, found.device);
        var difference = other - pairs;
        var shift = difference.mean([2], keepdim: true) * Row(1, 0, found.device);
        return (pairs + ((difference - shift) * 0.5)).reshape(shape);
    }

    /// <summary>(P, P): row i takes the point that is i in the mirror.</summary>
    private static Tensor Permutation(LandmarkScheme scheme, Device device)
    {
        var rows = new float[scheme.Count * scheme.Count];
        for (var i = 0; i < scheme.Count; i++)
            rows[(i * scheme.Count) + scheme.MirrorPermutation[i]] = 1;
        return Tensor.From<float>(rows, scheme.Count, scheme.Count).to(device);
    }

    private static Tensor Row(float x, float y, Device device) => Tensor.From<float>([x, y], 1, 1, 1, 2).to(device);
}
