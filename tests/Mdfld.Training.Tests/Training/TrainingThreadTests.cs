using Mdfld.Training;

namespace Mdfld.Tests.Training;

public sealed class TrainingThreadTests
{
    [Fact]
    public async Task WorkIsDoneInOrderOnOneThread()
    {
        using var thread = new TrainingThread();
        var order = new List<int>();
        var ids = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => thread.Run(() =>
        {
            order.Add(i);
            return Environment.CurrentManagedThreadId;
        })));
        Assert.Equal(Enumerable.Range(0, 20), order);
        Assert.Single(ids.Distinct());
        Assert.NotEqual(Environment.CurrentManagedThreadId, ids[0]);
    }

    [Fact]
    public async Task AnErrorReachesWhoAsked()
    {
        using var thread = new TrainingThread();
        var failed = thread.Run<int>(() => throw new InvalidOperationException("no"));
        Assert.Equal("no", (await Assert.ThrowsAsync<InvalidOperationException>(() => failed)).Message);
        Assert.Equal(3, await thread.Run(() => 3));
    }
}
