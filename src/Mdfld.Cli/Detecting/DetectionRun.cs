namespace Mdfld.Cli.Detecting;

/// <summary>Detects the faces of many pictures, several at a time, and hands the results on in order.</summary>
/// <param name="detector">Detects the faces.</param>
/// <param name="sink">Takes the results.</param>
internal sealed class DetectionRun(ILandmarkDetector detector, DetectionSink sink)
{
    /// <summary>Folder for pictures with their landmarks drawn, or null.</summary>
    public string? Overlays { get; init; }

    /// <summary>What is drawn on them.</summary>
    public Overlay? Overlay { get; init; }

    /// <summary>Pictures at a time.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>
    /// Runs to the end. A picture that fails is reported and passed over; an error of the output ends the run.
    /// </summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(PictureList pictures, DetectionProgress progress, CancellationToken stop)
    {
        var results = detector.DetectAsync(
            pictures.NamedAsync(CancellationToken.None), Load, SaveOverlay, Workers, stop);
        try
        {
            await foreach (var result in results)
            {
                stop.ThrowIfCancellationRequested();
                Report(result, progress);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return CommandLine.Interrupted;
        }
        sink.Complete();
        if (progress.Failed > 0 && pictures.Count != 1)
            progress.Say($"{progress.Failed} of {progress.Failed + progress.Finished} pictures failed");
        return progress.Failed > 0 ? CommandLine.Failed : 0;
    }

    /// <summary>Null where an earlier run has done the picture.</summary>
    private Picture? Load(PictureInput input) =>
        sink.Has(input) && (Overlays is null || File.Exists(OverlayOf(input))) ? null : input.Load();

    // On the worker's thread, and before the result is written: whose result is there has its picture, too.
    private void SaveOverlay(DetectionResult<PictureInput> result)
    {
        if (Overlays is null || Overlay is null || result.Picture is not { } picture)
            return;
        var drawn = picture.Clone();
        Overlay.Draw(drawn, result.Faces);
        AtomicFile.Write(OverlayOf(result.Source), drawn.EncodePng());
    }

    private string OverlayOf(PictureInput input) => Path.Combine(Overlays!, input.Name + ".overlay.png");

    private void Report(DetectionResult<PictureInput> result, DetectionProgress progress)
    {
        if (result.Error is { } error)
        {
            if (!IsOfOnePicture(error) || (result.Picture is not null && error is IOException))
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
            var (title, message) = (result.Source.Title, CommandLine.Describe(error));
            progress.Fail(message.Contains(title) ? message : $"{title}: {message}");
        }
        else if (result.Picture is not null)
        {
            sink.Add(result);
            progress.Add(result.Faces.Length);
        }
        else
        {
            sink.AddEarlier(result.Source);
            progress.AddEarlier();
        }
    }

    // A broken picture: others may still be read.
    private static bool IsOfOnePicture(Exception e) => e
        is InvalidDataException or IOException or UnauthorizedAccessException or OutOfMemoryException;
}
