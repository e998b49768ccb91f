using Mdfld.Cli.Detecting;
using Mdfld.Diffusion.Synthesis;

namespace Mdfld.Cli.Generating;

/// <summary>Makes the samples of one shard in parallel and writes each as it is done.</summary>
/// <param name="generator">Makes a sample; called from several threads.</param>
/// <param name="writer">Writes it.</param>
/// <param name="shard">The samples.</param>
internal sealed class GenerationRun(SampleGenerator generator, SampleWriter writer, DatasetShard shard)
{
    /// <summary>Samples at a time.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>What messages call the folder.</summary>
    public required string Folder { get; init; }

    /// <summary>Runs to the end of the shard; the last shard to end completes the data set.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(
        DatasetSettings settings, StyleBook book, GenerationProgress progress, CancellationToken stop)
    {
        var (earlier, wanted) = (0, new List<(Style Style, int Index)>());
        foreach (var sample in shard.Samples())
        {
            if (writer.Has(sample.Style, sample.Index))
                earlier++;
            else
                wanted.Add(sample);
        }
        progress.AddEarlier(earlier);
        try
        {
            var made = OrderedParallel.SelectAsync(
                wanted.ToAsyncEnumerable(), s => generator.Make(s.Style, s.Index), Workers, stop);
            await foreach (var (record, png) in made)
            {
                writer.Add(record, png);
                progress.Add(record);
                stop.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            progress.Note($"stopped; {progress.Finished} samples are done, --resume goes on");
            return CommandLine.Interrupted;
        }
        var (records, missing) = writer.Complete(settings, book);
        if (records is null)
        {
            progress.Note($"this shard is done; {missing} samples of others are still to come");
            return 0;
        }
        var kept = records.Count(r => r.Picture is not null);
        progress.Note(
            $"{Folder}: {kept} pairs in {records.DistinctBy(r => r.Style).Count()} styles, "
            + $"{records.Sum(r => r.Attempt)} made again, {records.Count - kept} given up");
        if (records.GroupBy(r => r.Style).FirstOrDefault(g => g.All(r => r.Picture is null)) is not { } empty)
            return 0;
        progress.Say($"no pair of {empty.Key} passed the check of {settings.CheckThreshold} % (--check-threshold)");
        return CommandLine.Failed;
    }
}
