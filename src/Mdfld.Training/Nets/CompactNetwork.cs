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
    public Tensor Logits(Tensor images) => Logits(Ops, images.ChannelsLast());

    /// <inheritdoc cref="Logits(Tensor)"/>
    internal T Logits<T>(IOps<T> f, T images) where T : class
    {
        var x = f.ConvNormRelu(f.ConvNormRelu(images, "stem.0", 2), "stem.1", 2);
        var levels = new T[BlockCounts.Length];
        for (var i = 0; i < levels.Length; i++)
            levels[i] = x = f.Stage(x, $"stage.{i}", BlockCounts[i], shrink: i > 0);

        var top = f.Conv(levels[^1], $"lateral.{levels.Length - 1}");
        for (var i = levels.Length - 2; i >= 0; i--)
            top = f.Bottleneck(f.Add(f.Conv(levels[i], $"lateral.{i}"), f.Upsample(top)), $"refine.{i}");
        for (var i = 1; i < _stacks; i++)
            top = f.Hourglass(top, $"hourglass.{i}", HourglassHalvings);
        return f.Conv(top, "head");
    }

    /// <summary>
    /// Draws first weights. The added hourglasses begin as identities: what the trunk finds stays found.
    /// </summary>
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

    /// <summary>Mean position and spread under the softmax of each map.</summary>
    /// <param name="logits">(N, P, G, G).</param>
    /// <returns>Landmarks as <see cref="Decode"/>; spread (N, P, 3): variance of x, covariance, variance of y, network
    /// units squared.</returns>
    public (Tensor Landmarks, Tensor Spread) DecodeWithSpread(Tensor logits) => DecodeWithSpread(Ops, logits);

    /// <inheritdoc cref="DecodeWithSpread(Tensor)"/>
    internal (T Landmarks, T Spread) DecodeWithSpread<T>(IOps<T> f, T logits) where T : class
    {
        // All five moments in one product: maps many times over took a thirtieth of the whole network's time.
        var moments = f.MatMul(Maps(f, logits), Moments(f, logits, 5));
        var (x, y) = (f.Slice(moments, 2, 0, 1), f.Slice(moments, 2, 1, 2));
        var squares = f.Concat(2, f.Mul(x, x), f.Mul(x, y), f.Mul(y, y));
        return (f.Slice(moments, 2, 0, 2), f.Sub(f.Slice(moments, 2, 2, 5), squares));
    }

    /// <summary>Finds the points of crops: <see cref="Decode"/> of <see cref="Logits(Tensor)"/>.</summary>
    public Tensor Forward(Tensor images) => Decode(Logits(images));

    /// <inheritdoc/>
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
