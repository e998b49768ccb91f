namespace Mdfld.Training;

/// <summary>What one stack of the network gives.</summary>
/// <param name="Landmarks">(N, P, 2), order (x, y), network units (<see cref="StarCoordinates"/>).</param>
/// <param name="PointMaps">(N, P, 64, 64), in (0, 1).</param>
/// <param name="EdgeMaps">(N, E, 64, 64), in (0, 1).</param>
/// <param name="FusedMaps">(N, P, 64, 64): heat maps times attention, not negative.</param>
public sealed record StarOutput(Tensor Landmarks, Tensor PointMaps, Tensor EdgeMaps, Tensor FusedMaps);

/// <summary>The size of a network of STAR.</summary>
/// <param name="Scheme">Points and edges.</param>
/// <param name="Channels">Channels of the hourglasses; published networks have 256.</param>
/// <param name="Stacks">Hourglasses, one after the other.</param>
/// <param name="Levels">Halvings inside an hourglass.</param>
/// <param name="StemChannels">Channels of the first convolution, at 128 x 128; published networks have 64.</param>
public sealed record StarOptions(
    LandmarkScheme Scheme, int Channels = 256, int Stacks = 4, int Levels = 4, int StemChannels = 64)
{
    /// <summary>Side of the crop, pixels.</summary>
    public const int CropSize = 256;
}

/// <summary>
/// STAR's stacked hourglass network with anisotropic attention (Huang et al., ADNet, ICCV 2021; Zhou et al., STAR,
/// CVPR 2023): 256 x 256 crop to heat maps of 64 x 64. Every point's heat map is multiplied by two attention maps, one
/// for the point and one for the edge it lies on. The state dict has the original's names, order and shapes.
/// </summary>
public sealed class StarNetwork : Network
{
    private const int Coordinates = 3;
    private const int MaskedCoordinates = 2;
    private const double MaskThreshold = 0.05;

    /// <summary>Builds the network with random weights.</summary>
    public StarNetwork(StarOptions options)
    {
        Options = options;
        var (scheme, channels, stacks, stem) = (options.Scheme, options.Channels, options.Stacks, options.StemChannels);
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 2, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(stacks, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(stem, 1, nameof(options));
        var (points, edges) = (scheme.Count, scheme.Contours.Length);

        // In the order of the original's state dict.
        ConvNorm("pre.0", Picture.Channels + Coordinates, stem, kernel: 7);
        Residual("pre.1", stem, 2 * stem);
        Residual("pre.3", 2 * stem, 2 * stem);
        Residual("pre.4", 2 * stem, channels);
        for (var i = 0; i < stacks; i++)
        {
            Conv($"hgs.{i}.coordconv.conv", channels + Coordinates + (i > 0 ? MaskedCoordinates : 0), channels);
            Hourglass($"hgs.{i}", options.Levels, channels);
        }
        for (var i = 0; i < stacks; i++)
        {
            Residual($"features.{i}.0", channels, channels);
            ConvNorm($"features.{i}.1", channels, channels);
        }

        PerStack("out_heatmaps", stacks, channels, points);
        EdgesToPoints("e2h_transform", scheme);
        PerStack("out_edgemaps", stacks, channels, edges);
        PerStack("out_pointmaps", stacks, channels, points);
        PerStack("merge_edgemaps", stacks - 1, edges, channels);
        PerStack("merge_pointmaps", stacks - 1, points, channels);
        PerStack("merge_features", stacks - 1, channels, channels);
        PerStack("merge_heatmaps", stacks - 1, points, channels);
    }

    /// <summary>The size it was built with.</summary>
    public StarOptions Options { get; }

    /// <summary>Runs all stacks; the last one's landmarks are the answer.</summary>
    /// <param name="images">(N, 3, 256, 256), order B, G, R, byte / 255 * 2 - 1.</param>
    public IReadOnlyList<StarOutput> Forward(Tensor images) =>
    [
        .. Maps(Ops, images.ChannelsLast()).Select(m => new StarOutput(
            SoftArgmax.Decode(Ops, m.Fused), m.Points, m.Edges, m.Fused)),
    ];

    internal override IReadOnlyList<(string Name, T Value)> Predict<T>(IOps<T> f, T images) =>
        [("landmarks", SoftArgmax.Decode(f, Maps(f, images).Last().Fused))];

    /// <summary>The maps of each stack, see <see cref="StarOutput"/>.</summary>
    private IEnumerable<(T Points, T Edges, T Fused)> Maps<T>(IOps<T> f, T images) where T : class
    {
        var x = ConvNorm(f, WithCoordinates(f, images), "pre.0", stride: 2);
        x = f.MaxPool(Residual(f, x, "pre.1", newChannels: true));
        x = Residual(f, Residual(f, x, "pre.3"), "pre.4", newChannels: Options.Channels != 2 * Options.StemChannels);

        T? heatmaps = null;
        for (var i = 0; i < Options.Stacks; i++)
        {
            var feature = f.Conv(WithCoordinates(f, x, heatmaps), $"hgs.{i}.coordconv.conv");
            feature = Residual(f, Hourglass(f, feature, $"hgs.{i}", Options.Levels), $"features.{i}.0");
            feature = ConvNorm(f, feature, $"features.{i}.1");
            heatmaps = f.Relu(f.InstanceNorm(f.Conv(feature, $"out_heatmaps.{i}.conv")));
            var points = f.Sigmoid(f.Conv(feature, $"out_pointmaps.{i}.conv"));
            var edges = f.Sigmoid(f.Conv(feature, $"out_edgemaps.{i}.conv"));
            yield return (points, edges, f.Mul(f.Mul(f.Conv(edges, "e2h_transform"), points), heatmaps));
            if (i == Options.Stacks - 1)
                yield break;
            // What goes on are the maps before the fusion.
            x = f.Add(x, f.Conv(feature, $"merge_features.{i}.conv"));
            x = f.Add(x, f.Conv(heatmaps, $"merge_heatmaps.{i}.conv"));
            x = f.Add(x, f.Conv(points, $"merge_pointmaps.{i}.conv"));
            x = f.Add(x, f.Conv(edges, $"merge_edgemaps.{i}.conv"));
        }
    }

    /// <summary>
    /// The 1x1 convolution that spreads edge maps over the points on those edges: a fixed 0/1 matrix, saved with the
    /// network but never trained. A point on several edges gets their sum, a point on none the constant 1.
    /// </summary>
    private void EdgesToPoints(string name, LandmarkScheme scheme)
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
        AddBuffer($"{name}.weight", Tensor.From<float>(weight, points, edges, 1, 1));
        AddBuffer($"{name}.bias", Tensor.From<float>(bias, points));
    }

