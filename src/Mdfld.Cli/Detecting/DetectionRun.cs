using System.Globalization;
using System.Runtime.ExceptionServices;

namespace Mdfld.Cli.Detecting;

/// <summary>Detects the faces of many pictures, several at a time, and hands the results on in order.</summary>
internal sealed class DetectionRun(ILandmarkDetector detector, DetectionSink sink)
{
    // All of the head, large enough for the networks that take faces.
    private const int CropSize = 256;
    private const float CropMargin = 0.25f;

    private IReadOnlySet<string> _inputs = new HashSet<string>();

    /// <summary>Folder for pictures with their landmarks drawn, or null.</summary>
    public string? Overlays { get; init; }

    /// <summary>Folder for each face upright in a picture of its own, or null.</summary>
    public string? Crops { get; init; }

    /// <summary>What is drawn on them.</summary>
    public Overlay? Overlay { get; init; }

    /// <summary>True where these pictures may replace others; one that is read is never replaced.</summary>
    public bool Replaces { get; init; }

    /// <summary>Pictures, by the names of their results, whose crops an earlier run wrote and this one replaces.</summary>
    public IReadOnlyList<string> Replaced { get; init; } = [];

    /// <summary>Which of the faces found are results.</summary>
    public FaceChoice Choice { get; init; }

    /// <summary>The largest width x height of a picture.</summary>
    public long MaxPixels { get; init; } = Picture.DefaultMaxPixels;

    /// <summary>Pictures at a time.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>
    /// Runs to the end. A picture that fails is reported and passed over; an error of the output ends the run.
    /// </summary>
    public async Task<int> RunAsync(PictureList pictures, DetectionProgress progress, CancellationToken stop)
    {
        foreach (var folder in pictures.Unread)
            progress.Say(folder);
        _inputs = pictures.Known.Select(Path.GetFullPath).ToHashSet(StringComparer.Ordinal);
        foreach (var name in Replaced)
            RemoveCrops(name, 0);
        var results = detector.DetectAsync(
            pictures.NamedAsync(CancellationToken.None), Load, SavePictures, Workers, stop);
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
            return ExitCode.Interrupted;
        }
        sink.Complete();
        return progress.Failed > 0 || pictures.Unread.Count > 0 ? ExitCode.Failed : 0;
    }

    /// <summary>Null where an earlier run has done the picture.</summary>
    private Picture? Load(PictureInput input)
    {
        var picture = input.Load(MaxPixels);
        var isDone = sink.Has(input)
            && (Overlays is null || File.Exists(OverlayOf(input)))
            // A picture without a face has no crop, and is done again.
            && (Crops is null || File.Exists(CropOf(input.Name, 0)));
        return isDone ? null : picture;
    }

    // On the worker's thread, and before the result is written: where a result is, its pictures are, too.
    private void SavePictures(DetectionResult<PictureInput> result)
    {
        if (result.Picture is not { } picture)
            return;
        var faces = Choice.Of(result.Faces).Kept;
        if (Crops is not null)
        {
            // A broken model's points that are all one give no crop.
            foreach (var (number, face) in faces.Index().Where(f => f.Item.Box.Width > 0))
            {
                var crop = face.Align(picture, CropSize, CropMargin);
                Save(CropOf(result.Source.Name, number), crop);
            }
            RemoveCrops(result.Source.Name, faces.Length);
        }
        if (Overlays is null || Overlay is null)
            return;
        // The pixels are not needed any more.
        Overlay.Draw(picture, faces);
        Save(OverlayOf(result.Source), picture);
    }

    private void Save(string path, Picture picture) =>
        InputFiles.Write(path, picture.EncodePng(), _inputs, Replaces);

    /// <summary>
    /// Removes a picture's crops that an earlier run wrote, where it may: from a number on what has their name and size.
    /// </summary>
    private void RemoveCrops(string name, int face)
    {
        while (Crops is not null && Replaces && CropOf(name, face++) is var path && IsCrop(path))
            File.Delete(path);
    }

    private bool IsCrop(string path)
    {
        try
        {
            return !_inputs.Contains(Path.GetFullPath(path)) && File.Exists(path)
                && Picture.Open(path) is { Width: CropSize, Height: CropSize };
        }
        catch (Exception e) when (IsOfOnePicture(e))
        {
            return false;
        }
    }

    private string CropOf(string picture, int face) => Path.Combine(Crops!, $"{picture}.{face}.png");

    private string OverlayOf(PictureInput input) => Path.Combine(Overlays!, input.Name + DetectionSink.OverlayEnding);

    private void Report(DetectionResult<PictureInput> result, DetectionProgress progress)
    {
        if (result.Error is { } error)
        {
            if (!IsOfOnePicture(error) || (result.Picture is not null && error is IOException))
                ExceptionDispatchInfo.Throw(error);
            var (title, message) = (result.Source.Title, ErrorText.Of(error));
            progress.Fail(message.Contains(title) ? message : $"{title}: {message}");
        }
        else if (result.Picture is not null)
        {
            var chosen = Choice.Of(result.Faces);
            sink.Add(result with { Faces = chosen.Kept });
            progress.Add(result.Source.Title, result.Picture, chosen);
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
