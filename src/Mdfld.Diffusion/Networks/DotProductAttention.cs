using Mdfld.Torch;

namespace Mdfld.Diffusion;

/// <summary>
/// softmax(Q K^T / sqrt(d)) V over several heads (Vaswani et al. 2017): libtorch's fused operator where the library has
/// it, slices of bounded memory where not (libtorch 1.13).
/// </summary>
internal static class DotProductAttention
{
    /// <summary>Attention weights that one slice may have: 64 MB in float32.</summary>
    private const long SliceWeights = 1 << 24;

    private static readonly Operator Fused = new("aten::scaled_dot_product_attention");

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
        using var scope = new TensorScope();
        var (type, shape) = (value.Type, query.Shape);
        if (upcast && type != ScalarType.Float32)
            (query, key, value) = (
                query.To(ScalarType.Float32), key.To(ScalarType.Float32), value.To(ScalarType.Float32));
        var (q, k, v) = (Split(query, heads), Split(key, heads), Split(value, heads));
        var attended = Fused.IsAvailable
            ? Fused.Call(q, k, v, Argument.None, 0.0, causal)
            : Sliced(q, k, v, causal, SliceWeights);
        return scope.Keep(attended.Transpose(1, 2).Reshape(shape).To(type));
    }

    /// <summary>The same a piece at a time: some heads, or some queries of one head.</summary>
    /// <param name="query">(N, heads, Q, d).</param>
    /// <param name="key">(N, heads, K, d).</param>
    /// <param name="value">(N, heads, K, d).</param>
    /// <param name="causal">Positions see only themselves and what comes before.</param>
    /// <param name="sliceWeights">Attention weights a slice may have.</param>
    internal static Tensor Sliced(Tensor query, Tensor key, Tensor value, bool causal, long sliceWeights)
    {
        using var scope = new TensorScope();
        var shape = query.Shape;
        var (heads, queries, width, keys) = (shape[0] * shape[1], shape[2], shape[3], key.Shape[2]);
        var q = (query * (1 / Math.Sqrt(width))).Reshape(heads, queries, width);
        var k = key.Reshape(heads, keys, width).Transpose(1, 2);
        var v = value.Reshape(heads, keys, width);
        var mask = causal ? Tensor.Full([queries, keys], double.NegativeInfinity, q.Type, q.Device).Triu(1) : null;

        var headsAtOnce = Math.Clamp(sliceWeights / (queries * keys), 1, heads);
        var queriesAtOnce = Math.Clamp(sliceWeights / keys, 1, queries);
        var slices = new List<Tensor>();
        for (var head = 0L; head < heads; head += headsAtOnce)
        {
            var end = Math.Min(head + headsAtOnce, heads);
            var (keysHere, valuesHere) = (k.Slice(0, head, end), v.Slice(0, head, end));
            var rows = new List<Tensor>();
            for (var first = 0L; first < queries; first += queriesAtOnce)
            {
                using var slice = new TensorScope();
                var last = Math.Min(first + queriesAtOnce, queries);
                var logits = q.Slice(0, head, end).Slice(1, first, last).Matmul(keysHere);
                if (mask is not null)
                    logits += mask.Slice(0, first, last);
                rows.Add(slice.Keep(logits.Softmax(-1).Matmul(valuesHere)));
            }
            slices.Add(Joined(rows, 1));
        }
        return scope.Keep(Joined(slices, 0).Reshape(shape));
    }

    private static Tensor Joined(List<Tensor> parts, long dimension) =>
        parts is [var only] ? only : Tensor.Cat([.. parts], dimension);

    private static Tensor Split(Tensor x, int heads)
    {
        var shape = x.Shape;
        return x.Reshape(shape[0], shape[1], heads, shape[2] / heads).Transpose(1, 2);
    }
}
