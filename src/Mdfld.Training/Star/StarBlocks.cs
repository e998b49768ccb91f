namespace Mdfld.Training.Star;

/// <summary>What STAR's network is made of: for each block its parameters and what it computes.</summary>
internal static class StarBlocks
{
    private const int Coordinates = 3;
    private const int MaskedCoordinates = 2;
    private const double MaskThreshold = 0.05;

    /// <summary>Convolution with bias, batch norm, ReLU.</summary>
    public static void ConvNorm(this Network network, string name, int inputs, int outputs, int kernel = 1)
    {
        network.Conv($"{name}.conv", inputs, outputs, kernel);
        network.Norm($"{name}.bn", outputs);
    }

    public static T ConvNorm<T>(this IOps<T> f, T x, string name, int stride = 1) where T : class =>
        f.Relu(f.Conv(x, $"{name}.conv", stride, norm: $"{name}.bn"));

    /// <summary>
    /// Pre-activated bottleneck: BN, ReLU, 1x1 conv to half the outputs; BN, ReLU, 3x3; BN, ReLU, 1x1; plus the input.
    /// </summary>
    /// <remarks>
    /// <c>skip_layer</c>, which fits the input where the channels change, exists in the state dict of every block;
    /// where they do not change it is never used and never gets a gradient.
    /// </remarks>
    public static void Residual(this Network network, string name, int inputs, int outputs)
    {
        var middle = outputs / 2;
        network.Norm($"{name}.bn1", inputs);
        network.Conv($"{name}.conv1.conv", inputs, middle);
        network.Norm($"{name}.bn2", middle);
        network.Conv($"{name}.conv2.conv", middle, middle, kernel: 3);
        network.Norm($"{name}.bn3", middle);
        network.Conv($"{name}.conv3.conv", middle, outputs);
        network.Conv($"{name}.skip_layer.conv", inputs, outputs);
    }

    public static T Residual<T>(this IOps<T> f, T x, string name, bool newChannels = false) where T : class
    {
        var y = f.Conv(f.Relu(f.Norm(x, $"{name}.bn1")), $"{name}.conv1.conv", norm: $"{name}.bn2");
        y = f.Conv(f.Relu(y), $"{name}.conv2.conv", norm: $"{name}.bn3");
        y = f.Conv(f.Relu(y), $"{name}.conv3.conv");
        return f.Add(y, newChannels ? f.Conv(x, $"{name}.skip_layer.conv") : x);
    }

    /// <summary>
    /// Recursive hourglass (Newell et al., ECCV 2016): a residual block at this resolution plus, enlarged again,
    /// everything done at half of it.
    /// </summary>
    public static void Hourglass(this Network network, string name, int levels, int channels)
    {
        network.Residual($"{name}.up1", channels, channels);
        network.Residual($"{name}.low1", channels, channels);
        if (levels > 1)
            network.Hourglass($"{name}.low2", levels - 1, channels);
        else
            network.Residual($"{name}.low2", channels, channels);
        network.Residual($"{name}.low3", channels, channels);
    }

    public static T Hourglass<T>(this IOps<T> f, T x, string name, int levels) where T : class
    {
        var low = f.Residual(f.MaxPool(x), $"{name}.low1");
        low = levels > 1 ? f.Hourglass(low, $"{name}.low2", levels - 1) : f.Residual(low, $"{name}.low2");
        low = f.Residual(low, $"{name}.low3");
        return f.Add(f.Residual(x, $"{name}.up1"), f.Upsample(low));
    }

    /// <summary>Channels that <see cref="WithCoordinates"/> appends.</summary>
    public static int CoordinateChannels(bool masked) => masked ? Coordinates + MaskedCoordinates : Coordinates;

    /// <summary>
    /// Appends three channels that tell a convolution where it is: c1 and c2 in [-1, 1] and the distance from the
    /// middle divided by its maximum (Liu et al., NeurIPS 2018).
    /// </summary>
    /// <remarks>
    /// As in the original c1 varies along the rows and c2 along the columns. Between the stacks two more channels
    /// follow: c1 and c2 where the previous heat map of the <i>last landmark</i> exceeds 0.05, else 0. The original
    /// means the face's boundary there; the published networks have learnt the last landmark.
    /// </remarks>
    /// <param name="f">The operators.</param>
    /// <param name="x">(N, C, H, W).</param>
    /// <param name="heatmaps">(N, P, H, W), the previous stack's; null before the first.</param>
    public static T WithCoordinates<T>(this IOps<T> f, T x, T? heatmaps = null) where T : class
    {
        var (height, width) = ((int)f.Shape(x)[2], (int)f.Shape(x)[3]);
        var planes = f.Constant(x, Planes(height, width), 1, Coordinates, height, width);
        var coordinates = f.Repeat(planes, x);
        if (heatmaps is null)
            return f.Concat(1, x, coordinates);
        var points = f.Shape(heatmaps)[1];
        var mask = f.Greater(f.Slice(heatmaps, 1, points - 1, points), MaskThreshold);
        return f.Concat(1, x, coordinates, f.Mul(f.Slice(coordinates, 1, 0, MaskedCoordinates), mask));
    }

    /// <summary>(1, 3, H, W): along the rows, along the columns, distance from the middle.</summary>
    private static double[] Planes(int height, int width)
    {
        var plane = height * width;
        var values = new double[Coordinates * plane];
        for (var i = 0; i < plane; i++)
        {
            var (c1, c2) = (SoftArgmax.Coordinate(i / width, height), SoftArgmax.Coordinate(i % width, width));
            (values[i], values[plane + i]) = (c1, c2);
            values[(2 * plane) + i] = Math.Sqrt(((c1 * c1) + (c2 * c2)) / 2);
        }
        return values;
    }
}
