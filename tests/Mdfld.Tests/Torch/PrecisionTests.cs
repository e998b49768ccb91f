using Mdfld.Torch;

namespace Mdfld.Tests.Torch;

/// <summary>Shorter types: a whole module's, or only inside the operators.</summary>
public sealed class PrecisionTests
{
    [Fact]
    public void AutocastMultipliesInTheShorterTypeUntilItEnds()
    {
        using var scope = new TensorScope();
        var a = Tensor.From<float>([1 + (1f / 512), 0, 0, 1], 2, 2);
        using (new Autocast(Device.Cpu, ScalarType.BFloat16))
        {
            var product = a.Matmul(a);
            Assert.Equal(ScalarType.BFloat16, product.Type);
            using (new Autocast(Device.Cpu, ScalarType.Float32))
                Assert.Equal(ScalarType.Float32, a.Matmul(a).Type);
            Assert.Equal(ScalarType.BFloat16, a.Matmul(a).Type);
            Assert.Equal(1, product.To(ScalarType.Float32).ToArray<float>()[0]);
        }

        Assert.Equal(ScalarType.Float32, a.Matmul(a).Type);
    }

    [Fact]
    public void GradientsOfAutocastOperatorsAreThoseOfTheParametersType()
    {
        using var scope = new TensorScope();
        var weight = Tensor.From<float>([2, 3], 1, 2);
        weight.RequiresGrad = true;
        var x = Tensor.From<float>([4, 5], 1, 2);
        using (new Autocast(Device.Cpu, ScalarType.BFloat16))
            x.Linear(weight).To(ScalarType.Float32).Sum().Backward();

        Assert.Equal([4, 5], weight.Grad!.ToArray<float>());
    }

    [Fact]
    public void TheProcessorHasNoAutocastToFloat16()
    {
        var error = Assert.Throws<ArgumentException>(() => new Autocast(Device.Cpu, ScalarType.Float16));

        Assert.Contains("cpu", error.Message);
    }

    [Fact]
    public void AModuleChangesItsTypeUnderTheHandsOfItsHolders()
    {
        using var module = new Conv2d(2, 3, 1);
        var weight = module.Parameters().First().Tensor;

        module.To(Device.Cpu, ScalarType.BFloat16);

        Assert.Equal(ScalarType.BFloat16, weight.Type);
        Assert.All(module.Parameters(), p => Assert.True(p.Tensor.RequiresGrad));
    }

    [Fact]
    public void AFrozenModuleTakesNoGradient()
    {
        using var module = new Conv2d(1, 1, 1);
        module.RequireGrad(false);

        Assert.All(module.Parameters(), p => Assert.False(p.Tensor.RequiresGrad));
    }
}
