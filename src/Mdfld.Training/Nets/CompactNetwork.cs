using System.Collections.Immutable;

namespace Mdfld.Training;

/// <summary>
/// The default model's network: bottleneck residual stages from 1/4 down to 1/32 of the crop, a top-down path back to
/// 1/4 (He et al. 2016; Lin et al. 2017), as many further hourglasses as wanted on the result (Newell et al. 2016), one
/// heat map a point, and soft-argmax over each (integral regression, Sun et al. 2018).
/// </summary>
public sealed class CompactNetwork : Network
{
    private const int HourglassHalvings = 2;

    // Bottlenecks of the stages at 1/4, 1/8, 1/16 and 1/32.
    private static ReadOnlySpan<int> BlockCounts => [1, 2, 2, 2];

    private readonly int _stacks;

    /// <param name="width">Multiplies all channels: 1 for the default model, less for a smaller and faster one.</param>
    /// <param name="stacks">Hourglasses: the first is the network's trunk, the others refine its features.</param>
    /// <exception cref="ArgumentOutOfRangeException">Width not in [1/8, 4], or stacks not in [1, 8].</exception>
    public CompactNetwork(int points, double width = 1, int stacks = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stacks, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(stacks, 8);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 0.125);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, 4);
        (Points, _stacks) = (points, stacks);
        int[] channels = [Scaled(64), Scaled(128), Scaled(192), Scaled(256)];
        var (context, inner) = (Scaled(96), Scaled(64));
        this.ConvNorm("stem.0", Picture.Channels, Scaled(24), 3);
        this.ConvNorm("stem.1", Scaled(24), channels[0], 3);
        for (var i = 0; i < channels.Length; i++)
            this.Stage($"stage.{i}", channels[Math.Max(i - 1, 0)], channels[i], BlockCounts[i], shrink: i > 0);
        for (var i = 0; i < channels.Length; i++)
            Conv($"lateral.{i}", channels[i], context);
        for (var i = 0; i < channels.Length - 1; i++)
            this.Bottleneck($"refine.{i}", context, inner);
        for (var i = 1; i < stacks; i++)
            this.Hourglass($"hourglass.{i}", context, inner, channels[1..(1 + HourglassHalvings)]);
        Conv("head", context, points);

        int Scaled(int c) => Math.Max(8, (int)Math.Round(c * width / 8) * 8);
    }

    /// <summary>Landmarks found.</summary>
    public int Points { get; }

    /// <summary>The heat maps before their softmax.</summary>
    /// <param name="images">(N, 3, S, S), R, G, B, (byte - 127.5) / 127.5; S any multiple of 32.</param>
    /// <returns>(N, P, S / 4, S / 4).</returns>
    public Tensor Logits(Tensor images) => Logits(Ops, images.ChannelsLast()).to(ElementType);

    /// <summary>What its top-down path has at a sixteenth of the picture's size: what faces are made of, and where.</summary>
    /// <param name="images">As of <see cref="Logits(Tensor)"/>.</param>
    /// <returns>(N, C, S / 16, S / 16), never negative.</returns>
    public Tensor Features(Tensor images)
    {
        var levels = WayDown(Ops, images.ChannelsLast());
        return WayUp(Ops, levels, level: 2).to(ElementType);
    }

    /// <inheritdoc cref="Logits(Tensor)"/>
    internal T Logits<T>(IOps<T> f, T images) where T : class
    {
        var top = WayUp(f, WayDown(f, images), level: 0);
        for (var i = 1; i < _stacks; i++)
            top = f.Hourglass(top, $"hourglass.{i}", HourglassHalvings);
        return f.Conv(top, "head");
    }

    private static T[] WayDown<T>(IOps<T> f, T images) where T : class
    {
        var x = f.ConvNormRelu(f.ConvNormRelu(images, "stem.0", 2), "stem.1", 2);
        var levels = new T[BlockCounts.Length];
        for (var i = 0; i < levels.Length; i++)
            levels[i] = x = f.Stage(x, $"stage.{i}", BlockCounts[i], shrink: i > 0);
        return levels;
    }

    /// <summary>From the coarsest level up to the given one, 0 being a quarter of the picture's size.</summary>
    private static T WayUp<T>(IOps<T> f, T[] levels, int level) where T : class
    {
        var top = f.Conv(levels[^1], $"lateral.{levels.Length - 1}");
        for (var i = levels.Length - 2; i >= level; i--)
            top = f.Bottleneck(f.Add(f.Conv(levels[i], $"lateral.{i}"), f.Upsample(top)), $"refine.{i}");
        return top;
    }

    /// <summary>Draws first weights. The added hourglasses begin as identities.</summary>
    public void Initialise(Random random)
    {
        WeightInitialisation.HeNormal(this, random);
        // An hourglass whose last convolution is zero gives back what it gets, which is never negative.
        for (var i = 1; i < _stacks; i++)
            WeightInitialisation.Zero(this, $"hourglass.{i}.out");
    }

    /// <summary>Soft-argmax: the mean position under the softmax of each map.</summary>
    /// <param name="logits">(N, P, G, G).</param>
    /// <returns>(N, P, 2), x and y in network units: the crop spans [-1, 1], pixel = ((u + 1) S - 1) / 2.</returns>
    public Tensor Decode(Tensor logits) => Ops.MatMul(Maps(Ops, logits), Moments(Ops, logits, 2));

    /// <summary>
    /// Landmarks as <see cref="Decode"/>, and the spread under the softmax of each map, (N, P, 3): variance of x,
    /// covariance, variance of y, network units squared.
    /// </summary>
    internal (T Landmarks, T Spread) DecodeWithSpread<T>(IOps<T> f, T logits) where T : class
    {
        // All five moments in one product: five passes over the maps took a thirtieth of the network's time.
        var moments = f.MatMul(Maps(f, logits), Moments(f, logits, 5));
        var (x, y) = (f.Slice(moments, 2, 0, 1), f.Slice(moments, 2, 1, 2));
        var squares = f.Concat(2, f.Mul(x, x), f.Mul(x, y), f.Mul(y, y));
        return (f.Slice(moments, 2, 0, 2), f.Sub(f.Slice(moments, 2, 2, 5), squares));
    }

    /// <summary>Finds the points of crops: <see cref="Decode"/> of <see cref="Logits(Tensor)"/>.</summary>
    public Tensor Forward(Tensor images) => Decode(Logits(images));

    internal override IReadOnlyList<(string Name, T Value)> Predict<T>(IOps<T> f, T images)
    {
        var (landmarks, spread) = DecodeWithSpread(f, Logits(f, images));
        return [("landmarks", landmarks), ("spread", spread)];
    }

    // (N, P, G * G), each summing to one.
    private T Maps<T>(IOps<T> f, T logits) where T : class
    {
        var grid = f.Shape(logits)[3];
        return f.Softmax(f.Reshape(logits, -1, Points, grid * grid));
    }

    /// <summary>For each cell, row by row, the first of x, y, x x, x y, y y of its middle: (G * G, count).</summary>
    private static T Moments<T>(IOps<T> f, T logits, int count) where T : class
    {
        var centres = CellCentres((int)f.Shape(logits)[3]);
        var values = centres.SelectMany(y => centres.SelectMany(
            x => new double[] { x, y, x * x, x * y, y * y }.Take(count)));
        return f.Constant(logits, [.. values], centres.Length * centres.Length, count);
    }

    /// <summary>Middles of a row's cells in network units.</summary>
    internal static float[] CellCentres(int grid) =>
        [.. Enumerable.Range(0, grid).Select(i => ((i + 0.5f) * (float)(2.0 / grid)) - 1)];
}

