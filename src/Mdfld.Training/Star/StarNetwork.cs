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
public sealed class StarNetwork : Network
{
    private const int PictureChannels = 3;
    private const int StemChannels = 64;

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
        this.ConvNorm(
            "pre.0", PictureChannels + StarBlocks.CoordinateChannels(masked: false), StemChannels, kernel: 7);
        this.Residual("pre.1", StemChannels, 2 * StemChannels);
        this.Residual("pre.3", 2 * StemChannels, 2 * StemChannels);
        this.Residual("pre.4", 2 * StemChannels, channels);
        for (var i = 0; i < stacks; i++)
        {
            Conv($"hgs.{i}.coordconv.conv", channels + StarBlocks.CoordinateChannels(masked: i > 0), channels);
            this.Hourglass($"hgs.{i}", options.Levels, channels);
        }
        for (var i = 0; i < stacks; i++)
        {
            this.Residual($"features.{i}.0", channels, channels);
            this.ConvNorm($"features.{i}.1", channels, channels);
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

    /// <summary>The size it was built with.</summary>
    public StarOptions Options { get; }

    /// <summary>Runs all stacks; the last one's landmarks are the answer.</summary>
    /// <param name="images">(N, 3, 256, 256), order B, G, R, byte / 255 * 2 - 1.</param>
    public IReadOnlyList<StarOutput> Forward(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        return
        [
            .. Maps(Ops, images.ChannelsLast()).Select(m => new StarOutput(
                SoftArgmax.Decode(Ops, m.Fused), m.Points, m.Edges, m.Fused)),
        ];
    }

    /// <inheritdoc/>
    internal override IReadOnlyList<(string Name, T Value)> Predict<T>(IOps<T> f, T images) =>
        [("landmarks", SoftArgmax.Decode(f, Maps(f, images).Last().Fused))];

    /// <summary>The maps of each stack, see <see cref="StarOutput"/>.</summary>
    private IEnumerable<(T Points, T Edges, T Fused)> Maps<T>(IOps<T> f, T images) where T : class
    {
        var x = f.ConvNorm(f.WithCoordinates(images), "pre.0", stride: 2);
        x = f.MaxPool(f.Residual(x, "pre.1", newChannels: true));
        x = f.Residual(f.Residual(x, "pre.3"), "pre.4", newChannels: Options.Channels != 2 * StemChannels);

        T? heatmaps = null;
        for (var i = 0; i < Options.Stacks; i++)
        {
            var feature = f.Conv(f.WithCoordinates(x, heatmaps), $"hgs.{i}.coordconv.conv");
            feature = f.Residual(f.Hourglass(feature, $"hgs.{i}", Options.Levels), $"features.{i}.0");
            feature = f.ConvNorm(feature, $"features.{i}.1");
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

    private void PerStack(string name, int count, int inputs, int outputs)
    {
        for (var i = 0; i < count; i++)
            Conv($"{name}.{i}.conv", inputs, outputs);
    }
}
