using System.Net;
using System.Net.Sockets;
using Mdfld.Torch;

namespace Mdfld.Tests.Torch;

/// <summary>
/// c10d's groups, their ranks on threads of one process: the store and Gloo do not know the difference.
/// </summary>
public sealed class ProcessGroupTests
{
    [Fact]
    public void EveryRankHasTheMeanOrTheSumOfAll()
    {
        var results = OnRanks(3, group =>
        {
            using var scope = new TensorScope();
            var r = group.Rank;
            var matrix = Tensor.From<float>([r, 2 * r, 1, 4], 2, 2);
            var numbers = Tensor.From<long>([r, 10], 2);
            group.AllReduce([matrix, numbers]);
            var mean = Tensor.From<float>([r, -r], 2);
            group.AllReduce([mean], average: true);
            group.Barrier();
            return (matrix.ToArray<float>(), numbers.ToArray<long>(), mean.ToArray<float>());
        });

        Assert.All(results, r =>
        {
            Assert.Equal([3, 6, 3, 12], r.Item1);
            Assert.Equal([3, 30], r.Item2);
            Assert.Equal([1, -1], r.Item3);
        });
    }

    [Fact]
    public void AViewWithGapsIsReducedInItsPlace()
    {
        var results = OnRanks(2, group =>
        {
            using var scope = new TensorScope();
            var whole = Tensor.From<float>([1, 2, 3, 4, 5, 6], 2, 3);
            group.AllReduce([whole.Transpose(0, 1), whole.Select(1, 0)]);
            return whole.ToArray<float>();
        });

        // The first column was in the message twice; what is written back last counts.
        Assert.All(results, r => Assert.Equal([2, 4, 6, 8, 10, 12], r));
    }

    [Fact]
    public void ABroadcastGivesTheRootsTensors()
    {
        var results = OnRanks(2, group =>
        {
            using var tensor = Tensor.Full([3], 1 + group.Rank);
            group.Broadcast([tensor], root: 1);
            return tensor.ToArray<float>();
        });

        Assert.All(results, r => Assert.Equal([2, 2, 2], r));
    }

    [Fact]
    public void ARankThatIsAloneSaysSo()
    {
        var error = Assert.Throws<TorchException>(
            () => ProcessGroup.Join("127.0.0.1", FreePort(), 0, 2, patience: TimeSpan.FromSeconds(2)));

        Assert.Contains("time", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("RANK", null, "RANK is not")]
    [InlineData("RANK", "2", "expected a number from 0 to 1")]
    [InlineData("WORLD_SIZE", "two", "expected a number from 1")]
    [InlineData("MASTER_PORT", "70000", "expected a number from 1 to 65535")]
    [InlineData("MASTER_ADDR", "", "MASTER_ADDR is not")]
    public void ABadEnvironmentIsOneClearError(string name, string? value, string expected)
    {
        var environment = new Dictionary<string, string?>
        {
            ["MASTER_ADDR"] = "127.0.0.1",
            ["MASTER_PORT"] = "29500",
            ["RANK"] = "0",
            ["WORLD_SIZE"] = "2",
            [name] = value,
        };

        var error = Assert.Throws<InvalidDataException>(
            () => ProcessGroup.From(environment.GetValueOrDefault, Device.Cpu));
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void WithoutAWorldSizeThereIsOneProcess() => Assert.Null(ProcessGroup.From(_ => null, Device.Cpu));

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Runs every rank on a thread of its own.</summary>
    internal static T[] OnRanks<T>(int size, Func<ProcessGroup, T> work)
    {
        var port = FreePort();
        var ranks = Enumerable.Range(0, size).Select(rank => Task.Factory.StartNew(
            () =>
            {
                using var group = ProcessGroup.Join("127.0.0.1", port, rank, size, patience: TimeSpan.FromMinutes(2));
                var result = work(group);
                // Who opened the store must leave last.
                group.Barrier();
                return result;
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        return [.. ranks.Select(r => r.GetAwaiter().GetResult())];
    }
}