/// <summary>
/// The compact network's loss: the wing loss (Feng et al. 2018) of the coordinates in % of the crop, plus
/// the cross entropy between each heat map and a Gaussian round the true point, which gives every cell a gradient long
/// before soft-argmax finds the point (compare Nibali et al. 2018).
/// </summary>
public sealed record CompactLoss
{
    /// <summary>Wing loss: the error in % of the crop from which it grows linearly.</summary>
    public double WingWidth { get; init; } = 6;

    /// <summary>Wing loss: curvature near zero, % of the crop.</summary>
    public double WingEpsilon { get; init; } = 1;

    /// <summary>Weight of the heat maps' cross entropy.</summary>
    public double MapWeight { get; init; } = 1;

    /// <summary>Spread of the Gaussian, cells of the heat map.</summary>
    public double MapSigma { get; init; } = 1;

    /// <summary>
    /// How much of an error along the outline of the jaw counts: annotators agree on the outline, not on where on it
    /// a point lies. 1 all of it.
    /// </summary>
    public double JawTangentWeight { get; init; } = 1;

    /// <summary>The mean loss of a batch, a scalar.</summary>
    /// <param name="logits">(N, P, G, G) from <see cref="CompactNetwork.Logits"/>.</param>
    /// <param name="landmarks">True points (N, P, 2) of <paramref name="scheme"/>, network units.</param>
    /// <param name="weights">How much each point counts, (N, P); their sum does not change how much a batch counts.</param>
    public Tensor Forward(
        CompactNetwork network, Tensor logits, Tensor landmarks, Tensor weights, LandmarkScheme scheme)
    {
        // Half the crop is one network unit.
        var error = (network.Decode(logits) - landmarks) * 50;
        if (JawTangentWeight < 1 && scheme.Contours.FirstOrDefault(c => c.Name == "jaw") is { } jaw)
            error -= AlongContour(error, landmarks, jaw.Indices) * (1 - JawTangentWeight);
        error = error.abs();
        var constant = WingWidth - (WingWidth * Math.Log(1 + (WingWidth / WingEpsilon)));
        var near = (error / WingEpsilon).log1p() * WingWidth;
        var wing = where(error.lt(WingWidth), near, error - constant).mean([2]);
        var point = wing + (CrossEntropy(logits, landmarks) * MapWeight);
        return (point * weights).sum() / weights.sum().clamp_min(1);
    }

