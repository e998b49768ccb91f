using Mdfld.Generation.Dataset;

namespace Mdfld.Cli.Commands;

/// <summary>Makes the samples of one shard, several at a time, and stores each as it is done.</summary>
internal sealed class GenerationRun(SampleGenerator generator, SampleWriter writer, DatasetShard shard)
{
    // Samples until annotations, sheets and card are written for the first time; then whenever there are twice as many.
    private const int FirstShown = 25;

    public int Workers { get; init; } = 1;

    /// <summary>What messages call the folder.</summary>
    public required string Folder { get; init; }

    /// <summary>Runs to the end of the shard; the last shard to end completes the data set.</summary>
    public async Task<int> RunAsync(
        DatasetSettings settings, StyleBook book, GenerationProgress progress, CancellationToken stop)
    {
        var (earlier, missing) = (0, new List<(Style Style, int Index)>());
        var (storing, showing) = (new Lock(), new Lock());
        foreach (var sample in shard.Samples())
        {
            if (writer.Has(sample.Style, sample.Index))
                earlier++;
            else
                missing.Add(sample);
        }
        progress.AddEarlier(earlier);
        var (added, show) = (0, FirstShown);
        try
        {
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = Workers, CancellationToken = stop };
            await Parallel.ForEachAsync(missing, parallel, (sample, _) =>
            {
                var (record, png) = generator.Make(sample.Style, sample.Index);
                bool isDue;
                lock (storing)
                {
                    writer.Add(record, png);
                    progress.Add(record);
                    isDue = ++added == show;
                    if (isDue)
                        show *= 2;
                }
                // Meanwhile the other threads go on.
                if (isDue)
                {
                    lock (showing)
                        writer.ShowProgress(settings, book);
                }
                return ValueTask.CompletedTask;
            });
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            writer.ShowProgress(settings, book);
            progress.Note($"stopped; {progress.Completed} samples are done, --resume goes on");
            return ExitCode.Interrupted;
        }
        var (records, others) = writer.Complete(settings, book);
        if (records is null)
        {
            progress.Note($"this shard is done; {others} samples of others are still to come");
            return 0;
        }
        var kept = records.Count(r => r.Picture is not null);
        progress.Note(
            $"{Folder}: {kept} pairs in {records.DistinctBy(r => r.Style).Count()} styles, "
            + $"{records.Sum(r => r.Attempt)} made again, {records.Count - kept} given up");
        if (records.GroupBy(r => r.Style).FirstOrDefault(g => g.All(r => r.Picture is null)) is not { } empty)
            return 0;
        progress.Say($"no pair of {empty.Key} passed the check (--check, --check-threshold)");
        return ExitCode.Failed;
    }
}

internal sealed class GenerationProgress(TextWriter error, int total) : RunProgress(error, "pairs", total)
{
    private int _kept;
    private int _rejected;

    protected override string Counts => string.Create(
        CultureInfo.InvariantCulture,
        $"{Seen}{OfTotal}, {_kept / Elapsed.TotalMinutes:0} pairs/min, {_kept} kept, {_rejected} rejected");

    public void Add(SampleRecord record)
    {
        _kept += record.Picture is null ? 0 : 1;
        _rejected += record.Attempt + (record.Picture is null ? 1 : 0);
        Add();
    }
}
