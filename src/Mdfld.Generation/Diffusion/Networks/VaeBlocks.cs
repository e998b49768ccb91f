namespace Mdfld.Generation;

/// <summary>Residual blocks at one size; then half of it, unless it is the encoder's last level.</summary>
internal sealed class VaeDownBlock : Module
{
    private readonly ResnetBlock[] _resnets;
    private readonly Downsample? _downsample;

    public VaeDownBlock(AutoencoderConfig config, int level)
    {
        var channels = config.BlockOutChannels;
        _resnets =
        [
            .. Enumerable.Range(0, config.LayersPerBlock).Select(i => Child($"resnets.{i}", new ResnetBlock(
                channels[i == 0 ? Math.Max(level - 1, 0) : level], channels[level], config.NormNumGroups,
                VaeMidBlock.Epsilon))),
        ];
        if (level < channels.Count - 1)
            _downsample = Child("downsamplers.0", new Downsample(channels[level], padAfter: true));
    }

    /// <summary>(N, before, h, w) to (N, channels, h / 2, w / 2).</summary>
    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        foreach (var block in _resnets)
            x = block.Forward(x);
        return (_downsample?.Forward(x) ?? x).MoveToOuterDisposeScope();
    }
}

/// <summary>Residual blocks at one size; then twice of it, unless it is the decoder's last level.</summary>
internal sealed class VaeUpBlock : Module
{
    private readonly ResnetBlock[] _resnets;
    private readonly Upsample? _upsample;

    /// <param name="config">Options of the autoencoder.</param>
    /// <param name="step">0 for the coarsest level.</param>
    public VaeUpBlock(AutoencoderConfig config, int step)
    {
        var channels = config.BlockOutChannels;
        var level = channels.Count - 1 - step;
        var before = Math.Min(level + 1, channels.Count - 1);
        _resnets =
        [
            .. Enumerable.Range(0, config.LayersPerBlock + 1).Select(i => Child($"resnets.{i}", new ResnetBlock(
                channels[i == 0 ? before : level], channels[level], config.NormNumGroups, VaeMidBlock.Epsilon))),
        ];
        if (level > 0)
            _upsample = Child("upsamplers.0", new Upsample(channels[level]));
    }

    /// <summary>(N, before, h, w) to (N, channels, 2 h, 2 w).</summary>
    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        foreach (var block in _resnets)
            x = block.Forward(x);
        return (_upsample?.Forward(x, 2 * x.shape[2], 2 * x.shape[3]) ?? x).MoveToOuterDisposeScope();
    }
}

/// <summary>The middle of encoder and decoder: attention between two residual blocks.</summary>
internal sealed class VaeMidBlock : Module
{
    /// <summary>Added to the variance in every norm of the autoencoder.</summary>
    public const double Epsilon = 1e-6;

    private readonly ResnetBlock _first;
    private readonly VaeAttention _attention;
    private readonly ResnetBlock _second;

    public VaeMidBlock(AutoencoderConfig config)
    {
        var channels = config.BlockOutChannels[^1];
        _first = Child("resnets.0", new ResnetBlock(channels, channels, config.NormNumGroups, Epsilon));
        _attention = Child("attentions.0", new VaeAttention(channels, config.NormNumGroups, Epsilon));
        _second = Child("resnets.1", new ResnetBlock(channels, channels, config.NormNumGroups, Epsilon));
    }

    /// <summary>(N, channels, h, w), same shape.</summary>
    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return _second.Forward(_attention.Forward(_first.Forward(x))).MoveToOuterDisposeScope();
    }
}
