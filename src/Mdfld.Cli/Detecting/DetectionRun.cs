using Mdfld.Drawing;

namespace Mdfld.Cli.Detecting;

/// <summary>Looks at many pictures side by side and hands the results on in order.</summary>
/// <param name="model">Name of the model.</param>
/// <param name="detect">Finds the faces of a picture; called from several threads.</param>
/// <param name="sink">Takes the results.</param>
internal sealed class DetectionRun(string model, Func<Image, IReadOnlyList<Landmarks>> detect, DetectionSink sink)
{
    /// <summary>Folder for pictures with their landmarks drawn, or null.</summary>
    public string? Overlays { get; init; }

    /// <summary>What is drawn on them.</summary>
    public OverlayOptions? Overlay { get; init; }

    /// <summary>Pictures at a time.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>
    /// Runs to the end. A picture that fails is reported and passed over; an error of the output ends the run.
    /// </summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(PictureList pictures, DetectionProgress progress, CancellationToken stop)
    {
        var looks = InOrder.SelectAsync(pictures.NamedAsync(CancellationToken.None), Look, Workers, stop);
        try
        {
            await foreach (var look in looks)
            {
                stop.ThrowIfCancellationRequested();
                Report(look, progress);
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

    private void Report(Outcome look, DetectionProgress progress)
    {
        if (look.Error is not null)
        {
            progress.Fail(look.Error);
        }
        else if (look.Detection is not null)
        {
            sink.Add(look.Picture, look.Detection);
            progress.Add(look.Detection.Faces.Count);
        }
        else
        {
            sink.AddEarlier(look.Picture);
            progress.AddEarlier();
        }
    }

    private Outcome Look(Picture picture)
    {
        var overlay = Overlays is null ? null : Path.Combine(Overlays, picture.Name + ".overlay.png");
        if (sink.Has(picture) && (overlay is null || File.Exists(overlay)))
            return new Outcome(picture);
        Image image;
        IReadOnlyList<Landmarks> faces;
        try
        {
            image = picture.Load();
            faces = detect(image);
        }
        catch (Exception e) when (IsOfOnePicture(e))
        {
            var message = CommandLine.Describe(e);
            return new Outcome(
                picture, Error: message.Contains(picture.Title) ? message : $"{picture.Title}: {message}");
        }
        if (overlay is not null)
        {
            // Before the result: whose result is there has its picture, too.
            foreach (var face in faces)
                Drawing.Overlay.Draw(image, face, Overlay);
            WholeFile.Write(overlay, image.EncodePng());
        }
        return new Outcome(picture, new Detection(picture.Path, image.Width, image.Height, model, faces));
    }

    // A broken picture, or one of a format whose library is missing, wrong or too old: others may still be read.
    private static bool IsOfOnePicture(Exception e) => e
        is InvalidDataException or IOException or UnauthorizedAccessException or OutOfMemoryException
        or DllNotFoundException or EntryPointNotFoundException or BadImageFormatException;

    /// <summary>What became of a picture; neither result nor error: an earlier run has done it.</summary>
    private sealed record Outcome(Picture Picture, Detection? Detection = null, string? Error = null);
}
