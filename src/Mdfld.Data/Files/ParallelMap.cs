using System.Runtime.ExceptionServices;

namespace Mdfld.Data;

/// <summary>The same work on many things, several at a time; what fails first is thrown as itself.</summary>
public static class ParallelMap
{
    /// <summary>Does something for every number below <paramref name="count"/>.</summary>
    /// <param name="count">How often.</param>
    /// <param name="work">Is called from several threads.</param>
    /// <param name="workers">At most so many at a time; -1: as the thread pool likes.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was told to stop.</exception>
    public static void For(int count, Action<int> work, int workers = -1, CancellationToken stop = default)
    {
        try
        {
            Parallel.For(
                0, count, new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = stop }, work);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    /// <summary>Makes something of every item, in their order.</summary>
    /// <inheritdoc cref="For"/>
    /// <param name="items">What it is made of.</param>
    /// <param name="work">Is called from several threads.</param>
    /// <param name="workers">At most so many at a time; -1: as the thread pool likes.</param>
    /// <param name="stop">Ends it.</param>
    public static TResult[] Select<T, TResult>(
        IReadOnlyList<T> items, Func<T, TResult> work, int workers = -1, CancellationToken stop = default)
    {
        var results = new TResult[items.Count];
        For(items.Count, i => results[i] = work(items[i]), workers, stop);
        return results;
    }

    /// <summary>Reads every item, in their order, but for those that are broken or missing.</summary>
    /// <param name="items">What is read.</param>
    /// <param name="read">Is called from several threads.</param>
    /// <param name="path">Where they are from, for the error.</param>
    /// <param name="onBad">Told why each is left out, in their order; null leaves none out.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="InvalidDataException">Some are wrong and none may be left out: all are listed.</exception>
    /// <exception cref="OperationCanceledException">It was told to stop.</exception>
    public static TResult[] SelectSound<T, TResult>(
        IReadOnlyList<T> items, Func<T, TResult> read, string path, Action<string>? onBad,
        CancellationToken stop = default)
    {
        var results = Select(items, Try, stop: stop);
        var problems = new ProblemList();
        foreach (var (_, problem) in results)
        {
            if (problem is not null)
                (onBad ?? problems.Add)(problem);
        }
        return problems.Count > 0 ? throw problems.Error(path)
            : [.. results.Where(r => r.Problem is null).Select(r => r.Result!)];

        (TResult? Result, string? Problem) Try(T item)
        {
            try
            {
                return (read(item), null);
            }
            catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                return (default, e.Message);
            }
        }
    }
}
