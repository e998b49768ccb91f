using Mdfld.Torch;

namespace Mdfld.Training.Star;

/// <summary>
/// Spreads the edge maps over the points that lie on those edges: a fixed 0/1 matrix, saved with the network but never
/// trained. A point on several edges gets their sum, a point on none the constant 1.
/// </summary>
internal sealed class EdgeToPoints : Module
{
    private readonly Tensor _weight;
    private readonly Tensor _bias;

    public EdgeToPoints(LandmarkScheme scheme)
    {
        var (points, edges) = (scheme.Count, scheme.Contours.Length);
        var weight = new float[points * edges];
        var bias = new float[points];
        Array.Fill(bias, 1);
        for (var e = 0; e < edges; e++)
        {
            foreach (var point in scheme.Contours[e].Indices)
                (weight[(point * edges) + e], bias[point]) = (1, 0);
        }

        _weight = Buffer("weight", Tensor.From<float>(weight, points, edges, 1, 1));
        _bias = Buffer("bias", Tensor.From<float>(bias, points));
    }

    /// <param name="edgeMaps">(N, E, H, W).</param>
    /// <returns>(N, P, H, W).</returns>
    public Tensor Forward(Tensor edgeMaps) => edgeMaps.Conv2d(_weight, _bias);
}
