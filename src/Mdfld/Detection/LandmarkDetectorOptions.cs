using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Mdfld;

/// <summary>How a detector runs.</summary>
public sealed record LandmarkDetectorOptions
{
    /// <summary>
    /// Threads that share the work on one call; 0 takes one a core. Where many calls run side by side, as in
    /// <see cref="LandmarkDetector.DetectAsync(IEnumerable{string}, int, CancellationToken)"/>, 1 is fastest.
    /// </summary>
    public int Threads { get; init; }

    /// <summary>
    /// Most looks at each face found: every further one is cut upright round the landmarks of the one before. A face
    /// whose square no longer moves is not looked at again.
    /// </summary>
    public int Passes { get; init; } = 4;

    /// <summary>
    /// Whether every look is at the mirror image as well, and the mean is taken: a little more accurate (real-val
    /// 2.99 to 2.95 % NME), at twice the time.
    /// </summary>
    public bool Mirror { get; init; }

    /// <summary>
    /// Faces that <see cref="LandmarkDetector.Detect(Image, CancellationToken)"/> finds with less
    /// <see cref="Landmarks.Confidence"/> are left out; 0 keeps all, null takes what the model's file says.
    /// </summary>
    public float? Threshold { get; init; }

    /// <summary>The .onnx file that finds faces; null takes the library's own.</summary>
    public string? FinderFile { get; init; }

    /// <summary>How faces are looked for; null takes the defaults and <see cref="Threads"/>.</summary>
    public FaceFinderOptions? Finder { get; init; }

    /// <summary>Where a line for each picture goes, at the level Debug; failures of streams are Warnings.</summary>
    public ILoggerFactory? Logging { get; init; }

    /// <summary>Makes the meter "Mdfld"; null makes one that every listener of that name hears.</summary>
    public IMeterFactory? Meters { get; init; }

    internal FaceFinderOptions FinderOptions => Finder ?? new FaceFinderOptions { Threads = Threads };

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Threads);
        ArgumentOutOfRangeException.ThrowIfLessThan(Passes, 1);
        if (!(Threshold is null or (>= 0 and <= 1)))
            throw new ArgumentOutOfRangeException(
                nameof(Threshold), Threshold, $"{nameof(Threshold)} is {Threshold}, expected a confidence from 0 to 1");
        FinderOptions.Check();
    }
}
