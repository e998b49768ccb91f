using Mdfld.Torch;

namespace Mdfld.Training.Star;

/// <summary>
/// Recursive hourglass (Newell et al., ECCV 2016): a residual block at this resolution plus, enlarged again, everything
/// done at half of it. The outermost one starts with a coordinate convolution.
/// </summary>
internal sealed class StarHourglass : Module
{
    private readonly CoordinateConv? _coordinates;
    private readonly ResidualBlock _up1;
    private readonly ResidualBlock _low1;
    private readonly StarHourglass? _inner;
    private readonly ResidualBlock? _innermost;
    private readonly ResidualBlock _low3;

    private StarHourglass(int levels, int channels, CoordinateConv? coordinates)
    {
        _coordinates = coordinates is null ? null : Child("coordconv", coordinates);
        _up1 = Child("up1", new ResidualBlock(channels, channels));
        _low1 = Child("low1", new ResidualBlock(channels, channels));
        if (levels > 1)
            _inner = Child("low2", new StarHourglass(levels - 1, channels, coordinates: null));
        else
            _innermost = Child("low2", new ResidualBlock(channels, channels));
        _low3 = Child("low3", new ResidualBlock(channels, channels));
    }

    /// <summary>Hourglass number <paramref name="stack"/>; all but the first see the previous heat maps.</summary>
    public static StarHourglass ForStack(int stack, int levels, int channels) =>
        new(levels, channels, new CoordinateConv(channels, channels, masked: stack > 0));

    public Tensor Forward(Tensor x, Tensor? heatmaps = null)
    {
        if (_coordinates is not null)
            x = _coordinates.Forward(x, heatmaps);
        var low = _low1.Forward(x.MaxPool2d(2, stride: 2));
        low = _inner is not null ? _inner.Forward(low) : _innermost!.Forward(low);
        low = _low3.Forward(low);
        return _up1.Forward(x) + low.UpsampleNearest2d(x.Shape[2], x.Shape[3]);
    }
}
