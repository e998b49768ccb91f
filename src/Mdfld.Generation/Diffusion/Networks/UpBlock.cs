namespace Mdfld.Generation;

/// <summary>
/// One level on the way up: residual blocks, each taking what the way down kept last, with a transformer where the
/// level has them; then the size of the next level unless it is the last.
/// </summary>
internal sealed class UpBlock : Module
{
    private readonly ResnetBlock[] _resnets;
    private readonly SpatialTransformer[]? _transformers;
    private readonly Upsample? _upsample;

    /// <param name="config">Options of the UNet.</param>
    /// <param name="step">0 for the coarsest level.</param>
    public UpBlock(UNetConfig config, int step)
    {
        var channels = config.BlockOutChannels;
        var level = channels.Count - 1 - step;
        var (own, before) = (channels[level], channels[Math.Min(level + 1, channels.Count - 1)]);
        var finer = channels[Math.Max(level - 1, 0)];
        var layers = config.LayersPerBlock + 1;
        _resnets =
        [
            .. Enumerable.Range(0, layers).Select(i => Child($"resnets.{i}", new ResnetBlock(
                (i == 0 ? before : own) + (i == layers - 1 ? finer : own), own, config.NormNumGroups, config.NormEps,
                config.TimeWidth))),
        ];
        if (config.UpBlockTypes[step] == BlockTypes.CrossAttnUp)
        {
            _transformers =
            [
                .. Enumerable.Range(0, layers).Select(i => Child(
                    $"attentions.{i}", new SpatialTransformer(config, own, config.Heads(level)))),
            ];
        }
        if (level > 0)
            _upsample = Child("upsamplers.0", new Upsample(own));
    }

    /// <summary>
    /// Takes its skips from the end of <paramref name="skips"/>; gives the size of the next one left there.
    /// </summary>
    public Tensor Forward(Tensor x, Tensor time, Tensor text, List<Tensor> skips)
    {
        using var scope = NewDisposeScope();
        for (var i = 0; i < _resnets.Length; i++)
        {
            x = _resnets[i].Forward(cat([x, skips[^1]], 1), time);
            skips.RemoveAt(skips.Count - 1);
            if (_transformers is not null)
                x = _transformers[i].Forward(x, text);
        }
        if (_upsample is not null)
        {
            var next = skips[^1].shape;
            x = _upsample.Forward(x, next[2], next[3]);
        }
        return x.MoveToOuterDisposeScope();
    }
}
