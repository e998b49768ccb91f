namespace Mdfld.Generation;

/// <summary>softmax(Q K^T / sqrt(d)) V over several heads (Vaswani et al. 2017), by libtorch's fused operator.</summary>
internal static class DotProductAttention
{
    /// <summary>
    /// Attends. (N, Q, C), (N, K, C), (N, K, C) to (N, Q, C), the channels split into heads; causal positions see only
    /// themselves and those before; upcast weights are computed in float32.
    /// </summary>
    /// <returns>(N, Q, C).</returns>
    public static Tensor Attend(
        Tensor query, Tensor key, Tensor value, int heads, bool causal = false, bool upcast = false)
    {
        using var scope = NewDisposeScope();
        var attended = scaled_dot_product_attention(Split(query), Split(key), Split(value), is_casual: causal);
        return attended.transpose(1, 2).reshape(query.shape).to(value.dtype).MoveToOuterDisposeScope();

        Tensor Split(Tensor x)
        {
            var shape = x.shape;
            x = upcast ? x.to(ScalarType.Float32) : x;
            return x.reshape(shape[0], shape[1], heads, shape[2] / heads).transpose(1, 2);
        }
    }
}

/// <summary>Attention to itself or to a context: <c>to_q</c>, <c>to_k</c>, <c>to_v</c>, <c>to_out.0</c>.</summary>
internal sealed class Attention : Module
{
    private readonly Linear _query, _key, _value, _out;
    private readonly int _heads;
    private readonly bool _upcast;

    public Attention(int channels, int contextWidth, int heads, bool upcast)
    {
        (_heads, _upcast) = (heads, upcast);
        _query = Child("to_q", new Linear(channels, channels, bias: false));
        _key = Child("to_k", new Linear(contextWidth, channels, bias: false));
        _value = Child("to_v", new Linear(contextWidth, channels, bias: false));
        _out = Child("to_out.0", new Linear(channels, channels));
    }

    /// <summary>(N, P, channels) attends to (N, L, contextWidth), or to itself; same shape.</summary>
    public Tensor Forward(Tensor x, Tensor? context = null)
    {
        using var scope = NewDisposeScope();
        context ??= x;
        var attended = DotProductAttention.Attend(
            _query.Forward(x), _key.Forward(context), _value.Forward(context), _heads, upcast: _upcast);
        return _out.Forward(attended).MoveToOuterDisposeScope();
    }
}

/// <summary>Two linear layers with a gated GELU between (GEGLU, Shazeer 2020): value times gelu(gate).</summary>
internal sealed class FeedForward : Module
{
    private const int Expansion = 4;

    private readonly Linear _project, _out;

    public FeedForward(int channels)
    {
        _project = Child("net.0.proj", new Linear(channels, 2 * Expansion * channels));
        _out = Child("net.2", new Linear(Expansion * channels, channels));
    }

    /// <summary>(N, P, channels), same shape.</summary>
    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var halves = _project.Forward(x).chunk(2, -1);
        return _out.Forward(halves[0] * halves[1].gelu()).MoveToOuterDisposeScope();
    }
}

/// <summary>Self-attention, cross-attention to the text, feed-forward: each normed before and added after.</summary>
internal sealed class TransformerBlock : Module
{
    private readonly LayerNorm _norm1, _norm2, _norm3;
    private readonly Attention _self, _cross;
    private readonly FeedForward _feedForward;

    public TransformerBlock(int channels, int heads, int textWidth, bool upcast)
    {
        _norm1 = Child("norm1", new LayerNorm(channels));
        _self = Child("attn1", new Attention(channels, channels, heads, upcast));
        _norm2 = Child("norm2", new LayerNorm(channels));
        _cross = Child("attn2", new Attention(channels, textWidth, heads, upcast));
        _norm3 = Child("norm3", new LayerNorm(channels));
        _feedForward = Child("ff", new FeedForward(channels));
    }

    /// <summary>(N, P, channels), same shape.</summary>
    public Tensor Forward(Tensor x, Tensor text)
    {
        using var scope = NewDisposeScope();
        x = _self.Forward(_norm1.Forward(x)) + x;
        x = _cross.Forward(_norm2.Forward(x), text) + x;
        return (_feedForward.Forward(_norm3.Forward(x)) + x).MoveToOuterDisposeScope();
    }
}

/// <summary>A transformer over pixels, added to its input (diffusers' <c>Transformer2DModel</c>).</summary>
internal sealed class SpatialTransformer : Module
{
    private readonly GroupNorm _norm;
    private readonly PixelProjection _in, _out;
    private readonly TransformerBlock _block;

    public SpatialTransformer(EncoderConfig config, int level)
    {
        var channels = config.BlockOutChannels[level];
        _norm = Child("norm", new GroupNorm(config.NormNumGroups, channels, epsilon: 1e-6));
        _in = Child("proj_in", new PixelProjection(channels, config.UseLinearProjection));
        _block = Child("transformer_blocks.0", new TransformerBlock(
            channels, config.Heads(level), config.CrossAttentionDim, config.UpcastAttention));
        _out = Child("proj_out", new PixelProjection(channels, config.UseLinearProjection));
    }

    /// <summary>(N, channels, h, w), same shape.</summary>
    public Tensor Forward(Tensor x, Tensor text)
    {
        using var scope = NewDisposeScope();
        var pixels = _in.Forward(PixelList.From(_norm.Forward(x)));
        pixels = _out.Forward(_block.Forward(pixels, text));
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
    public Tensor Forward(Tensor pixels) =>
        nn.functional.linear(pixels, this["weight"].reshape(_channels, _channels), this["bias"]);
}

/// <summary>Feature maps as lists of pixels and back.</summary>
internal static class PixelList
{
    /// <summary>(N, C, h, w) to (N, h w, C), without gaps.</summary>
    public static Tensor From(Tensor maps)
    {
        var shape = maps.shape;
        return maps.permute(0, 2, 3, 1).contiguous().reshape(shape[0], shape[2] * shape[3], shape[1]);
    }

    /// <summary>(N, h w, C) to the given (N, C, h, w).</summary>
    public static Tensor ToMaps(Tensor pixels, long[] shape) =>
        pixels.reshape(shape[0], shape[2], shape[3], shape[1]).permute(0, 3, 1, 2);
}
