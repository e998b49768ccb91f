using Mdfld.Torch;

namespace Mdfld.Training;

/// <summary>
/// The default model's network: bottleneck residual stages from 1/4 down to 1/32 of the crop, a top-down path back to
/// 1/4 (He et al. 2016; Lin et al. 2017), one heat map a point, and soft-argmax over each (integral regression, Sun et
/// al. 2018). At 128 x 128: 1.6 M parameters, 0.38 GFLOP.
/// </summary>
public sealed class CompactNetwork : Module
{
    private const int Context = 96;

    private readonly ConvNormRelu[] _stem;
    private readonly Stage[] _stages;
    private readonly Conv2d[] _laterals;
    private readonly Bottleneck[] _refine;
    private readonly Conv2d _head;

    /// <param name="points">Landmarks to find.</param>
    public CompactNetwork(int points)
    {
        Points = points;
        _stem = [Child("stem.0", new ConvNormRelu(3, 24, 3, 2)), Child("stem.1", new ConvNormRelu(24, 64, 3, 2))];
        _stages =
        [
            Child("stage.0", new Stage(64, 64, 1, shrink: false)),
            Child("stage.1", new Stage(64, 128, 2, shrink: true)),
            Child("stage.2", new Stage(128, 192, 2, shrink: true)),
            Child("stage.3", new Stage(192, 256, 2, shrink: true)),
        ];
        _laterals = [.. new[] { 64, 128, 192, 256 }.Select((c, i) => Child($"lateral.{i}", new Conv2d(c, Context, 1)))];
        _refine = [.. Enumerable.Range(0, 3).Select(i => Child($"refine.{i}", new Bottleneck(Context, 64)))];
        _head = Child("head", new Conv2d(Context, points, 1));
    }

    /// <summary>Landmarks found.</summary>
    public int Points { get; }

    /// <summary>The heat maps before their softmax.</summary>
    /// <param name="images">(N, 3, S, S), R, G, B, (byte - 127.5) / 127.5; S any multiple of 32.</param>
    /// <returns>(N, P, S / 4, S / 4).</returns>
    public Tensor Logits(Tensor images)
    {
        var x = _stem[1].Forward(_stem[0].Forward(images));
        var levels = new Tensor[_stages.Length];
        for (var i = 0; i < _stages.Length; i++)
            levels[i] = x = _stages[i].Forward(x);

        var top = _laterals[^1].Forward(levels[^1]);
        for (var i = _stages.Length - 2; i >= 0; i--)
        {
            var side = levels[i].Shape[3];
            top = _refine[i].Forward(_laterals[i].Forward(levels[i]) + top.UpsampleNearest2d(side, side));
        }
        return _head.Forward(top);
    }

    /// <summary>Soft-argmax: the mean position under the softmax of each map.</summary>
    /// <param name="logits">(N, P, G, G).</param>
    /// <returns>(N, P, 2), x and y in network units: pixel = ((u + 1) S - 1) / 2, the crop spans [-1, 1] from edge to edge.</returns>
    public Tensor Decode(Tensor logits)
    {
        var grid = logits.Shape[3];
        var maps = logits.Reshape(-1, Points, grid * grid).Softmax(2).Reshape(-1, Points, grid, grid);
        var centres = CellCentres(grid, logits.Device);
        var x = (maps.Sum([2]) * centres).Sum([2], keepDimensions: true);
        var y = (maps.Sum([3]) * centres).Sum([2], keepDimensions: true);
        return Tensor.Cat([x, y], 2);
    }

    /// <summary>Finds the points of crops: <see cref="Decode"/> of <see cref="Logits"/>.</summary>
    public Tensor Forward(Tensor images) => Decode(Logits(images));

    /// <summary>Middles of a row's cells in network units, (grid).</summary>
    internal static Tensor CellCentres(long grid, Device device) =>
        ((Tensor.Arange(0, grid, device: device) + 0.5) * (2.0 / grid)) - 1;
}
