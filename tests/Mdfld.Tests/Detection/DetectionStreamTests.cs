using FsCheck.Xunit;

namespace Mdfld.Tests.Detection;

public sealed class DetectionStreamTests
{
    [Property(MaxTest = 50)]
    public async Task ResultsComeInOrderAndNotTooManyAtOnce(byte count, byte workerSeed, int seed)
    {
        var workers = 1 + (workerSeed % 5);
        var random = new Random(seed);
        var delays = Enumerable.Range(0, count).Select(_ => random.Next(200)).ToArray();
        int running = 0, most = 0, begun = 0, read = 0;
        var results = DetectionStream.SelectAsync(
            Enumerable.Range(0, count).ToAsyncEnumerable(),
            i =>
            {
                var now = Interlocked.Increment(ref running);
                InterlockedMax(ref most, now);
                InterlockedMax(ref begun, i + 1 - Volatile.Read(ref read));
                Thread.SpinWait(delays[i]);
                Interlocked.Decrement(ref running);
                return i;
            },
            workers);
        var seen = new List<int>();
        await foreach (var result in results)
        {
            seen.Add(result);
            Volatile.Write(ref read, seen.Count);
        }
        Assert.Equal(Enumerable.Range(0, count), seen);
        Assert.InRange(most, Math.Min(1, (int)count), workers);
        // Those that wait in the queue, one in the reader's hand, one at the door.
        Assert.InRange(begun, 0, (4 * workers) + 2);
    }

    [Fact]
    public async Task AnErrorComesInItsPlace()
    {
        var results = DetectionStream.SelectAsync(
            Enumerable.Range(0, 9).ToAsyncEnumerable(),
            i => i == 5 ? throw new InvalidDataException("five") : i,
            workers: 3);
        var seen = new List<int>();
        var error = await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await foreach (var result in results)
                seen.Add(result);
        });
        Assert.Equal("five", error.Message);
        Assert.Equal(Enumerable.Range(0, 5), seen);
    }

    [Fact]
    public async Task AnErrorOfTheListComesAfterWhatWasListed()
    {
        var seen = new List<int>();
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            await foreach (var result in DetectionStream.SelectAsync(Broken(), i => i, workers: 2))
                seen.Add(result);
        });
        Assert.Equal([0, 1], seen);

        static async IAsyncEnumerable<int> Broken()
        {
            yield return 0;
            await Task.Yield();
            yield return 1;
            throw new IOException("cut off");
        }
    }

    [Fact]
    public async Task WhoStopsReadingLeavesNothingRunning()
    {
        var running = 0;
        var numbers = Enumerable.Range(0, int.MaxValue).ToAsyncEnumerable();
        var results = DetectionStream.SelectAsync(
            numbers,
            i =>
            {
                Interlocked.Increment(ref running);
                Thread.Sleep(1);
                Interlocked.Decrement(ref running);
                return i;
            },
            workers: 4);
        await foreach (var result in results)
        {
            if (result == 10)
                break;
        }
        Assert.Equal(0, running);
    }

    [Fact]
    public async Task ToldToStopItBeginsNothingMore()
    {
        using var stop = new CancellationTokenSource();
        var begun = 0;
        var results = DetectionStream.SelectAsync(
            Enumerable.Range(0, int.MaxValue).ToAsyncEnumerable(),
            i => Interlocked.Increment(ref begun),
            workers: 2,
            stop.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in results)
                await stop.CancelAsync();
        });
        Assert.InRange(begun, 1, 20);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int old;
        while ((old = Volatile.Read(ref target)) < value
            && Interlocked.CompareExchange(ref target, value, old) != old)
        {
        }
    }
}
