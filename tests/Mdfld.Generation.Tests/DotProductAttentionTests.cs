using Mdfld.Generation;
using Mdfld.Tests.Star;

namespace Mdfld.Tests.Generation;

public sealed class DotProductAttentionTests
{
    private const int Heads = 3;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_is_the_textbooks_formula(bool causal)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var (q, k, v) = (randn([2, 7, 12]), randn([2, 7, 12]), randn([2, 7, 12]));
        var weights = Split(q).matmul(Split(k).transpose(2, 3)) / 2;
        if (causal)
            weights += full([7, 7], double.NegativeInfinity).triu(1);
        var expected = weights.softmax(-1).matmul(Split(v)).transpose(1, 2).reshape(2, 7, 12);
        var actual = AttentionLayers.Attend(q, k, v, Heads, causal);
        Near.AssertWithin(1e-5, expected.ToArray<float>(), actual.ToArray<float>(), "attention");
    }

    [Fact]
    public void Half_precision_is_computed_in_single_where_asked()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        var x = randn([1, 5, 12]).to(ScalarType.BFloat16);
        var wide = x.to(ScalarType.Float32);
        var expected = AttentionLayers.Attend(wide, wide, wide, Heads).to(ScalarType.BFloat16);
        var actual = AttentionLayers.Attend(x, x, x, Heads, upcast: true);
        Assert.Equal(ScalarType.BFloat16, actual.dtype);
        Assert.Equal(
            expected.to(ScalarType.Float32).ToArray<float>(), actual.to(ScalarType.Float32).ToArray<float>());
    }

    private static Tensor Split(Tensor x) => x.reshape(2, 7, Heads, 4).transpose(1, 2);
}
