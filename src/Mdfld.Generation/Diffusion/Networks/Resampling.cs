namespace Mdfld.Generation;

/// <summary>Half the size, by a 3x3 convolution of stride 2.</summary>
internal sealed class Downsample : Module
{
    private readonly Conv2d _conv;
    private readonly bool _padAfter;

    /// <param name="channels">Channels in and out.</param>
    /// <param name="padAfter">Zeros only right and below, as in the autoencoder, rather than all around.</param>
    public Downsample(int channels, bool padAfter)
    {
        _padAfter = padAfter;
        _conv = Child(
            "conv", new Conv2d(channels, channels, 3, stride: 2, padding: padAfter ? 0 : 1));
    }

    /// <summary>(N, C, h, w) to about half of both.</summary>
    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return _conv.Forward(_padAfter ? pad(x, (0, 1, 0, 1)) : x).MoveToOuterDisposeScope();
    }
}

/// <summary>A larger size by repeating pixels, then a 3x3 convolution.</summary>
internal sealed class Upsample : Module
{
    private readonly Conv2d _conv;

    public Upsample(int channels) => _conv = Child("conv", new Conv2d(channels, channels, 3));

    /// <summary>(N, C, h, w) to (N, C, height, width).</summary>
    public Tensor Forward(Tensor x, long height, long width)
    {
        using var scope = NewDisposeScope();
        return _conv.Forward(upsample_nearest2d(x, [height, width])).MoveToOuterDisposeScope();
    }
}
