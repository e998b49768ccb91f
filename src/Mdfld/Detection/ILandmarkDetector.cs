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

    /// <inheritdoc cref="LandmarkDetector.DetectWhole"/>
    Landmarks DetectWhole(Picture picture, CancellationToken stop = default);

    /// <inheritdoc cref="LandmarkDetector.DetectAsync{T}"/>
    IAsyncEnumerable<DetectionResult<T>> DetectAsync<T>(
        IAsyncEnumerable<T> sources,
        Func<T, Picture?> load,
        Action<DetectionResult<T>>? completed = null,
        int parallelism = 0,
        CancellationToken stop = default);
}

/// <summary>What came of one picture of a stream: its faces, or why there are none.</summary>
/// <typeparam name="T">What the caller names pictures by.</typeparam>
/// <param name="Source">The picture, as the caller named it.</param>
/// <param name="Picture">Its pixels; null where it was passed over or could not be read.</param>
/// <param name="Faces">Those of the highest confidence first; empty where there are none, and after an error.</param>
/// <param name="Error">Why this picture failed; null where it did not.</param>
public sealed record DetectionResult<T>(T Source, Picture? Picture, Landmarks[] Faces, Exception? Error);
