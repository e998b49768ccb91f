using Mdfld.Torch;

namespace Mdfld.Tests.Torch;

public sealed class TensorTests
{
    [Fact]
    public void ElementsComeBackAsTheyWent()
    {
        using var tensor = Tensor.From<float>([1, 2, 3, 4, 5, 6], 2, 3);

        Assert.Equal([2, 3], tensor.Shape);
        Assert.Equal(ScalarType.Float32, tensor.Type);
        Assert.Equal([1f, 2, 3, 4, 5, 6], tensor.ToArray<float>());
    }

    [Fact]
    public void ArithmeticFollowsPyTorch()
    {
        using var scope = new TensorScope();
        var a = Tensor.From<float>([1, 2, 3, 4], 2, 2);

        Assert.Equal([7f, 10, 15, 22], a.Matmul(a).ToArray<float>());
        Assert.Equal([9f, 8, 7, 6], (10 - a).ToArray<float>());
        Assert.Equal([3f, 7], a.Sum([1]).ToArray<float>());
        Assert.Equal(2.5, a.Mean().ToDouble());
        Assert.Equal([1f, 3, 2, 4], a.Permute(1, 0).Contiguous().ToArray<float>());
        Assert.Equal([1f, 2, 2, 2], a.Clamp(max: 2).ToArray<float>());
    }

    [Fact]
    public void BackwardGivesTheGradientOfTheLeaves()
    {
        using var scope = new TensorScope();
        var x = Tensor.From<float>([1, 2, 3], 3);
        x.RequiresGrad = true;

        ((x * x * x).Sum() + 5).Backward();

        Assert.Equal([3f, 12, 27], x.Grad!.ToArray<float>());
    }

    [Fact]
    public void NothingIsRecordedInsideNoGrad()
    {
        using var scope = new TensorScope();
        var x = Tensor.From<float>([1], 1);
        x.RequiresGrad = true;
        using (Autograd.NoGrad())
            Assert.False((x * 2).RequiresGrad);
        Assert.True((x * 2).RequiresGrad);
    }

    [Fact]
    public void LibtorchsWordsReachTheCaller()
    {
        using var scope = new TensorScope();
        var error = Assert.Throws<TorchException>(() => Tensor.Ones([2, 3]).Matmul(Tensor.Ones([2, 3])));
        Assert.Contains("2x3", error.Message);
    }

    [Fact]
    public void AnUnknownOperatorIsNamed()
    {
        var error = Assert.Throws<TorchException>(() => new Operator("aten::no_such_thing").Call());
        Assert.Contains("aten::no_such_thing", error.Message);
    }

    [Fact]
    public void AScopeDisposesAllButWhatIsKept()
    {
        using var outer = new TensorScope();
        Tensor kept, lost;
        using (var inner = new TensorScope())
        {
            lost = Tensor.Ones([2]);
            kept = inner.Keep(lost + 1);
        }

        Assert.Equal([2f, 2], kept.ToArray<float>());
        Assert.Throws<ObjectDisposedException>(() => lost.Shape);
    }

    [Fact]
    public void ADisposedTensorSaysSo()
    {
        var tensor = Tensor.Ones([1]);
        tensor.Dispose();
        tensor.Dispose();
        Assert.Throws<ObjectDisposedException>(() => tensor + 1);
    }

    [Fact]
    public void HalfPrecisionAndIntegersConvert()
    {
        using var scope = new TensorScope();
        var half = Tensor.From<float>([0.5f, -2], 2).To(ScalarType.Float16);
        Assert.Equal([(Half)0.5f, (Half)(-2f)], half.ToArray<Half>());
        Assert.Equal([0L, -2], half.To(ScalarType.Int64).ToArray<long>());
    }
}
