using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mdfld;

/// <summary>Measurements and log of a detector: the meter "Mdfld" and a log.</summary>
internal sealed partial class DetectionTelemetry : IDisposable
{
    public const string MeterName = "Mdfld";

    private readonly Meter _meter;
    private readonly Counter<long> _pictures;
    private readonly Counter<long> _faces;
    private readonly Histogram<double> _find;
    private readonly Histogram<double> _landmarks;
    private readonly ILogger _log;

    public DetectionTelemetry(ILoggerFactory? logging, IMeterFactory? meters)
    {
        _log = logging?.CreateLogger<LandmarkDetector>() ?? (ILogger)NullLogger.Instance;
        _meter = meters?.Create(MeterName) ?? new Meter(MeterName);
        _pictures = _meter.CreateCounter<long>("mdfld.pictures", "{picture}", "Pictures searched for faces.");
        _faces = _meter.CreateCounter<long>("mdfld.faces", "{face}", "Faces whose landmarks were returned.");
        _find = _meter.CreateHistogram<double>("mdfld.find.duration", "s", "Time to find the faces of a picture.");
        _landmarks = _meter.CreateHistogram<double>(
            "mdfld.landmarks.duration", "s", "Time to find the landmarks of all faces of a picture.");
    }

    /// <summary>One picture is done.</summary>
    public void Picture(Picture picture, int candidates, int faces, long start, long found)
    {
        var (find, landmarks) = (Stopwatch.GetElapsedTime(start, found), Stopwatch.GetElapsedTime(found));
        _pictures.Add(1);
        _faces.Add(faces);
        _find.Record(find.TotalSeconds);
        _landmarks.Record(landmarks.TotalSeconds);
        LogPicture(picture.Width, picture.Height, candidates, faces, (find + landmarks).TotalMilliseconds);
    }

    /// <summary>One picture of a stream failed.</summary>
    public void Failure(object? source, Exception error) => LogFailure(source, error);

    // A factory's meter belongs to the factory; disposing it does nothing.
    public void Dispose() => _meter.Dispose();

    [LoggerMessage(1, LogLevel.Debug,
        "{Width} x {Height} pixels: {Faces} faces of {Candidates} candidates in {Milliseconds:0.0} ms")]
    private partial void LogPicture(int width, int height, int candidates, int faces, double milliseconds);

    [LoggerMessage(2, LogLevel.Warning, "{Source} failed")]
    private partial void LogFailure(object? source, Exception error);
}
