namespace Mdfld.Generation;

/// <summary>
/// A transformer over the pixels of feature maps (<c>Transformer2DModel</c> in diffusers; Rombach et al. 2022), added
/// to its input.
/// </summary>
internal sealed class SpatialTransformer : Module
{
    private const double Epsilon = 1e-6;

    private readonly GroupNorm _norm;
    private readonly PixelProjection _in;
    private readonly TransformerBlock _block;
    private readonly PixelProjection _out;

    public SpatialTransformer(EncoderConfig config, int channels, int heads)
    {
        _norm = Child("norm", new GroupNorm(config.NormNumGroups, channels, Epsilon));
        _in = Child("proj_in", new PixelProjection(channels, config.UseLinearProjection));
        _block = Child(
            "transformer_blocks.0",
            new TransformerBlock(channels, heads, config.CrossAttentionDim, config.UpcastAttention));
        _out = Child("proj_out", new PixelProjection(channels, config.UseLinearProjection));
    }

    /// <summary>(N, channels, h, w), same shape.</summary>
    public Tensor Forward(Tensor x, Tensor text)
    {
        using var scope = NewDisposeScope();
        var pixels = PixelList.From(_norm.Forward(x));
        pixels = _out.Forward(_block.Forward(_in.Forward(pixels), text));
        return (PixelList.ToMaps(pixels, x.shape) + x).MoveToOuterDisposeScope();
    }
}

/// <summary>
/// A linear layer over the channels of a list of pixels. Its weight is that of a 1x1 convolution unless the network
/// uses linear projections: the same numbers in another shape.
/// </summary>
internal sealed class PixelProjection : Module
{
    private readonly int _channels;

    public PixelProjection(int channels, bool linear)
    {
        _channels = channels;
        AddParameter("weight", empty(linear ? [channels, channels] : [channels, channels, 1, 1]));
        AddParameter("bias", zeros([channels]));
    }

    /// <summary>(N, P, channels), same shape.</summary>
    public Tensor Forward(Tensor pixels) => nn.functional.linear(pixels, this["weight"].reshape(_channels, _channels), this["bias"]);
}

/// <summary>Feature maps as lists of pixels and back.</summary>
internal static class PixelList
{
    /// <summary>(N, C, h, w) to (N, h w, C), without gaps.</summary>
    public static Tensor From(Tensor maps)
    {
        using var scope = NewDisposeScope();
        var shape = maps.shape;
        return maps.permute(0, 2, 3, 1).contiguous().reshape(shape[0], shape[2] * shape[3], shape[1])
            .MoveToOuterDisposeScope();
    }

    /// <summary>(N, h w, C) to the given (N, C, h, w).</summary>
    public static Tensor ToMaps(Tensor pixels, long[] shape) =>
        pixels.reshape(shape[0], shape[2], shape[3], shape[1]).permute(0, 3, 1, 2);
}
