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