    /// <summary>The part of each error that lies along an open contour, (N, P, 2); 0 for points outside it.</summary>
    private static Tensor AlongContour(Tensor error, Tensor landmarks, ImmutableArray<int> contour)
    {
        long[] before = [.. Enumerable.Range(0, (int)landmarks.shape[1])], after = [.. before];
        for (var i = 0; i < contour.Length; i++)
        {
            before[contour[i]] = contour[Math.Max(i - 1, 0)];
            after[contour[i]] = contour[Math.Min(i + 1, contour.Length - 1)];
        }
        var chord = At(after) - At(before);
        var tangent = chord / chord.norm(2, keepdim: true).clamp_min(1e-6);
        return tangent * (error * tangent).sum([2], keepdim: true);

        Tensor At(long[] points) =>
            landmarks.index_select(1, Tensor.From<long>(points, points.Length).to(landmarks.device));
    }

    /// <summary>Of each point, (N, P).</summary>
    private Tensor CrossEntropy(Tensor logits, Tensor landmarks)
    {
        var (points, grid) = (logits.shape[1], logits.shape[3]);
        var target = Gaussian(landmarks, points, grid);
        var log = logits.reshape(-1, points, grid * grid).log_softmax(2);
        return -(target * log).sum([2]);
    }

    /// <summary>Normalised Gaussians on the cells, (N, P, G * G); they carry no gradient.</summary>
    private Tensor Gaussian(Tensor landmarks, long points, long grid)
    {
        using var noGrad = no_grad();
        var centres = Tensor.From<float>(CompactNetwork.CellCentres((int)grid), grid).to(landmarks.device);
        var perUnit = grid / 2.0 / MapSigma;
        // A point outside the crop pulls to the border next to it.
        var inside = landmarks.clamp(-1, 1);
        var x = Profile(inside.slice(2, 0, 1, 1)).unsqueeze(2);
        var y = Profile(inside.slice(2, 1, 2, 1)).unsqueeze(3);
        return (x * y).reshape(-1, points, grid * grid);

        Tensor Profile(Tensor position)
        {
            var distance = (centres - position) * perUnit;
            var bell = (distance * distance * -0.5).exp();
            return bell / bell.sum([2], keepdim: true);
        }
    }
}
