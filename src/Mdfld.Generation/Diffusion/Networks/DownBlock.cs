namespace Mdfld.Generation;

/// <summary>
/// One level on the way down: residual blocks, each with a transformer where the level has them, then half the size
/// unless it is the last. What every one of these gives is kept for the way up.
/// </summary>
internal sealed class DownBlock : Module
{
    private readonly ResnetBlock[] _resnets;
    private readonly SpatialTransformer[]? _transformers;
    private readonly Downsample? _downsample;

    public DownBlock(EncoderConfig config, int level)
    {
        var channels = config.BlockOutChannels[level];
        var before = config.BlockOutChannels[Math.Max(level - 1, 0)];
        _resnets =
        [
            .. Enumerable.Range(0, config.LayersPerBlock).Select(i => Child($"resnets.{i}", new ResnetBlock(
                i == 0 ? before : channels, channels, config.NormNumGroups, config.NormEps, config.TimeWidth))),
        ];
        if (config.DownBlockTypes[level] == BlockTypes.CrossAttnDown)
        {
            _transformers =
            [
                .. Enumerable.Range(0, config.LayersPerBlock).Select(i => Child(
                    $"attentions.{i}", new SpatialTransformer(config, channels, config.Heads(level)))),
            ];
        }
        if (level < config.BlockOutChannels.Count - 1)
            _downsample = Child("downsamplers.0", new Downsample(channels, padAfter: false));
    }

    /// <summary>(N, before, h, w) to (N, channels, h / 2, w / 2); adds to <paramref name="skips"/>.</summary>
    public Tensor Forward(Tensor x, Tensor time, Tensor text, List<Tensor> skips)
    {
        for (var i = 0; i < _resnets.Length; i++)
        {
            x = _resnets[i].Forward(x, time);
            if (_transformers is not null)
                x = _transformers[i].Forward(x, text);
            skips.Add(x);
        }
        if (_downsample is not null)
        {
            x = _downsample.Forward(x);
            skips.Add(x);
        }
        return x;
    }
}
