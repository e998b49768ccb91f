namespace Mdfld.Training;

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
    private static ReadOnlySpan<int> BlockCounts => [3, 3, 2];

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
            if (IsGrown(name) && name.EndsWith(".expand.norm.weight", StringComparison.Ordinal))
                parameter.zero_();
            if (!name.StartsWith("head.", StringComparison.Ordinal))
                continue;
            // Small first answers: boxes of a cell, no face anywhere.
            if (parameter.ndim > 1)
                parameter.mul_(0.1);
            else
                parameter.Overwrite<float>([(float)Math.Log(FirstScore / (1 - FirstScore)), .. new float[Outputs - 1]]);
        }
    }

    /// <summary>
    /// Whether a tensor belongs to the last block of a stage. Its branch begins at 0: so a smaller network's weights go
    /// on as the same function.
    /// </summary>
    public static bool IsGrown(string name)
    {
        for (var i = 0; i < BlockCounts.Length; i++)
        {
            if (name.StartsWith($"stage.{i}.block.{BlockCounts[i] - 1}.", StringComparison.Ordinal))
                return true;
        }
        return false;
    }

    /// <summary>The maps of every stride, scores before their sigmoid.</summary>
    /// <param name="images">(N, 3, H, W), R, G, B, (byte - 127.5) / 127.5; H and W any multiples of 32.</param>
    /// <returns>(N, 15, H / stride, W / stride) each.</returns>
    public Tensor[] Forward(Tensor images) =>
        [.. Forward(Ops, images.ChannelsLast()).Select(m => m.to(ElementType))];

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

/// <summary>
/// The loss of the maps: focal loss of the scores with weakened negatives round the centres (Zhou et al. 2019), and
/// absolute errors of boxes and points in shares of the face's size, all by the number of faces.
/// </summary>
/// <param name="BoxWeight">Weight of the boxes.</param>
/// <param name="PointWeight">Weight of the five points.</param>
internal sealed record FinderLoss(double BoxWeight = 2, double PointWeight = 2)
{
    /// <summary>The loss of a batch, a scalar.</summary>
    /// <param name="maps">Of each stride (N, 15, h, w), as <see cref="FinderNetwork.Forward"/> gives them.</param>
    /// <param name="targets">Of each stride (N, 19, h, w), see <see cref="FinderTargets"/>.</param>
    public Tensor Forward(IReadOnlyList<Tensor> maps, IReadOnlyList<Tensor> targets)
    {
        Tensor? score = null, box = null, points = null, faces = null, weight = null, known = null;
        for (var i = 0; i < maps.Count; i++)
        {
            var (map, target) = (maps[i], targets[i]);
            var (positive, size) = (Part(FinderTargetChannels.Positive), Part(FinderTargetChannels.SizeWeight));
            var point = Part(FinderTargetChannels.PointWeight);
            score = Sum(score, Focal(map.slice(1, 0, 1, 1), positive, Part(FinderTargetChannels.NegativeWeight)));
            var error = (map.slice(1, 1, FinderNetwork.Outputs, 1)
                - target.slice(1, FinderTargetChannels.Box, FinderTargetChannels.Count, 1)).abs();
            box = Sum(box, (
                (error.slice(1, 0, 2, 1) * Part(FinderTargetChannels.PositionWeight))
                + (error.slice(1, 2, 4, 1) * size)).sum());
            points = Sum(points, (error.slice(1, 4, 14, 1) * point).sum());
            faces = Sum(faces, positive.sum());
            weight = Sum(weight, size.sum());
            known = Sum(known, (size * point.gt(0).to(ScalarType.Float32)).sum());

            Tensor Part(int channel) => target.slice(1, channel, channel + 1, 1);
        }
        // Four numbers a box, ten a face's points; pictures without a face must not divide by nothing.
        return (score! / (faces! + 1))
            + (box! / ((weight! * 4) + 1) * BoxWeight)
            + (points! / ((known! * 10) + 1) * PointWeight);
    }

    private static Tensor Focal(Tensor logits, Tensor positive, Tensor negativeWeight)
    {
        var p = logits.sigmoid();
        var missed = (1 - p) * (1 - p) * logits.log_sigmoid() * positive;
        var invented = p * p * (-logits).log_sigmoid() * negativeWeight;
        return -(missed + invented).sum();
    }

    private static Tensor Sum(Tensor? sum, Tensor more) => sum is null ? more : sum + more;
}

/// <summary>Channels of a target map, see <see cref="FinderTargets"/>.</summary>
internal static class FinderTargetChannels
{
    public const int Positive = 0;
    public const int NegativeWeight = 1;
    public const int PositionWeight = 2;
    public const int SizeWeight = 3;
    public const int PointWeight = 4;
    public const int Box = 5;
    public const int Points = Box + FinderNetwork.BoxNumbers;
    public const int Count = Points + FinderNetwork.PointNumbers;
}
