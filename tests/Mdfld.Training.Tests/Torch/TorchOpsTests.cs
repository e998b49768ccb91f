using Mdfld.Training;

namespace Mdfld.Tests.Torch;

public sealed class TorchOpsTests
{
    // 3, 15, 24 and 68 channels: where oneDNN does not know the caches (OneDnnCaches) it gives others' bytes for these.
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

    /// <summary>The kernels that oneDNN makes on this processor, for what the networks are made of and more.</summary>
    [Fact]
    public void ConvolutionsAndTheirGradientsAreRight()
    {
        var random = new Random(5);
        int[] channels = [1, 3, 5, 12, 16, 17, 24, 32, 48, 64, 68, 96];
        for (var i = 0; i < 60; i++)
        {
            using var scope = NewDisposeScope();
            var (inputs, outputs) = (random.GetItems(channels, 1)[0], random.GetItems(channels, 1)[0]);
            var (kernel, stride) = (random.GetItems([1, 3, 3, 5, 7], 1)[0], random.GetItems([1, 1, 1, 2], 1)[0]);
            var (count, side, isLast) = (random.GetItems([1, 2, 8, 16], 1)[0], random.GetItems([8, 15, 24], 1)[0], random.Next(2) == 0);
            using var generator = new Generator((ulong)i);
            var x = randn([count, inputs, side, side], ScalarType.Float64, generator: generator);
            var weight = randn([outputs, inputs, kernel, kernel], ScalarType.Float64, generator: generator);
            // What is freed here is what is found behind channels that a kernel takes for its own.
            using (NewDisposeScope())
                _ = full([count, Math.Max(inputs, 32), side, side], float.NaN);

            foreach (var (exact, single) in Compute(ScalarType.Float64).Zip(Compute(ScalarType.Float32)))
            {
                var error = ((exact - single).norm() / exact.norm()).ToDouble();
                Assert.True(error < 1e-4, $"{inputs} to {outputs}, {kernel}x{kernel} by {stride}, {count} of {side}x{side}: {error}");
            }

            Tensor[] Compute(ScalarType type)
            {
                var input = (isLast ? x.to(type).ChannelsLast() : x.to(type)).detach().requires_grad_(true);
                var filter = weight.to(type).detach().requires_grad_(true);
                var y = input.Convolve(filter, stride: stride, padding: kernel / 2);
                (y * y.detach().cos()).sum().backward();
                return [y.to(ScalarType.Float64), input.grad!.to(ScalarType.Float64), filter.grad!.to(ScalarType.Float64)];
            }
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
