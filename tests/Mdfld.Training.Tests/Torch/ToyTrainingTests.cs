namespace Mdfld.Tests.Torch;

/// <summary>A toy network, trained: what it learns, what it leaks, whether it repeats itself.</summary>
[Collection(nameof(Alone))]
public sealed class ToyTrainingTests
{
    [Fact]
    public void TenThousandStepsLeaveNoTensorAndNoMemoryBehind()
    {
        using var run = new Run(seed: 1);
        run.Steps(1500);
        var bytes = ResidentBytes();
        var tensors = Tensor.TotalCount;

        run.Steps(10_000);

        // Fewer may be left: the collector clears up after other tests.
        Assert.InRange(Tensor.TotalCount, 0, tensors);
        Assert.InRange(ResidentBytes() - bytes, long.MinValue, 16L << 20);
    }

    [Fact]
    public void OneSeedGivesOneSequenceOfLosses()
    {
        using var a = new Run(seed: 7);
        using var b = new Run(seed: 7);
        using var c = new Run(seed: 8);
        var first = a.Steps(50);

        Assert.Equal(first, b.Steps(50));
        Assert.NotEqual(first, c.Steps(50));
        Assert.True(first[^1] < first[0] / 4, $"loss {first[0]} only fell to {first[^1]}");
    }

    /// <summary>What is left when the collector gave back all that it can: it keeps tens of MB otherwise.</summary>
    private static long ResidentBytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return Environment.WorkingSet;
    }

    private sealed class Net : Network
    {
        public Net()
        {
            Conv("first", 1, 4, 3, bias: false);
            Norm("norm", 4);
            Conv("second", 4, 1, 3);
        }

        public Tensor Forward(Tensor x) => Predict(Ops, x)[0].Value;

        internal override IReadOnlyList<(string Name, T Value)> Predict<T>(IOps<T> f, T images) =>
            [("y", f.Conv(f.Relu(f.Conv(images, "first", norm: "norm")), "second"))];
    }

    private sealed class Run : IDisposable
    {
        private readonly Net _net;
        private readonly NamedOptimiser _adam;
        private readonly ExponentialMovingAverage _average;
        private readonly Tensor _input;
        private readonly Tensor _target;

        public Run(ulong seed)
        {
            // Built by hand, not by libtorch's generator, which tests running beside this one share.
            _net = new Net();
            var random = new Random((int)seed);
            using (no_grad())
            {
                foreach (var (_, p) in _net.Parameters().Where(p => p.Tensor.ndim > 1))
                    p.Overwrite<float>(
                        Enumerable.Range(0, (int)p.NumberOfElements).Select(_ => (random.NextSingle() - 0.5f) * 0.6f).ToArray());
            }
            _adam = new NamedOptimiser(_net, new OptimiserSettings { LearningRate = 0.02, WeightDecay = 1e-4 });
            _average = new ExponentialMovingAverage(_net);
            var data = Enumerable.Range(0, 2 * 8 * 8).Select(i => MathF.Sin(i * 0.7f)).ToArray();
            _input = Tensor.From<float>(data, 2, 1, 8, 8);
            _target = Tensor.From<float>(Array.ConvertAll(data, x => x * x), 2, 1, 8, 8);
        }

        public double[] Steps(int count)
        {
            var losses = new double[count];
            for (var i = 0; i < count; i++)
            {
                using var scope = NewDisposeScope();
                var error = _net.Forward(_input) - _target;
                var loss = (error * error).mean();
                loss.backward();
                nn.utils.clip_grad_norm_(_net.Parameters().Select(p => p.Tensor), 5);
                _adam.Step();
                _average.Update(0.99);
                losses[i] = loss.ToDouble();
            }
            return losses;
        }

        public void Dispose()
        {
            _net.Dispose();
            _adam.Dispose();
            _average.Dispose();
            _input.Dispose();
            _target.Dispose();
        }
    }
}
