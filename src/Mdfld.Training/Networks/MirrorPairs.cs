using Mdfld.Torch;

namespace Mdfld.Training;

/// <summary>Batches in which every face is followed by its mirror image.</summary>
internal static class MirrorPairs
{
    /// <summary>
    /// How far apart the two looks of each pair are. What they differ by as a whole along x is left out: photos are
    /// labelled a little to the right of the points, mirrored or not, see <see cref="DataRecipe.LabelShift"/>.
    /// </summary>
    /// <param name="found">(N, P, 2), network units; N even, each odd face the mirror image of the one before.</param>
    /// <param name="scheme">Which points change places.</param>
    /// <returns>(N / 2, P, 2), network units, as the first look of each pair has them.</returns>
    public static Tensor Disagreement(Tensor found, LandmarkScheme scheme)
    {
        var pairs = found.Reshape(-1, 2, scheme.Count, 2);
        var (first, second) = (pairs.Select(1, 0), pairs.Select(1, 1));
        var difference = first - (Permutation(scheme, found.Device).Matmul(second) * Row(-1, 1, found.Device));
        return difference - (difference.Mean([1], keepDimensions: true) * Row(1, 0, found.Device));
    }

    /// <summary>(P, P): row i takes the point that is i in the mirror.</summary>
    private static Tensor Permutation(LandmarkScheme scheme, Device device)
    {
        var rows = new float[scheme.Count * scheme.Count];
        for (var i = 0; i < scheme.Count; i++)
            rows[(i * scheme.Count) + scheme.FlipPermutation[i]] = 1;
        return Tensor.From<float>(rows, scheme.Count, scheme.Count).To(device);
    }

    private static Tensor Row(float x, float y, Device device) => Tensor.From<float>([x, y], 1, 1, 2).To(device);
}
