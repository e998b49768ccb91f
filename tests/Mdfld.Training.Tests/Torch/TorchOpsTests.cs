using Mdfld.Training;

namespace Mdfld.Tests.Torch;

public sealed class TorchOpsTests
{
    // 3, 15, 24 and 68 channels: oneDNN's bfloat16 convolutions give others' bytes for these on some processors.
    [Theory]
    [InlineData(3, 16, 3)]
    [InlineData(24, 24, 3)]
    [InlineData(64, 15, 1)]
    [InlineData(96, 68, 1)]
    [InlineData(68, 96, 1)]
    [InlineData(96, 48, 1)]
    [InlineData(32, 32, 3)]
    public void AConvolutionInHalfTheBitsIsTheSameButForRounding(int channels, int outputs, int kernel)
    {
        using var scope = NewDisposeScope();
        using var network = new OneConvolution(channels, outputs, kernel);
        using var random = new Generator(4);
        var x = randn([2, channels, 16, 16], generator: random).requires_grad_(true);
        var weights = randn([2, outputs, 16, 16], generator: random);
        var exact = Compute(null);

        foreach (var (e, half) in exact.Zip(Compute(ScalarType.BFloat16)))
            Assert.InRange(((e - half).norm() / e.norm()).ToDouble(), 0, 0.02);

        Tensor[] Compute(ScalarType? type)
        {
            network.ComputeType = type;
            var y = network.Forward(x.ChannelsLast()).to(ScalarType.Float32);
            (y * weights).sum().backward();
            var (dx, dw) = (x.grad!.clone(), network.Weight.grad!.clone());
            x.grad = network.Weight.grad = null;
            return [y, dx, dw];
        }
    }

    private sealed class OneConvolution : Module
    {
        public OneConvolution(int channels, int outputs, int kernel)
        {
            using var random = new Generator(3);
            AddParameter("conv.weight", randn([outputs, channels, kernel, kernel], generator: random));
        }

        public TorchSharp.Modules.Parameter Weight => Parameters().Single().Tensor;

        public Tensor Forward(Tensor x) => new TorchOps(this).Conv(x, "conv");
    }
}
