namespace Mdfld.Generation;

/// <summary>softmax(Q K^T / sqrt(d)) V over several heads (Vaswani et al. 2017), by libtorch's fused operator.</summary>
internal static class DotProductAttention
{
    /// <summary>Attends.</summary>
    /// <param name="query">(N, Q, C).</param>
    /// <param name="key">(N, K, C).</param>
    /// <param name="value">(N, K, C).</param>
    /// <param name="heads">The channels split into that many heads.</param>
    /// <param name="causal">Positions see only themselves and what comes before.</param>
    /// <param name="upcast">Weights are computed in float32.</param>
    /// <returns>(N, Q, C).</returns>
    public static Tensor Attend(
        Tensor query, Tensor key, Tensor value, int heads, bool causal = false, bool upcast = false)
    {
        using var scope = NewDisposeScope();
        var (type, shape) = (value.dtype, query.shape);
        if (upcast && type != ScalarType.Float32)
            (query, key, value) = (
                query.to(ScalarType.Float32), key.to(ScalarType.Float32), value.to(ScalarType.Float32));
        var attended = scaled_dot_product_attention(
            Split(query, heads), Split(key, heads), Split(value, heads), is_casual: causal);
        return attended.transpose(1, 2).reshape(shape).to(type).MoveToOuterDisposeScope();
    }

    private static Tensor Split(Tensor x, int heads)
    {
        var shape = x.shape;
        return x.reshape(shape[0], shape[1], heads, shape[2] / heads).transpose(1, 2);
    }
}
