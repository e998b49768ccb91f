using Mdfld.Torch;

namespace Mdfld.Training.Star;

/// <summary>Where the mass of a heat map lies: its mean position, which (unlike the maximum) has a gradient.</summary>
public static class SoftArgmax
{
    /// <summary>An empty map has its mean at the middle instead of at 0/0.</summary>
    internal const double SmallestMass = 1e-6;

    /// <summary>sum(v * grid) / max(sum(v), 1e-6); the grid puts -1 and 1 on the centres of the outer cells.</summary>
    /// <param name="maps">(N, P, H, W), not negative, need not sum to 1.</param>
    /// <returns>(N, P, 2), order (x, y), [-1, 1].</returns>
    public static Tensor Decode(Tensor maps)
    {
        var mass = maps.Sum([2, 3]).Clamp(min: SmallestMass);
        var x = (maps.Sum([2]) * Grid(maps, 3)).Sum([2]) / mass;
        var y = (maps.Sum([3]) * Grid(maps, 2)).Sum([2]) / mass;
        return Tensor.Stack([x, y], -1);
    }

    /// <summary>Coordinates of the cells along one dimension of a map, [-1, 1].</summary>
    internal static Tensor Grid(Tensor maps, int dimension)
    {
        var values = new double[maps.Shape[dimension]];
        for (var i = 0; i < values.Length; i++)
            values[i] = Coordinate(i, values.Length);
        return Tensor.From<double>(values, values.Length).To(maps.Type).To(maps.Device);
    }

    /// <summary>Centre of cell i of n: -1 for the first, 1 for the last.</summary>
    internal static double Coordinate(int i, int n) => (i * 2.0 / (n - 1)) - 1;
}
