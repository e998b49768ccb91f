namespace Mdfld.Tests.Torch;

public sealed class TensorTests
{
    [Fact]
    public void ElementsComeBackAsTheyWent()
    {
        using var tensor = Tensor.From<float>([1, 2, 3, 4, 5, 6], 2, 3);

        Assert.Equal([2, 3], tensor.shape);
        Assert.Equal(ScalarType.Float32, tensor.dtype);
        Assert.Equal([1f, 2, 3, 4, 5, 6], tensor.ToArray<float>());
    }

    [Fact]
    public void HalfPrecisionAndIntegersConvert()
    {
        using var scope = NewDisposeScope();
        var half = Tensor.From<float>([0.5f, -2], 2).to(ScalarType.Float16);
        Assert.Equal([(Half)0.5f, (Half)(-2f)], half.ToArray<Half>());
        Assert.Equal([0L, -2], half.to(ScalarType.Int64).ToArray<long>());
    }
}
