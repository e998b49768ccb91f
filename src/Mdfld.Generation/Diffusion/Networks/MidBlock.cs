namespace Mdfld.Generation;

/// <summary>
/// The middle of the UNet: a transformer between two residual blocks (<c>UNetMidBlock2DCrossAttn</c>).
/// </summary>
internal sealed class MidBlock : Module
{
    private readonly ResnetBlock _first;
    private readonly SpatialTransformer _transformer;
    private readonly ResnetBlock _second;

    public MidBlock(EncoderConfig config)
    {
        var level = config.BlockOutChannels.Count - 1;
        var channels = config.BlockOutChannels[level];
        _first = Child("resnets.0", Resnet());
        _transformer = Child(
            "attentions.0", new SpatialTransformer(config, channels, config.Heads(level)));
        _second = Child("resnets.1", Resnet());

        ResnetBlock Resnet() => new(channels, channels, config.NormNumGroups, config.NormEps, config.TimeWidth);
    }

    /// <summary>(N, channels, h, w), same shape.</summary>
    public Tensor Forward(Tensor x, Tensor time, Tensor text)
    {
        using var scope = NewDisposeScope();
        return _second.Forward(_transformer.Forward(_first.Forward(x, time), text), time).MoveToOuterDisposeScope();
    }
}
