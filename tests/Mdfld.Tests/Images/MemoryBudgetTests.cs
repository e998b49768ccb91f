namespace Mdfld.Tests.Images;

public sealed class MemoryBudgetTests
{
    [Fact]
    public async Task WhoWouldExceedItWaitsFirstComeFirstServed()
    {
        var budget = new MemoryBudget(100);
        var first = await budget.TakeAsync(60, default);
        var second = budget.TakeAsync(60, default);
        var third = budget.TakeAsync(30, default);
        Assert.False(second.IsCompleted || third.IsCompleted);
        Assert.Equal(60, budget.Used);

        first.ShrinkTo(40);
        using var held = await second;
        Assert.Equal(100, budget.Used);
        Assert.False(third.IsCompleted);
        first.Dispose();
        first.Dispose();
        using var last = await third;
        Assert.Equal(90, budget.Used);
    }

    [Fact]
    public async Task WhatExceedsTheWholeBudgetRunsAlone()
    {
        var budget = new MemoryBudget(100);
        var small = await budget.TakeAsync(1, default);
        var large = budget.TakeAsync(500, default);
        var behind = budget.TakeAsync(1, default);
        Assert.False(large.IsCompleted || behind.IsCompleted);
        small.Dispose();
        (await large).Dispose();
        (await behind).Dispose();
        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public async Task WhoIsToldToStopLetsOthersPass()
    {
        var budget = new MemoryBudget(100);
        using var held = await budget.TakeAsync(60, default);
        using var stop = new CancellationTokenSource();
        var large = budget.TakeAsync(90, stop.Token);
        var small = budget.TakeAsync(40, default);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
        (await small).Dispose();
        Assert.Equal(60, budget.Used);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => budget.TakeAsync(1, stop.Token));
        Assert.Equal(60, budget.Used);
    }

    [Fact]
    public void AThreadThatHoldsSomeDoesNotWaitForItself()
    {
        var budget = new MemoryBudget(100);
        using (budget.Take(90))
        {
            using var more = budget.Take(90);
            Assert.Equal(180, budget.Used);
        }
        Assert.Equal(0, budget.Used);
    }

    /// <summary>Two that hold some and want more: the second waits until the first has done, and neither for ever.</summary>
    [Fact]
    public async Task OfThoseThatWaitForMoreOneGoesOn()
    {
        var budget = new MemoryBudget(100);
        using var both = new Barrier(2);
        var most = 0L;
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(
            () =>
            {
                using var held = budget.Take(40);
                both.SignalAndWait();
                using var more = budget.Take(50);
                lock (both)
                    most = Math.Max(most, budget.Used);
            },
            default, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        Assert.Equal(130, most);
        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public void FilesAreCountedWhereItIsKnownWhenTheyAreLetGo()
    {
        var budget = new MemoryBudget(100);
        budget.TakeFile(30);
        Assert.Equal(0, budget.Used);
        using (budget.CountFiles())
        {
            budget.TakeFile(30);
            budget.TakeFile(20);
            Assert.Equal(50, budget.Used);
            using var decoding = budget.Take(90);
            Assert.Equal(140, budget.Used);
        }
        Assert.Equal(0, budget.Used);
    }

    /// <summary>A file is not read while others fill their share; who holds some may always read one more.</summary>
    [Fact]
    public async Task FilesHaveAShareOfIt()
    {
        var share = new MemoryBudget(20);
        var budget = new MemoryBudget(100, share);
        using var read = new SemaphoreSlim(0);
        Task other;
        using (budget.CountFiles())
        {
            budget.TakeFile(15);
            budget.TakeFile(15);
            Assert.Equal((30, 15), (budget.Used, share.Used));
            other = Task.Factory.StartNew(
                () =>
                {
                    using var files = budget.CountFiles();
                    read.Release();
                    budget.TakeFile(10);
                    Assert.Equal((10, 10), (budget.Used, share.Used));
                },
                default, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            await read.WaitAsync();
            Assert.False(other.IsCompleted);
        }
        await other;
        Assert.Equal((0, 0), (budget.Used, share.Used));
    }

    [Fact]
    public async Task ManyThreadsStayWithinIt()
    {
        var budget = new MemoryBudget(100);
        var (used, most) = (0, 0);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            for (var i = 0; i < 500; i++)
            {
                var bytes = random.Next(1, 60);
                using var lease = budget.Take(bytes);
                var now = Interlocked.Add(ref used, bytes);
                InterlockedMax(ref most, now);
                Interlocked.Add(ref used, -bytes);
            }
        })));
        Assert.InRange(most, 1, 100);
        Assert.Equal(0, budget.Used);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (int seen; (seen = Volatile.Read(ref most)) < value;)
            Interlocked.CompareExchange(ref most, value, seen);
    }
}
