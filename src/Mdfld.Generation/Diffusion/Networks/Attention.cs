namespace Mdfld.Generation;

/// <summary>Attention and the transformers made of it. Tokens and pixels are lists, (N, P, channels).</summary>
internal static class AttentionLayers
{
    private const int Expansion = 4;

    /// <summary>Attention to itself or to a context, (N, L, any width); same shape.</summary>
    public static Tensor Attention(
        this Layers f, Tensor x, string name, int heads, Tensor? context = null, bool bias = false,
        bool upcast = false)
    {
        using var scope = NewDisposeScope();
        f = f[name];
        context ??= x;
        var channels = x.shape[^1];
        var attended = Attend(
            f.Linear(x, "to_q", channels, bias), f.Linear(context, "to_k", channels, bias),
            f.Linear(context, "to_v", channels, bias), heads, upcast: upcast);
        return f.Linear(attended, "to_out.0", channels).MoveToOuterDisposeScope();
    }

    /// <summary>Two linear layers with a gated GELU between (GEGLU, Shazeer 2020): value times gelu(gate).</summary>
    public static Tensor FeedForward(this Layers f, Tensor x, string name)
    {
        using var scope = NewDisposeScope();
        var channels = x.shape[^1];
        var halves = f[name].Linear(x, "net.0.proj", 2 * Expansion * channels).chunk(2, -1);
        return f[name].Linear(halves[0] * halves[1].gelu(), "net.2", channels).MoveToOuterDisposeScope();
    }

    /// <summary>Self-attention, cross-attention to the text, feed-forward: each normed before and added after.</summary>
    public static Tensor TransformerBlock(
        this Layers f, Tensor x, string name, Tensor text, int heads, bool upcast = false)
    {
        using var scope = NewDisposeScope();
        f = f[name];
        x = f.Attention(f.LayerNorm(x, "norm1"), "attn1", heads, upcast: upcast) + x;
        x = f.Attention(f.LayerNorm(x, "norm2"), "attn2", heads, text, upcast: upcast) + x;
        return (f.FeedForward(f.LayerNorm(x, "norm3"), "ff") + x).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// A transformer over the pixels of a level's maps, (N, channels, h, w), added to them (diffusers'
    /// <c>Transformer2DModel</c>).
    /// </summary>
    public static Tensor SpatialTransformer(
        this Layers f, Tensor x, string name, Tensor text, EncoderConfig config, int level)
    {
        const double Epsilon = 1e-6;
        using var scope = NewDisposeScope();
        f = f[name];
        var normed = (f with { Epsilon = Epsilon }).GroupNorm(x, "norm");
        var pixels = f.Projection(Pixels(normed), "proj_in", config.UseLinearProjection);
        pixels = f.TransformerBlock(
            pixels, "transformer_blocks.0", text, config.Heads(level), config.UpcastAttention);
        pixels = f.Projection(pixels, "proj_out", config.UseLinearProjection);
        return (Maps(pixels, x.shape) + x).MoveToOuterDisposeScope();
    }

    /// <summary>The autoencoder's self-attention of all pixels in one head, normed before and added after.</summary>
    public static Tensor PixelAttention(this Layers f, Tensor x, string name)
    {
        using var scope = NewDisposeScope();
        var pixels = Pixels(f[name].GroupNorm(x, "group_norm"));
        return (Maps(f.Attention(pixels, name, heads: 1, bias: true), x.shape) + x).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// softmax(Q K^T / sqrt(d)) V over several heads (Vaswani et al. 2017), by libtorch's fused operator: (N, Q, C),
    /// (N, K, C), (N, K, C) to (N, Q, C), the channels split into heads; causal positions see only themselves and those
    /// before; upcast weights are computed in float32.
    /// </summary>
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

    /// <summary>(N, C, h, w) to (N, h w, C), without gaps.</summary>
    private static Tensor Pixels(Tensor maps)
    {
        var shape = maps.shape;
        return maps.permute(0, 2, 3, 1).contiguous().reshape(shape[0], shape[2] * shape[3], shape[1]);
    }

    /// <summary>(N, h w, C) to the given (N, C, h, w).</summary>
    private static Tensor Maps(Tensor pixels, long[] shape) =>
        pixels.reshape(shape[0], shape[2], shape[3], shape[1]).permute(0, 3, 1, 2);
}
