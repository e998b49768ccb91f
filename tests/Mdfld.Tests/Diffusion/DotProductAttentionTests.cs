using Mdfld.Diffusion;
using Mdfld.Tests.Star;
using Mdfld.Torch;

namespace Mdfld.Tests.Diffusion;

public sealed class DotProductAttentionTests
{
    private static readonly long[] Queries = [2, 3, 11, 4];

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(200)]
    public void Slices_of_any_size_give_the_same_values_and_gradients(long sliceWeights)
    {
        var (whole, wholeGradients) = Attend(1 << 24, causal: false);
        var (sliced, slicedGradients) = Attend(sliceWeights, causal: false);
        Near.AssertWithin(1e-6, whole, sliced, "attention");
        for (var i = 0; i < 3; i++)
            Near.AssertWithin(1e-5, wholeGradients[i], slicedGradients[i], $"gradient {i}");
    }

    [Fact]
    public void It_is_the_textbooks_formula()
    {
        using var scope = new TensorScope();
        var (q, k, v) = Input();
        var (queries, keys, values) = (q.ToArray<float>(), k.ToArray<float>(), v.ToArray<float>());
        var actual = DotProductAttention.Sliced(q, k, v, causal: false, 40).ToArray<float>();
        for (var head = 0; head < 6; head++)
        {
            for (var row = 0; row < 11; row++)
            {
                var weights = Enumerable.Range(0, 7).Select(key => Math.Exp(Enumerable.Range(0, 4).Sum(
                    c => queries[(((head * 11) + row) * 4) + c] * keys[(((head * 7) + key) * 4) + c]) / 2.0)).ToArray();
                for (var c = 0; c < 4; c++)
                {
                    var expected =
                        Enumerable.Range(0, 7).Sum(key => weights[key] * values[(((head * 7) + key) * 4) + c])
                        / weights.Sum();
                    Assert.Equal(expected, actual[(((head * 11) + row) * 4) + c], 1e-5);
                }
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1 << 24)]
    public void Causal_attention_does_not_look_ahead(long sliceWeights)
    {
        using var scope = new TensorScope();
        TorchLibrary.ManualSeed(3);
        var x = Tensor.Randn([1, 2, 5, 4]);
        var all = DotProductAttention.Sliced(x, x, x, causal: true, sliceWeights).ToArray<float>();
        var first = x.Slice(2, 0, 3);
        var some = DotProductAttention.Sliced(first, first, first, causal: true, sliceWeights);
        var expected = Tensor.From<float>(all, 1, 2, 5, 4).Slice(2, 0, 3).Contiguous();
        Near.AssertWithin(1e-6, expected.ToArray<float>(), some.ToArray<float>(), "the first three");
    }

    private static (Tensor Query, Tensor Key, Tensor Value) Input()
    {
        TorchLibrary.ManualSeed(1);
        return (Tensor.Randn(Queries), Tensor.Randn([2, 3, 7, 4]), Tensor.Randn([2, 3, 7, 4]));
    }

    private static (float[] Values, float[][] Gradients) Attend(long sliceWeights, bool causal)
    {
        using var scope = new TensorScope();
        var (q, k, v) = Input();
        foreach (var tensor in (Tensor[])[q, k, v])
            tensor.RequiresGrad = true;
        var attended = DotProductAttention.Sliced(q, k, v, causal, sliceWeights);
        (attended * attended).Sum().Backward();
        return (attended.ToArray<float>(), [.. ((Tensor[])[q, k, v]).Select(t => t.Grad!.ToArray<float>())]);
    }
}
