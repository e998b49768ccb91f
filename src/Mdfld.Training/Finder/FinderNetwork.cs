namespace Mdfld.Training.Finder;

/// <summary>
/// Finds faces in pictures of any size: bottleneck residual stages down to 1/32, a top-down path back to 1/8 (Lin et
/// al. 2017), and at the strides 8, 16 and 32 one 1x1 head that says for each cell whether a face's centre lies in it,
/// and the face's box and five points, without anchors (Tian et al. 2019).
/// </summary>
internal sealed class FinderNetwork : Network
{
    /// <summary>Channels of a head: score, box (dx, dy, log w, log h), five points (x, y).</summary>
    public const int Outputs = 1 + BoxNumbers + PointNumbers;

    public const int BoxNumbers = 4;
    public const int PointNumbers = 10;

    /// <summary>Pixels a cell of each map is wide and high.</summary>
    public static ReadOnlySpan<int> Strides => [8, 16, 32];

    // The share of cells that hold a face is about this; a fresh network says so (Lin et al. 2017, focal loss).
    private const double FirstScore = 0.01;

    // Bottlenecks of the stages at 1/8, 1/16 and 1/32.
    private static ReadOnlySpan<int> BlockCounts => [2, 2, 1];

    public FinderNetwork()
    {
        const int Stem = 32, Context = 64;
        int[] channels = [64, 96, 96];
        this.ConvNorm("stem.0", Picture.Channels, 16, 3);
        this.ConvNorm("stem.1", 16, Stem, 3);
        for (var i = 0; i < channels.Length; i++)
            this.Stage($"stage.{i}", i == 0 ? Stem : channels[i - 1], channels[i], BlockCounts[i]);
        for (var i = 0; i < channels.Length; i++)
            Conv($"lateral.{i}", channels[i], Context);
        for (var i = 0; i < channels.Length; i++)
            this.Bottleneck($"refine.{i}", Context, Context / 2);
        for (var i = 0; i < channels.Length; i++)
            Conv($"head.{i}", Context, Outputs);
    }

    /// <summary>Draws first weights.</summary>
    public void Initialise(Random random)
    {
        WeightInitialisation.HeNormal(this, random);
        using var noGrad = no_grad();
        foreach (var (name, parameter) in Parameters())
        {
            if (!name.StartsWith("head.", StringComparison.Ordinal))
                continue;
            // Small first answers: boxes of a cell, no face anywhere.
            if (parameter.ndim > 1)
                parameter.mul_(0.1);
            else
                parameter.Overwrite<float>([(float)Math.Log(FirstScore / (1 - FirstScore)), .. new float[Outputs - 1]]);
        }
    }

    /// <summary>The maps of every stride, scores before their sigmoid.</summary>
    /// <param name="images">(N, 3, H, W), R, G, B, (byte - 127.5) / 127.5; H and W any multiples of 32.</param>
    /// <returns>(N, 15, H / stride, W / stride) each.</returns>
    public Tensor[] Forward(Tensor images) => Forward(Ops, images.ChannelsLast());

    /// <inheritdoc cref="Forward(Tensor)"/>
    public static T[] Forward<T>(IOps<T> f, T images) where T : class
    {
        var x = f.ConvNormRelu(f.ConvNormRelu(images, "stem.0", 2), "stem.1", 2);
        var levels = new T[Strides.Length];
        for (var i = 0; i < levels.Length; i++)
            levels[i] = x = f.Stage(x, $"stage.{i}", BlockCounts[i]);

        var maps = new T[levels.Length];
        T? above = null;
        for (var i = levels.Length - 1; i >= 0; i--)
        {
            var level = f.Conv(levels[i], $"lateral.{i}");
            if (above is not null)
                level = f.Add(level, f.Upsample(above));
            above = f.Bottleneck(level, $"refine.{i}");
            maps[i] = f.Conv(above, $"head.{i}");
        }
        return maps;
    }

    /// <summary>For each stride the score as a probability, the box and the points.</summary>
    internal override IReadOnlyList<(string Name, T Value)> Predict<T>(IOps<T> f, T images)
    {
        var outputs = new List<(string Name, T Value)>();
        foreach (var (i, map) in Forward(f, images).Index())
        {
            outputs.Add(($"score_{Strides[i]}", f.Sigmoid(f.Slice(map, 1, 0, 1))));
            outputs.Add(($"box_{Strides[i]}", f.Slice(map, 1, 1, 1 + BoxNumbers)));
            outputs.Add(($"points_{Strides[i]}", f.Slice(map, 1, 1 + BoxNumbers, Outputs)));
        }
        return outputs;
    }
}
