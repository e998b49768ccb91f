using Mdfld.Torch;

namespace Mdfld.Training.Star;

/// <summary>What one stack of the network says.</summary>
/// <param name="Landmarks">(N, P, 2), order (x, y), network units (<see cref="StarCoordinates"/>).</param>
/// <param name="PointMaps">(N, P, 64, 64), in (0, 1).</param>
/// <param name="EdgeMaps">(N, E, 64, 64), in (0, 1).</param>
/// <param name="FusedMaps">
/// (N, P, 64, 64): heat maps times attention, not negative; <see cref="Landmarks"/> is their mean position.
/// </param>
public sealed record StarOutput(Tensor Landmarks, Tensor PointMaps, Tensor EdgeMaps, Tensor FusedMaps);

/// <summary>The size of a network of STAR.</summary>
/// <param name="Scheme">Points and edges.</param>
/// <param name="Channels">Channels of the hourglasses; published networks have 256.</param>
/// <param name="Stacks">Hourglasses, one after the other.</param>
/// <param name="Levels">Halvings inside an hourglass.</param>
public sealed record StarOptions(LandmarkScheme Scheme, int Channels = 256, int Stacks = 4, int Levels = 4)
{
    /// <summary>Side of the crop, pixels.</summary>
    public const int CropSize = 256;
}

/// <summary>
/// STAR's stacked hourglass network with anisotropic attention (Huang et al., ADNet, ICCV 2021; Zhou et al., STAR,
/// CVPR 2023): 256 x 256 crop to heat maps of 64 x 64. Every point's heat map is multiplied by two attention maps, one
/// for the point and one for the edge it lies on. The state dict has the original's names, order and shapes.
/// </summary>
public sealed class StarNetwork : Module
{
    private const int PictureChannels = 3;
    private const int StemChannels = 64;

    private readonly CoordinateConv _stem;
    private readonly ResidualBlock _pre1;
    private readonly ResidualBlock _pre3;
    private readonly ResidualBlock _pre4;
    private readonly StarHourglass[] _hourglasses;
    private readonly (ResidualBlock Block, StarConv Conv)[] _features;
    private readonly StarConv[] _outHeatmaps;
    private readonly StarConv[] _outEdgeMaps;
    private readonly StarConv[] _outPointMaps;
    private readonly StarConv[] _mergeEdgeMaps;
    private readonly StarConv[] _mergePointMaps;
    private readonly StarConv[] _mergeFeatures;
    private readonly StarConv[] _mergeHeatmaps;
    private readonly EdgeToPoints _edgeToPoints;

    /// <summary>Builds the network with random weights.</summary>
    public StarNetwork(StarOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Options = options;
        var (scheme, channels, stacks) = (options.Scheme, options.Channels, options.Stacks);
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 2, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(stacks, 1, nameof(options));
        var (points, edges) = (scheme.Count, scheme.Contours.Length);

        // In the order of the original's state dict.
        _stem = Child(
            "pre.0", new CoordinateConv(PictureChannels, StemChannels, kernel: 7, stride: 2, normalised: true));
        _pre1 = Child("pre.1", new ResidualBlock(StemChannels, 2 * StemChannels));
        _pre3 = Child("pre.3", new ResidualBlock(2 * StemChannels, 2 * StemChannels));
        _pre4 = Child("pre.4", new ResidualBlock(2 * StemChannels, channels));
        _hourglasses = PerStack("hgs", stacks, i => StarHourglass.ForStack(i, options.Levels, channels));
        _features = new (ResidualBlock, StarConv)[stacks];
        for (var i = 0; i < stacks; i++)
        {
            _features[i] = (
                Child($"features.{i}.0", new ResidualBlock(channels, channels)),
                Child($"features.{i}.1", new StarConv(channels, channels, normalised: true)));
        }

        _outHeatmaps = PerStack("out_heatmaps", stacks, _ => new StarConv(channels, points));
        _edgeToPoints = Child("e2h_transform", new EdgeToPoints(scheme));
        _outEdgeMaps = PerStack("out_edgemaps", stacks, _ => new StarConv(channels, edges));
        _outPointMaps = PerStack("out_pointmaps", stacks, _ => new StarConv(channels, points));
        _mergeEdgeMaps = PerStack("merge_edgemaps", stacks - 1, _ => new StarConv(edges, channels));
        _mergePointMaps = PerStack("merge_pointmaps", stacks - 1, _ => new StarConv(points, channels));
        _mergeFeatures = PerStack("merge_features", stacks - 1, _ => new StarConv(channels, channels));
        _mergeHeatmaps = PerStack("merge_heatmaps", stacks - 1, _ => new StarConv(points, channels));
    }

    /// <summary>The size it was built with.</summary>
    public StarOptions Options { get; }

    /// <summary>Runs all stacks; the last one's landmarks are the answer.</summary>
    /// <param name="images">(N, 3, 256, 256), order B, G, R, byte / 255 * 2 - 1.</param>
    public IReadOnlyList<StarOutput> Forward(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        var x = _pre1.Forward(_stem.Forward(images)).MaxPool2d(2, stride: 2);
        x = _pre4.Forward(_pre3.Forward(x));

        var outputs = new StarOutput[Options.Stacks];
        Tensor? heatmaps = null;
        for (var i = 0; i < outputs.Length; i++)
        {
            var feature = _features[i].Conv.Forward(_features[i].Block.Forward(_hourglasses[i].Forward(x, heatmaps)));
            heatmaps = _outHeatmaps[i].Forward(feature).InstanceNorm().Relu();
            var pointMaps = _outPointMaps[i].Forward(feature).Sigmoid();
            var edgeMaps = _outEdgeMaps[i].Forward(feature).Sigmoid();
            var fused = _edgeToPoints.Forward(edgeMaps) * pointMaps * heatmaps;
            outputs[i] = new StarOutput(SoftArgmax.Decode(fused), pointMaps, edgeMaps, fused);
            if (i < outputs.Length - 1)
            {
                // What goes on are the maps before the fusion.
                x = x + _mergeFeatures[i].Forward(feature) + _mergeHeatmaps[i].Forward(heatmaps)
                    + _mergePointMaps[i].Forward(pointMaps) + _mergeEdgeMaps[i].Forward(edgeMaps);
            }
        }

        return outputs;
    }

    private T[] PerStack<T>(string name, int count, Func<int, T> make) where T : Module
    {
        var modules = new T[count];
        for (var i = 0; i < count; i++)
            modules[i] = Child($"{name}.{i}", make(i));
        return modules;
    }
}
