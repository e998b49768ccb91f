using Mdfld.Torch;

namespace Mdfld.Training;

/// <summary>
/// The default model's network: bottleneck residual stages from 1/4 down to 1/32 of the crop, a top-down path back to
/// 1/4 (He et al. 2016; Lin et al. 2017), as many further hourglasses as wanted on the result (Newell et al. 2016), one
/// heat map a point, and soft-argmax over each (integral regression, Sun et al. 2018).
/// </summary>
public sealed class CompactNetwork : Module
{
    private readonly ConvNormRelu[] _stem;
    private readonly Stage[] _stages;
    private readonly Conv2d[] _laterals;
    private readonly Bottleneck[] _refine;
    private readonly Hourglass[] _hourglasses;
    private readonly Conv2d _head;

    /// <param name="points">Landmarks to find.</param>
    /// <param name="width">Multiplies all channels: 1 for the default model, less for a smaller and faster one.</param>
    /// <param name="stacks">
    /// Hourglasses: the first is the network's trunk, the others look at its features again.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The width is not in [1/8, 4], or the stacks not in [1, 8].
    /// </exception>
    public CompactNetwork(int points, double width = 1, int stacks = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stacks, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(stacks, 8);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 0.125);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, 4);
        Points = points;
        int[] channels = [Scaled(64), Scaled(128), Scaled(192), Scaled(256)];
        var context = Scaled(96);
        _stem =
        [
            Child("stem.0", new ConvNormRelu(Picture.Channels, Scaled(24), 3, 2)),
            Child("stem.1", new ConvNormRelu(Scaled(24), channels[0], 3, 2)),
        ];
        _stages =
        [
            Child("stage.0", new Stage(channels[0], channels[0], 1, shrink: false)),
            .. Enumerable.Range(1, 3)
                .Select(i => Child($"stage.{i}", new Stage(channels[i - 1], channels[i], 2, shrink: true))),
        ];
        _laterals = [.. channels.Select((c, i) => Child($"lateral.{i}", new Conv2d(c, context, 1)))];
        _refine = [.. Enumerable.Range(0, 3).Select(i => Child($"refine.{i}", new Bottleneck(context, Scaled(64))))];
        _hourglasses =
        [
            .. Enumerable.Range(1, stacks - 1).Select(i => Child(
                $"hourglass.{i}", new Hourglass(context, Scaled(64), [channels[1], channels[2]]))),
        ];
        _head = Child("head", new Conv2d(context, points, 1));

        int Scaled(int c) => Math.Max(8, (int)Math.Round(c * width / 8) * 8);
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
        foreach (var hourglass in _hourglasses)
            top = hourglass.Forward(top);
        return _head.Forward(top);
    }

    /// <summary>
    /// Draws first weights. The added hourglasses begin as identities: what the trunk finds stays found.
    /// </summary>
    public void Initialise(Random random)
    {
        Torch.Initialise.HeNormal(this, random);
        foreach (var hourglass in _hourglasses)
            hourglass.BeAsIdentity();
    }

    /// <summary>Soft-argmax: the mean position under the softmax of each map.</summary>
    /// <param name="logits">(N, P, G, G).</param>
    /// <returns>(N, P, 2), x and y in network units: the crop spans [-1, 1], pixel = ((u + 1) S - 1) / 2.</returns>
    public Tensor Decode(Tensor logits)
    {
        var (x, y) = Cells(logits);
        return Maps(logits).Matmul(Tensor.Cat([x, y], 1));
    }

    /// <summary>Mean position and spread under the softmax of each map.</summary>
    /// <param name="logits">(N, P, G, G).</param>
    /// <returns>Landmarks as <see cref="Decode"/>; spread (N, P, 3): variance of x, covariance, variance of y, network
    /// units squared.</returns>
    public (Tensor Landmarks, Tensor Spread) DecodeWithSpread(Tensor logits)
    {
        // All five moments in one product: maps many times over took a thirtieth of the whole network's time.
        var (x, y) = Cells(logits);
        var moments = Maps(logits).Matmul(Tensor.Cat([x, y, x * x, x * y, y * y], 1));
        var mean = moments.Slice(2, 0, 2);
        var (meanX, meanY) = (moments.Slice(2, 0, 1), moments.Slice(2, 1, 2));
        var spread = moments.Slice(2, 2, 5) - Tensor.Cat([meanX * meanX, meanX * meanY, meanY * meanY], 2);
        return (mean, spread);
    }

    /// <summary>Finds the points of crops: <see cref="Decode"/> of <see cref="Logits"/>.</summary>
    public Tensor Forward(Tensor images) => Decode(Logits(images));

    // (N, P, G * G), each summing to one.
    private Tensor Maps(Tensor logits) =>
        logits.Reshape(-1, Points, logits.Shape[2] * logits.Shape[3]).Softmax(2);

    /// <summary>Middles of a map's cells, row by row: x (G * G, 1) and y.</summary>
    private static (Tensor X, Tensor Y) Cells(Tensor logits)
    {
        var grid = logits.Shape[3];
        var centres = CellCentres(grid, logits.Device);
        return (
            centres.Unsqueeze(0).Expand(grid, grid).Reshape(grid * grid, 1),
            centres.Unsqueeze(1).Expand(grid, grid).Reshape(grid * grid, 1));
    }

    /// <summary>Middles of a row's cells in network units, (grid).</summary>
    internal static Tensor CellCentres(long grid, Device device) =>
        ((Tensor.Arange(0, grid, device: device) + 0.5) * (2.0 / grid)) - 1;
}
