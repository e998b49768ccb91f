using Mdfld.Torch;

namespace Mdfld.Training.Star;

/// <summary>
/// A convolution that is told where it is: three channels are appended to its input, c1 and c2 in [-1, 1] and the
/// distance from the middle divided by its maximum (Liu et al., NeurIPS 2018).
/// </summary>
/// <remarks>
/// As in the original c1 varies along the rows and c2 along the columns. Between the stacks two more channels
/// follow: c1 and c2 where the previous heat map of the <i>last landmark</i> exceeds 0.05, else 0. The original means
/// the face's boundary there; the published networks have learnt the last landmark.
/// </remarks>
internal sealed class CoordinateConv : Module
{
    private const int Channels = 3;
    private const int MaskedChannels = 2;
    private const double MaskThreshold = 0.05;

    private readonly Conv2d _conv;
    private readonly BatchNorm2d? _norm;

    public CoordinateConv(
        int inputs, int outputs, int kernel = 1, int stride = 1, bool masked = false, bool normalised = false)
    {
        var extra = masked ? Channels + MaskedChannels : Channels;
        _conv = Child("conv", new Conv2d(inputs + extra, outputs, kernel, stride: stride, padding: (kernel - 1) / 2));
        _norm = normalised ? Child("bn", new BatchNorm2d(outputs)) : null;
    }

    /// <param name="x">(N, C, H, W).</param>
    /// <param name="heatmaps">(N, P, H, W), the previous stack's heat maps, where the layer is a masked one.</param>
    public Tensor Forward(Tensor x, Tensor? heatmaps = null)
    {
        var coordinates = Coordinates(x).Expand(x.Shape[0], -1, -1, -1);
        var input = heatmaps is null
            ? Tensor.Cat([x, coordinates], 1)
            : Tensor.Cat([x, coordinates, coordinates.Slice(1, 0, MaskedChannels) * Mask(heatmaps)], 1);
        var y = _conv.Forward(input);
        return _norm is null ? y : _norm.Forward(y).Relu();
    }

    /// <summary>(N, 1, H, W), 1 or 0; a comparison lets no gradient through.</summary>
    private static Tensor Mask(Tensor heatmaps)
    {
        var points = heatmaps.Shape[1];
        return heatmaps.Detach().Slice(1, points - 1, points).Greater(MaskThreshold).To(heatmaps.Type);
    }

    /// <summary>(1, 3, H, W): along the rows, along the columns, distance from the middle.</summary>
    private static Tensor Coordinates(Tensor x)
    {
        var (height, width) = ((int)x.Shape[2], (int)x.Shape[3]);
        var values = new double[Channels * height * width];
        var plane = height * width;
        for (var i = 0; i < height; i++)
        {
            for (var j = 0; j < width; j++)
            {
                var (c1, c2) = (SoftArgmax.Coordinate(i, height), SoftArgmax.Coordinate(j, width));
                var at = (i * width) + j;
                (values[at], values[plane + at]) = (c1, c2);
                values[(2 * plane) + at] = Math.Sqrt(((c1 * c1) + (c2 * c2)) / 2);
            }
        }

        return Tensor.From<double>(values, 1, Channels, height, width).To(x.Type).To(x.Device);
    }
}
