using Mdfld.Torch;

namespace Mdfld.Training.Star;

/// <summary>
/// The 1x1 convolution that spreads edge maps over the points on those edges: a fixed 0/1 matrix, saved with the
/// network but never trained. A point on several edges gets their sum, a point on none the constant 1.
/// </summary>
internal sealed class EdgeToPoints : Module
{
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

        Buffer("weight", Tensor.From<float>(weight, points, edges, 1, 1));
        Buffer("bias", Tensor.From<float>(bias, points));
    }
}
