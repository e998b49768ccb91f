using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Mdfld;

/// <summary>Detects faces and their landmarks. <see cref="LandmarkDetector"/> does; tests may have another.</summary>
public interface ILandmarkDetector : IDisposable
{
    /// <summary>What the points mean.</summary>
    LandmarkScheme Scheme { get; }

    /// <inheritdoc cref="LandmarkDetector.Detect(Picture, CancellationToken)"/>
    Landmarks[] Detect(Picture picture, CancellationToken stop = default);

    /// <inheritdoc cref="LandmarkDetector.Detect(Picture, FaceBox, CancellationToken)"/>
    Landmarks Detect(Picture picture, FaceBox box, CancellationToken stop = default);

    /// <inheritdoc cref="LandmarkDetector.DetectSingle"/>
    Landmarks DetectSingle(Picture picture, CancellationToken stop = default);

    /// <inheritdoc cref="LandmarkDetector.DetectAsync{T}"/>
    IAsyncEnumerable<DetectionResult<T>> DetectAsync<T>(
        IAsyncEnumerable<T> sources,
        Func<T, Picture?> load,
        Action<DetectionResult<T>>? completed = null,
        int parallelism = 0,
        CancellationToken stop = default);
}

/// <summary>The result of one picture of a stream: its faces, or its error.</summary>
/// <typeparam name="T">What the caller names pictures by.</typeparam>
/// <param name="Source">The picture, as the caller named it.</param>
/// <param name="Picture">Its pixels; null where it was skipped or could not be read.</param>
/// <param name="Faces">Those of the highest confidence first; empty where there are none, and after an error.</param>
/// <param name="Error">Why this picture failed; null where it did not.</param>
public sealed record DetectionResult<T>(T Source, Picture? Picture, Landmarks[] Faces, Exception? Error);

/// <summary>Work on a stream of items, several at a time, with the results in the items' order.</summary>
internal static class DetectionStream
{
    /// <summary>
    /// At most <paramref name="workers"/> items are worked on at once, and twice as many have begun and are not yet
    /// read: memory does not depend on how many items there are. A reader that stops early has waited for all that was
    /// begun.
    /// </summary>
    /// <param name="items">Read as they are needed.</param>
    /// <param name="work">Called from several threads. What it throws comes instead of its result.</param>
    /// <param name="workers">At least 1.</param>
    /// <param name="stop">Begins nothing more; what was begun still comes.</param>
    public static async IAsyncEnumerable<TResult> SelectAsync<T, TResult>(
        IAsyncEnumerable<T> items,
        Func<T, TResult> work,
        int workers,
        [EnumeratorCancellation] CancellationToken stop = default)
    {
        var begun = Channel.CreateBounded<Task<TResult>>(2 * workers);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var feeding = FeedAsync(items, work, workers, begun.Writer, ended.Token);
        try
        {
            await foreach (var result in begun.Reader.ReadAllAsync(CancellationToken.None))
                yield return await result;
            await feeding;
        }
        finally
        {
            await ended.CancelAsync();
            await feeding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (begun.Reader.TryRead(out var unread))
                await ((Task)unread).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task FeedAsync<T, TResult>(
        IAsyncEnumerable<T> items,
        Func<T, TResult> work,
        int workers,
        ChannelWriter<Task<TResult>> begun,
        CancellationToken stop)
    {
        var free = new SemaphoreSlim(workers);
        try
        {
            await foreach (var item in items.WithCancellation(stop))
            {
                await free.WaitAsync(stop);
                // Only this method writes, so that the room it waits for stays free: nothing begun is lost.
                await begun.WaitToWriteAsync(stop);
                begun.TryWrite(Task.Run(() => Work(item), CancellationToken.None));
            }
        }
        finally
        {
            begun.Complete();
        }

        TResult Work(T item)
        {
            try
            {
                return work(item);
            }
            finally
            {
                free.Release();
            }
        }
    }
}
