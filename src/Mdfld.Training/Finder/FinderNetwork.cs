using Mdfld.Torch;

namespace Mdfld.Training.Finder;

/// <summary>
/// Finds faces in pictures of any size: bottleneck residual stages down to 1/32, a top-down path back to 1/8 (Lin et
/// al. 2017), and at the strides 8, 16 and 32 one 1x1 head that says for each cell whether a face's centre lies in it,
/// and the face's box and five points, without anchors (Tian et al. 2019).
/// </summary>
internal sealed class FinderNetwork : Module
{
    /// <summary>Channels of a head: score, box (dx, dy, log w, log h), five points (x, y).</summary>
    public const int Outputs = 1 + BoxNumbers + PointNumbers;

    public const int BoxNumbers = 4;
    public const int PointNumbers = 10;

    /// <summary>Pixels a cell of each map is wide and high.</summary>
    public static ReadOnlySpan<int> Strides => [8, 16, 32];

    // The share of cells that hold a face is about this; a fresh network says so (Lin et al. 2017, focal loss).
    private const double FirstScore = 0.01;

    private readonly ConvNormRelu[] _stem;
    private readonly Stage[] _stages;
    private readonly Conv2d[] _laterals;
    private readonly Bottleneck[] _refine;
    private readonly Conv2d[] _heads;

    public FinderNetwork()
    {
        const int Context = 64;
        int[] channels = [64, 96, 96];
        _stem =
        [
            Child("stem.0", new ConvNormRelu(Picture.Channels, 16, 3, 2)),
            Child("stem.1", new ConvNormRelu(16, 32, 3, 2)),
        ];
        _stages =
        [
            Child("stage.0", new Stage(32, channels[0], 2, shrink: true)),
            Child("stage.1", new Stage(channels[0], channels[1], 2, shrink: true)),
            Child("stage.2", new Stage(channels[1], channels[2], 1, shrink: true)),
        ];
        _laterals = [.. channels.Select((c, i) => Child($"lateral.{i}", new Conv2d(c, Context, 1)))];
        _refine = [.. channels.Select((_, i) => Child($"refine.{i}", new Bottleneck(Context, Context / 2)))];
        _heads = [.. channels.Select((_, i) => Child($"head.{i}", new Conv2d(Context, Outputs, 1)))];
    }

    /// <summary>Draws first weights.</summary>
    public void Initialise(Random random)
    {
        Torch.Initialise.HeNormal(this, random);
        using var noGrad = Autograd.NoGrad();
        foreach (var (name, parameter) in Parameters())
        {
            if (!name.StartsWith("head.", StringComparison.Ordinal))
                continue;
            // Small first answers: boxes of a cell, no face anywhere.
            if (parameter.Dimensions > 1)
                parameter.MulInPlace(0.1);
            else
                parameter.Overwrite<float>([(float)Math.Log(FirstScore / (1 - FirstScore)), .. new float[Outputs - 1]]);
        }
    }

    /// <summary>The maps of every stride, scores before their sigmoid.</summary>
    /// <param name="images">(N, 3, H, W), R, G, B, (byte - 127.5) / 127.5; H and W any multiples of 32.</param>
    /// <returns>(N, 15, H / stride, W / stride) each.</returns>
    public Tensor[] Forward(Tensor images)
    {
        var x = _stem[1].Forward(_stem[0].Forward(images));
        var levels = new Tensor[_stages.Length];
        for (var i = 0; i < levels.Length; i++)
            levels[i] = x = _stages[i].Forward(x);

        var maps = new Tensor[levels.Length];
        Tensor? above = null;
        for (var i = levels.Length - 1; i >= 0; i--)
        {
            var level = _laterals[i].Forward(levels[i]);
            if (above is not null)
                level += above.UpsampleNearest2d(level.Shape[2], level.Shape[3]);
            above = _refine[i].Forward(level);
            maps[i] = _heads[i].Forward(above);
        }
        return maps;
    }
}