    private void PerStack(string name, int count, int inputs, int outputs)
    {
        for (var i = 0; i < count; i++)
            Conv($"{name}.{i}.conv", inputs, outputs);
    }

    /// <summary>Convolution with bias, batch norm, ReLU.</summary>
    private void ConvNorm(string name, int inputs, int outputs, int kernel = 1)
    {
        Conv($"{name}.conv", inputs, outputs, kernel);
        Norm($"{name}.bn", outputs);
    }

    private static T ConvNorm<T>(IOps<T> f, T x, string name, int stride = 1) where T : class =>
        f.Relu(f.Conv(x, $"{name}.conv", stride, norm: $"{name}.bn"));

    /// <summary>
    /// Pre-activated bottleneck: BN, ReLU, 1x1 conv to half the outputs; BN, ReLU, 3x3; BN, ReLU, 1x1; plus the input.
    /// </summary>
    /// <remarks>
    /// <c>skip_layer</c>, which fits the input where the channels change, exists in the state dict of every block;
    /// where they do not change it is never used and never gets a gradient.
    /// </remarks>
    private void Residual(string name, int inputs, int outputs)
    {
        var middle = outputs / 2;
        Norm($"{name}.bn1", inputs);
        Conv($"{name}.conv1.conv", inputs, middle);
        Norm($"{name}.bn2", middle);
        Conv($"{name}.conv2.conv", middle, middle, kernel: 3);
        Norm($"{name}.bn3", middle);
        Conv($"{name}.conv3.conv", middle, outputs);
        Conv($"{name}.skip_layer.conv", inputs, outputs);
    }

    private static T Residual<T>(IOps<T> f, T x, string name, bool newChannels = false) where T : class
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
    private void Hourglass(string name, int levels, int channels)
    {
        Residual($"{name}.up1", channels, channels);
        Residual($"{name}.low1", channels, channels);
        if (levels > 1)
            Hourglass($"{name}.low2", levels - 1, channels);
        else
            Residual($"{name}.low2", channels, channels);
        Residual($"{name}.low3", channels, channels);
    }

    private static T Hourglass<T>(IOps<T> f, T x, string name, int levels) where T : class
    {
        var low = Residual(f, f.MaxPool(x), $"{name}.low1");
        low = levels > 1 ? Hourglass(f, low, $"{name}.low2", levels - 1) : Residual(f, low, $"{name}.low2");
        low = Residual(f, low, $"{name}.low3");
        return f.Add(Residual(f, x, $"{name}.up1"), f.Upsample(low));
    }

    /// <summary>
    /// Appends three channels that tell a convolution where it is: c1 and c2 in [-1, 1] and the distance from the
    /// middle divided by its maximum (Liu et al., NeurIPS 2018).
    /// </summary>
    /// <remarks>
    /// As in the original c1 varies along the rows and c2 along the columns. Between the stacks two more channels
    /// follow: c1 and c2 where the previous heat map of the <i>last landmark</i> exceeds 0.05, else 0. The original
    /// means the face's boundary there; the published networks have learnt the last landmark.
    /// </remarks>
    private static T WithCoordinates<T>(IOps<T> f, T x, T? heatmaps = null) where T : class
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
