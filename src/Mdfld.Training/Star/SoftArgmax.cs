namespace Mdfld.Training.Star;

/// <summary>Where the mass of a heat map lies: its mean position, which (unlike the maximum) has a gradient.</summary>
public static class SoftArgmax
{
    /// <summary>An empty map has its mean at the middle instead of at 0/0.</summary>
    internal const double SmallestMass = 1e-6;

    /// <summary>sum(v * grid) / max(sum(v), 1e-6); the grid puts -1 and 1 on the centres of the outer cells.</summary>
    /// <param name="maps">(N, P, H, W), not negative, need not sum to 1.</param>
    /// <returns>(N, P, 2), order (x, y), [-1, 1].</returns>
    public static Tensor Decode(Tensor maps) => Decode(new TorchOps(), maps);

    /// <inheritdoc cref="Decode(Tensor)"/>
    internal static T Decode<T>(IOps<T> f, T maps) where T : class
    {
        var points = f.Shape(maps)[1];
        var mass = f.ClampMin(f.Sum(maps, 2, 3), SmallestMass);
        var x = f.Div(f.Sum(f.Mul(f.Sum(maps, 2), Grid(f, maps, 3)), 2), mass);
        var y = f.Div(f.Sum(f.Mul(f.Sum(maps, 3), Grid(f, maps, 2)), 2), mass);
        return f.Concat(2, f.Reshape(x, -1, points, 1), f.Reshape(y, -1, points, 1));
    }

    /// <summary>Coordinates of the cells along one dimension of a map, [-1, 1].</summary>
    internal static T Grid<T>(IOps<T> f, T maps, int dimension) where T : class
    {
        var n = (int)f.Shape(maps)[dimension];
        return f.Constant(maps, [.. Enumerable.Range(0, n).Select(i => Coordinate(i, n))], n);
    }

    /// <summary>Centre of cell i of n: -1 for the first, 1 for the last.</summary>
    internal static double Coordinate(int i, int n) => (i * 2.0 / (n - 1)) - 1;
}
