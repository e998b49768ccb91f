namespace Mdfld.Tests.Torch;

/// <summary>What lies between two operators lives until libtorch has read it, whenever the garbage collector comes.</summary>
[Collection(nameof(Alone))]
public sealed class TensorLifetimeTests
{
    /// <summary>Without it the process ends: there is nothing to catch.</summary>
    [Fact]
    public void WeightsAreCopiedAndConvertedWhileGarbageIsCollected()
    {
        TorchRuntime.Load();
        using var network = new StarNetwork(new StarOptions(LandmarkScheme.Ibug68, 16, 2));
        using var stop = new CancellationTokenSource();
        var collecting = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        collecting.Start();
        try
        {
            foreach (var type in Enumerable.Repeat((ScalarType[])[ScalarType.Float64, ScalarType.Float32], 60).SelectMany(t => t))
            {
                using var average = new ExponentialMovingAverage(network);
                network.To(CPU, type);
            }
        }
        finally
        {
            stop.Cancel();
            collecting.Join();
        }
        Assert.All(network.StateDict(), t => Assert.NotEqual(ScalarType.Float64, t.Tensor.dtype));
    }
}
